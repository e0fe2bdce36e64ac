use super::{Plane, blend, cut, hu, smooth, windpipe_y_mm};

/// Top of the chest.
const TOP_MM: f32 = 172.0;
/// Height of the hila, where the lung vessels begin.
const HILUM_MM: f32 = 82.0;
/// Distance of ribs along the spine.
const RIB_DISTANCE_MM: f32 = 24.0;
/// How far a rib sinks from back to front.
const RIB_SINK_MM: f32 = 62.0;

pub(super) fn add(plane: &mut Plane, z: f32) {
    if z > TOP_MM {
        return;
    }
    body(plane, z);
    lungs(plane, z);
    below_diaphragm(plane, z);
    lung_vessels(plane, z);
    ribs(plane, z);
    shoulders(plane, z);
    mediastinum(plane, z);
    heart(plane, z);
    great_vessels(plane, z);
    airways(plane, z);
    sternum(plane, z);
}

/// Half width and half depth of the chest wall.
fn wall(z: f32) -> [f32; 2] {
    [blend(z, 0.0, 100.0, 148.0, 158.0), blend(z, 20.0, 130.0, 106.0, 92.0)]
}

fn body(plane: &mut Plane, z: f32) {
    let [width, depth] = wall(z);
    let neck = smooth(z, 128.0, TOP_MM);
    let width = width + 26.0 * smooth(z, 95.0, 128.0);
    let [width, depth] = [width + (64.0 - width) * neck, depth + (66.0 - depth) * neck];
    plane.add([0.0, 0.0], [width, depth], 20.0);
    plane.add([0.0, 0.0], [width - 2.0, depth - 2.0], hu::FAT);
    plane.add([0.0, 1.0], [width - 14.0, depth - 10.0], hu::MUSCLE);
}

/// Share of their largest cut that the lungs have.
fn lung_cut(z: f32) -> f32 {
    if z < 60.0 { 1.0 } else { cut(z, 60.0, 92.0) }
}

fn lungs(plane: &mut Plane, z: f32) {
    let size = lung_cut(z);
    let x = 70.0 - 22.0 * (1.0 - size);
    plane.pair([x, 4.0], [59.0 * size, 79.0 * size.sqrt()], hu::LUNG);
    // The nodule that a tired reader must not miss.
    plane.ellipsoid(z, [-96.0, -22.0, 104.0], [5.0, 4.5, 4.5], 35.0);
}

fn below_diaphragm(plane: &mut Plane, z: f32) {
    plane.ellipsoid(z, [-70.0, 2.0, -22.0], [66.0, 84.0, 56.0], hu::MUSCLE);
    plane.ellipsoid(z, [-70.0, 2.0, -22.0], [63.0, 81.0, 53.0], hu::LIVER);
    for (x, y) in [(-82.0, -20.0), (-60.0, 15.0), (-95.0, 25.0)] {
        plane.ellipsoid(z, [x, y, -12.0], [4.0, 7.0, 30.0], 150.0);
    }
    plane.ellipsoid(z, [70.0, 6.0, -26.0], [62.0, 78.0, 52.0], hu::MUSCLE);
    plane.ellipsoid(z, [60.0, -22.0, -18.0], [34.0, 28.0, 34.0], 10.0);
    plane.ellipsoid(z, [58.0, -36.0, -10.0], [18.0, 9.0, 22.0], hu::AIR);
    plane.ellipsoid(z, [88.0, 38.0, -16.0], [24.0, 30.0, 34.0], 110.0);
}

/// Vessels run from the hila outwards and away from its height, thinner on the way.
fn lung_vessels(plane: &mut Plane, z: f32) {
    let size = lung_cut(z);
    for vessel in 0..14_u8 {
        let number = f32::from(vessel);
        let angle = number * 2.399_963;
        let slope = 0.35 + 0.11 * (number % 5.0);
        let away = (z - HILUM_MM).abs() * slope + 6.0 + number * 1.6;
        let radius = 4.6 - away * 0.055;
        let [x, y] = [58.0 + away * angle.cos() * 0.8, 4.0 + away * angle.sin()];
        let inside = ((x - 70.0) / (57.0 * size)).powi(2) + ((y - 4.0) / (76.0 * size)).powi(2);
        if radius > 0.5 && inside < 1.0 {
            plane.pair([x, y], [radius, radius * 0.85], 40.0);
            plane.pair([x + radius * 2.2, y], [radius * 0.5, radius * 0.5], hu::AIR + 20.0);
        }
    }
}

/// A rib sinks from the spine to the breastbone, so a plane cuts it at an angle that moves with z.
fn ribs(plane: &mut Plane, z: f32) {
    let [width, depth] = wall(z.min(118.0));
    let narrowing = 1.0 - 0.55 * smooth(z, 105.0, 160.0);
    for rib in -1..9_i8 {
        let at_spine = 8.0 + f32::from(rib) * RIB_DISTANCE_MM;
        let along = (at_spine - z) / RIB_SINK_MM;
        if (0.04..0.96).contains(&along) && at_spine < 178.0 {
            let angle = along * std::f32::consts::PI;
            let [x, y] = [
                (width - 17.0) * narrowing * angle.sin(),
                (depth - 13.0) * (0.35 + 0.65 * narrowing) * angle.cos() + 2.0,
            ];
            let slanted = 4.0 + 5.5 * angle.sin();
            plane.pair([x.max(14.0), y], [4.4 + 3.0 * angle.cos().abs(), slanted], hu::BONE);
            plane.pair([x.max(14.0), y], [2.4 + 2.0 * angle.cos().abs(), slanted - 2.2], 280.0);
        }
    }
}

fn shoulders(plane: &mut Plane, z: f32) {
    // Shoulder blades, then the heads of the upper arms, then the collar bones.
    let blade = cut(z, 95.0, 48.0);
    plane.pair([98.0 + 0.25 * (z - 95.0), 66.0], [30.0 * blade, 4.0 * blade], hu::BONE);
    let arm = cut(z, 122.0, 24.0);
    plane.pair([152.0, 12.0], [23.0 * arm, 24.0 * arm], hu::BONE);
    plane.pair([152.0, 12.0], [20.0 * arm, 21.0 * arm], hu::SPONGY_BONE + 60.0);
    for step in 0..24_u8 {
        let along = f32::from(step) / 23.0;
        let height = 128.0 + 14.0 * along;
        let radius = 6.0 * cut(z, height, 6.0);
        plane.pair(
            [14.0 + 112.0 * along, -62.0 + 44.0 * along * along],
            [radius, radius],
            hu::BONE,
        );
    }
}

fn mediastinum(plane: &mut Plane, z: f32) {
    if z < 150.0 {
        let width = blend(z, 60.0, 130.0, 30.0, 26.0);
        plane.add([2.0, 0.0], [width, 68.0 - 0.18 * z], hu::FAT + 30.0);
    }
}

fn heart(plane: &mut Plane, z: f32) {
    plane.ellipsoid(z, [22.0, -24.0, 40.0], [57.0, 46.0, 44.0], hu::FAT);
    plane.ellipsoid(z, [22.0, -24.0, 40.0], [54.0, 43.0, 42.0], 120.0);
    // Chambers with contrast medium.
    plane.ellipsoid(z, [46.0, -14.0, 30.0], [20.0, 15.0, 26.0], hu::VESSEL + 40.0);
    plane.ellipsoid(z, [8.0, -40.0, 32.0], [26.0, 13.0, 24.0], hu::VESSEL + 90.0);
    plane.ellipsoid(z, [4.0, 4.0, 54.0], [26.0, 13.0, 18.0], hu::VESSEL + 20.0);
    plane.ellipsoid(z, [-22.0, -24.0, 44.0], [14.0, 20.0, 24.0], hu::VESSEL + 80.0);
}

fn great_vessels(plane: &mut Plane, z: f32) {
    if (62.0..112.0).contains(&z) {
        plane.disc([-14.0, -24.0], 15.0, hu::VESSEL + 40.0);
    }
    if z < 112.0 {
        plane.disc([20.0, 34.0], 11.5, hu::VESSEL + 30.0);
    }
    let arch = cut(z, 112.0, 11.0);
    plane.add([4.0, 2.0], [32.0 * arch, 26.0 * arch], hu::VESSEL + 35.0);
    let trunk = cut(z, HILUM_MM, 15.0);
    plane.add([16.0, -14.0], [26.0 * trunk, 13.0 * trunk], hu::VESSEL);
    plane.pair([40.0, 0.0], [22.0 * trunk, 8.0 * trunk], hu::VESSEL);
    if z > 66.0 {
        plane.add([-28.0, -16.0], [9.0, 8.0], hu::VESSEL + 120.0);
    }
    if (112.0..160.0).contains(&z) {
        let spread = smooth(z, 112.0, 165.0);
        plane.pair([16.0 + 12.0 * spread, -8.0 + 10.0 * spread], [4.6, 4.6], hu::VESSEL + 30.0);
        plane.pair([26.0 + 8.0 * spread, -18.0 + 18.0 * spread], [6.5, 5.0], 130.0);
    }
}

fn airways(plane: &mut Plane, z: f32) {
    if z > 92.0 {
        plane.add([0.0, windpipe_y_mm(z)], [9.5, 9.0], 30.0);
        plane.add([0.0, windpipe_y_mm(z)], [8.5, 8.0], hu::AIR);
    } else if z > 55.0 {
        let down = 92.0 - z;
        let radius = 7.5 - 0.1 * down;
        plane.pair([6.0 + 1.15 * down, 13.0], [radius + 1.2, radius + 1.0], 30.0);
        plane.pair([6.0 + 1.15 * down, 13.0], [radius, radius], hu::AIR);
    }
    let gullet_y = windpipe_y_mm(z) + 15.0;
    plane.add([3.0, gullet_y], [6.0, 4.0], 30.0);
    plane.add([3.5, gullet_y], [1.8, 1.2], hu::AIR);
}

fn sternum(plane: &mut Plane, z: f32) {
    if (18.0..142.0).contains(&z) {
        let y = -wall(z)[1] + 16.0 + 26.0 * smooth(z, 90.0, 142.0);
        let width = blend(z, 80.0, 135.0, 13.0, 22.0);
        plane.add([0.0, y], [width, 6.0], hu::BONE * 0.7);
        plane.add([0.0, y], [width - 2.5, 3.8], hu::SPONGY_BONE);
    }
}
