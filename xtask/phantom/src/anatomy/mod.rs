//! The phantom person, 0 to 300 mm from the dome of the diaphragm to the vertex, as ellipses per
//! axial plane. Everything varies smoothly along z, so that scrolling looks like scrolling.

mod chest;
mod head;
mod neck;

/// Height of the phantom.
pub(crate) const HEIGHT_MM: f32 = 300.0;

/// Hounsfield units of tissues.
pub(crate) mod hu {
    pub(crate) const AIR: f32 = -1000.0;
    pub(crate) const LUNG: f32 = -860.0;
    pub(crate) const FAT: f32 = -100.0;
    pub(crate) const WATER: f32 = 5.0;
    pub(crate) const WHITE_MATTER: f32 = 28.0;
    pub(crate) const GREY_MATTER: f32 = 39.0;
    pub(crate) const MUSCLE: f32 = 52.0;
    pub(crate) const LIVER: f32 = 65.0;
    pub(crate) const THYROID: f32 = 115.0;
    pub(crate) const VESSEL: f32 = 210.0;
    pub(crate) const SPONGY_BONE: f32 = 250.0;
    pub(crate) const BONE: f32 = 900.0;
    pub(crate) const TOOTH: f32 = 2200.0;
    pub(crate) const TABLE: f32 = -250.0;
}

/// An ellipse in an axial plane, x to the left and y to the back of the patient.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Ellipse {
    pub(crate) center_mm: [f32; 2],
    pub(crate) radii_mm: [f32; 2],
    pub(crate) hu: f32,
}

/// Ellipses of one plane; later ones cover earlier ones.
#[derive(Debug, Default)]
pub(crate) struct Plane(Vec<Ellipse>);

impl Plane {
    pub(crate) fn ellipses(&self) -> &[Ellipse] {
        &self.0
    }

    fn add(&mut self, center_mm: [f32; 2], radii_mm: [f32; 2], hu: f32) {
        if radii_mm[0] > 0.0 && radii_mm[1] > 0.0 {
            self.0.push(Ellipse { center_mm, radii_mm, hu });
        }
    }

    fn disc(&mut self, center_mm: [f32; 2], radius_mm: f32, hu: f32) {
        self.add(center_mm, [radius_mm; 2], hu);
    }

    /// On both sides of the body.
    fn pair(&mut self, [x, y]: [f32; 2], radii_mm: [f32; 2], hu: f32) {
        self.add([x, y], radii_mm, hu);
        self.add([-x, y], radii_mm, hu);
    }

    /// The cut of an ellipsoid at height `z`.
    fn ellipsoid(&mut self, z: f32, center_mm: [f32; 3], radii_mm: [f32; 3], hu: f32) {
        let scale = cut(z, center_mm[2], radii_mm[2]);
        self.add([center_mm[0], center_mm[1]], [radii_mm[0] * scale, radii_mm[1] * scale], hu);
    }

    /// The value at a point: that of the last ellipse that covers it.
    pub(crate) fn sample(&self, [x, y]: [f32; 2]) -> f32 {
        let covers = |e: &&Ellipse| {
            let [dx, dy] =
                [(x - e.center_mm[0]) / e.radii_mm[0], (y - e.center_mm[1]) / e.radii_mm[1]];
            dx * dx + dy * dy <= 1.0
        };
        self.0.iter().rev().find(covers).map_or(hu::AIR, |ellipse| ellipse.hu)
    }
}

/// Everything at height `z_mm`; `with_table` adds the table the patient lies on.
pub(crate) fn plane(z_mm: f32, with_table: bool) -> Plane {
    let mut plane = Plane::default();
    if with_table {
        table(&mut plane);
    }
    chest::add(&mut plane, z_mm);
    neck::add(&mut plane, z_mm);
    spine(&mut plane, z_mm);
    head::add(&mut plane, z_mm);
    plane
}

fn table(plane: &mut Plane) {
    plane.add([0.0, 118.0], [185.0, 46.0], hu::TABLE);
    plane.add([0.0, 117.0], [181.0, 43.0], hu::AIR + 30.0);
    // Its upper face is hollow: the patient lies in it.
    plane.add([0.0, 92.0], [190.0, 42.0], hu::TABLE);
    plane.add([0.0, 88.0], [190.0, 42.0], hu::AIR);
}

/// How much of its largest cut an ellipsoid has at height `z`; 0 outside.
fn cut(z: f32, center: f32, radius: f32) -> f32 {
    (1.0 - ((z - center) / radius).powi(2)).max(0.0).sqrt()
}

/// 0 before `from`, 1 after `to`, smooth between.
fn smooth(z: f32, from: f32, to: f32) -> f32 {
    let t = ((z - from) / (to - from)).clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}

/// From `a` to `b` while z goes from `from` to `to`.
fn blend(z: f32, from: f32, to: f32, a: f32, b: f32) -> f32 {
    a + (b - a) * smooth(z, from, to)
}

/// From the chest to the skull; slimmer and further in front on the way up.
fn spine(plane: &mut Plane, z: f32) {
    if z < 208.0 {
        let at = [0.0, blend(z, 95.0, 185.0, 52.0, 20.0)];
        vertebra(plane, z, at, blend(z, 110.0, 175.0, 17.0, 10.5), 20.0);
    }
}

/// Where the windpipe lies: it comes forward on the way up.
fn windpipe_y_mm(z: f32) -> f32 {
    blend(z, 92.0, 175.0, 12.0, -20.0)
}

/// A vertebra with its canal, or the disc between two of them.
fn vertebra(plane: &mut Plane, z: f32, [x, y]: [f32; 2], radius_mm: f32, height_mm: f32) {
    let phase = z.rem_euclid(height_mm) / height_mm;
    let [canal_y, arch_y] = [y + radius_mm * 1.35, y + radius_mm * 1.5];
    let arch = cut(phase, 0.55, 0.42);
    plane.add([x, arch_y], [radius_mm * 1.05 * arch, radius_mm * 0.75 * arch], hu::BONE);
    plane.add(
        [x, y + radius_mm * 2.2],
        [radius_mm * 0.22 * arch, radius_mm * 0.8 * arch],
        hu::BONE,
    );
    for side in [-1.0, 1.0] {
        let wing = [x + side * radius_mm * 1.3, y + radius_mm * 1.3];
        plane.add(wing, [radius_mm * 0.8 * arch, radius_mm * 0.28 * arch], hu::BONE);
    }
    if phase < 0.2 {
        plane.add([x, y], [radius_mm, radius_mm * 0.85], 95.0);
    } else {
        plane.add([x, y], [radius_mm * 1.05, radius_mm * 0.9], hu::BONE * 0.75);
        plane.add([x, y], [radius_mm * 0.9, radius_mm * 0.76], hu::SPONGY_BONE);
    }
    plane.add([x, canal_y], [radius_mm * 0.62, radius_mm * 0.5], hu::WATER + 15.0);
    plane.add([x, canal_y], [radius_mm * 0.38, radius_mm * 0.3], hu::GREY_MATTER);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn organs_are_where_they_belong() {
        let at = |z, point| plane(z, true).sample(point);
        assert_eq!(at(70.0, [-80.0, 0.0]), hu::LUNG, "right lung");
        assert_eq!(at(5.0, [-70.0, 0.0]), hu::LIVER, "liver on the right");
        assert_eq!(at(45.0, [38.0, -20.0]), hu::VESSEL + 40.0, "heart on the left");
        assert_eq!(at(45.0, [-60.0, -20.0]), hu::LUNG, "lung on the right");
        assert_eq!(at(260.0, [14.0, -8.0]), hu::WATER, "left ventricle of the brain");
        assert_eq!(at(222.0, [32.0, -72.0]), hu::WATER + 8.0, "left eye, in front");
        assert_eq!(at(160.0, [0.0, -14.0]), hu::AIR, "windpipe");
        assert_eq!(at(150.0, [190.0, -150.0]), hu::AIR, "beside the neck");
    }

    #[test]
    fn the_vertex_closes() {
        assert_eq!(plane(300.0, false).sample([0.0, 0.0]), hu::AIR);
        assert_ne!(plane(294.0, false).sample([0.0, 0.0]), hu::AIR);
    }
}
