use super::{Plane, blend, cut, hu, smooth, windpipe_y_mm};

/// Heights between which the neck is drawn by itself.
const RANGE_MM: std::ops::Range<f32> = 150.0..212.0;

pub(super) fn add(plane: &mut Plane, z: f32) {
    if !RANGE_MM.contains(&z) {
        return;
    }
    let [width, depth] = [blend(z, 150.0, 172.0, 72.0, 60.0), 64.0];
    if z > 172.0 {
        plane.add([0.0, 4.0], [width, depth], 20.0);
        plane.add([0.0, 4.0], [width - 2.0, depth - 2.0], hu::FAT);
        plane.add([0.0, 6.0], [width - 7.0, depth - 8.0], hu::MUSCLE);
    }
    muscles(plane, z);
    thyroid(plane, z);
    vessels(plane, z);
    airway(plane, z);
    jaw(plane, z);
}

/// Fat between the muscles lets them be told apart.
fn muscles(plane: &mut Plane, z: f32) {
    let size = smooth(z, 150.0, 168.0) * (1.0 - smooth(z, 196.0, 212.0));
    for (x, y, rx, ry) in
        [(34.0, 0.0, 11.0, 17.0), (20.0, 46.0, 17.0, 13.0), (38.0, 32.0, 10.0, 13.0)]
    {
        plane.pair([x, y], [(rx + 1.6) * size, (ry + 1.6) * size], hu::FAT);
        plane.pair([x, y], [rx * size, ry * size], hu::MUSCLE + 8.0);
    }
}

fn thyroid(plane: &mut Plane, z: f32) {
    let size = cut(z, 162.0, 17.0);
    plane.pair([15.0, -24.0], [8.0 * size, 12.0 * size], hu::THYROID);
    let isthmus = cut(z, 158.0, 6.0);
    plane.add([0.0, -34.0], [12.0 * isthmus, 4.0 * isthmus], hu::THYROID);
}

fn vessels(plane: &mut Plane, z: f32) {
    let fork = blend(z, 182.0, 198.0, 0.0, 5.0);
    plane.pair([27.0 + fork, -10.0 - fork], [3.4, 3.4], hu::VESSEL + 60.0);
    plane.pair([27.0 - fork, -10.0 + fork], [3.6, 3.6], hu::VESSEL + 60.0);
    plane.pair([37.0, -8.0], [7.0, 5.5], 140.0);
    plane.pair([15.0, 20.0], [2.2, 2.2], hu::VESSEL);
}

fn airway(plane: &mut Plane, z: f32) {
    let [width, depth] = [blend(z, 168.0, 180.0, 8.5, 12.0), blend(z, 168.0, 180.0, 9.0, 6.0)];
    let y = windpipe_y_mm(z);
    if (160.0..184.0).contains(&z) {
        plane.add([0.0, y], [width + 2.5, depth + 2.5], 180.0);
    }
    plane.add([0.0, y], [width, depth], hu::AIR);
}

/// A horseshoe open to the back, with teeth on it.
fn jaw(plane: &mut Plane, z: f32) {
    let bone = cut(z, 192.0, 14.0);
    if bone <= 0.0 {
        return;
    }
    for step in 0..=24_u8 {
        let angle = (f32::from(step) / 24.0 - 0.5) * 3.0;
        let [x, y] = [44.0 * angle.sin(), -8.0 - 50.0 * angle.cos()];
        plane.disc([x, y], 5.5 * bone, hu::BONE + 250.0);
        if z > 196.0 && step % 2 == 0 && angle.abs() < 1.15 {
            plane.disc([x * 0.97, y + 1.0], 3.4, hu::TOOTH);
        }
    }
    plane.add([0.0, -34.0], [24.0 * bone, 18.0 * bone], hu::MUSCLE + 12.0);
}
