use super::{Plane, blend, cut, hu, smooth};

/// Bottom and top of the head.
const RANGE_MM: std::ops::Range<f32> = 198.0..298.0;
/// Widest plane of the skull.
const WIDEST_MM: f32 = 246.0;
/// Largest half width and half depth of the head.
const HEAD_MM: [f32; 2] = [76.0, 96.0];

pub(super) fn add(plane: &mut Plane, z: f32) {
    if !RANGE_MM.contains(&z) {
        return;
    }
    let size = if z < WIDEST_MM { base_size(z) } else { cut(z, WIDEST_MM, 52.0) };
    scalp(plane, z, size);
    // The skull closes at the back of the head first.
    let y = 34.0 * (1.0 - size) * (1.0 - smooth(z, 230.0, 246.0));
    let half = |shrunk: f32| HEAD_MM.map(|side| side * size - shrunk);
    plane.add([0.0, y], half(6.0), hu::BONE + 150.0);
    plane.add([0.0, y], half(8.5), hu::SPONGY_BONE + 250.0);
    plane.add([0.0, y], half(10.0), hu::BONE + 150.0);
    plane.add([0.0, y], half(12.5), hu::WATER);
    brain(plane, z, y, half(14.5));
    if z < 236.0 {
        face(plane, z);
        base(plane, z);
    }
}

/// The skull below its widest plane: small where it stands on the spine.
fn base_size(z: f32) -> f32 {
    blend(z, 196.0, 240.0, 0.3, 1.0)
}

fn scalp(plane: &mut Plane, z: f32, size: f32) {
    let [width, depth] = if z < WIDEST_MM {
        [blend(z, 196.0, 232.0, 60.0, HEAD_MM[0]), blend(z, 196.0, 232.0, 66.0, HEAD_MM[1])]
    } else {
        HEAD_MM.map(|side| side * size)
    };
    plane.add([0.0, 0.0], [width, depth], 25.0);
    plane.add([0.0, 0.0], [width - 2.0, depth - 2.0], hu::FAT + 40.0);
    plane.add([0.0, 0.0], [width - 5.0, depth - 5.0], hu::MUSCLE);
}

fn brain(plane: &mut Plane, z: f32, y: f32, [width, depth]: [f32; 2]) {
    plane.add([0.0, y], [width, depth], hu::GREY_MATTER);
    let white = smooth(z, 226.0, 240.0) * cut(z, 244.0, 48.0);
    plane.pair([width * 0.44, 0.0], [width * 0.43 * white, depth * 0.82 * white], hu::WHITE_MATTER);
    if z > 238.0 {
        sulci(plane, z, [width, depth]);
        plane.add([0.0, 0.0], [1.3, depth], hu::WATER + 2.0);
        plane.add([0.0, 0.0], [0.7, depth], 62.0);
    }
    deep(plane, z);
    ventricles(plane, z);
}

/// Furrows of the cortex wander round as z changes.
fn sulci(plane: &mut Plane, z: f32, [width, depth]: [f32; 2]) {
    for furrow in 0..26_u8 {
        let angle = f32::from(furrow) * 0.241_7 + 0.09 * (z * 0.11 + f32::from(furrow)).sin();
        let length = 7.0 + 3.0 * (z * 0.13 + f32::from(furrow) * 1.7).sin();
        for step in 0..6_u8 {
            let inward = 1.0 - length * f32::from(step) / 6.0 / depth.max(1.0);
            let at = [width * inward * angle.sin(), depth * inward * angle.cos()];
            plane.disc(at, 1.5, hu::WATER + 3.0);
        }
    }
}

/// Basal ganglia and thalami.
fn deep(plane: &mut Plane, z: f32) {
    plane.pair([26.0, -4.0], [7.0, 15.0].map(|r| r * cut(z, 250.0, 14.0)), hu::GREY_MATTER + 3.0);
    plane.pair([11.0, 12.0], [8.0, 12.0].map(|r| r * cut(z, 248.0, 12.0)), hu::GREY_MATTER + 2.0);
}

fn ventricles(plane: &mut Plane, z: f32) {
    let body = cut(z, 261.0, 14.0);
    plane.pair([13.0, -10.0], [6.0 * body, 26.0 * body], hu::WATER);
    plane.pair([20.0, 28.0], [6.0 * body, 15.0 * body], hu::WATER);
    let third = cut(z, 246.0, 10.0);
    plane.add([0.0, 6.0], [2.6 * third, 14.0 * third], hu::WATER);
    let fourth = cut(z, 226.0, 10.0);
    plane.add([0.0, 44.0], [9.0 * fourth, 6.0 * fourth], hu::WATER);
    // Calcified pineal gland.
    plane.ellipsoid(z, [0.0, 26.0, 250.0], [3.0, 3.0, 3.0], 400.0);
}

fn face(plane: &mut Plane, z: f32) {
    // The face lies in front of the brain: bone and soft tissue, then cavities.
    let face = smooth(z, 190.0, 212.0) * (1.0 - smooth(z, 226.0, 236.0));
    plane.add([0.0, -62.0], [60.0 * face, 40.0 * face], hu::MUSCLE - 10.0);
    plane.add([0.0, -98.0], [12.0 * cut(z, 214.0, 16.0), 16.0 * cut(z, 214.0, 16.0)], 30.0);
    for (x, y, rx, ry) in [(30.0, -48.0, 19.0, 18.0), (0.0, -56.0, 11.0, 30.0)] {
        plane.pair([x, y], [(rx + 1.6) * face, (ry + 1.6) * face], hu::BONE);
        let hollow = cut(z, 210.0, 13.0);
        plane.pair([x, y], [rx * hollow * face, ry * hollow * face], hu::AIR);
    }
    plane.add([0.0, -56.0], [1.2 * face, 26.0 * face], hu::BONE * 0.5);
    for step in 0..3_u8 {
        let y = -70.0 + 12.0 * f32::from(step);
        plane.pair([5.5, y], [2.6 * face, 4.5 * face], hu::MUSCLE);
    }
    eyes(plane, z);
}

fn eyes(plane: &mut Plane, z: f32) {
    let orbit = cut(z, 222.0, 16.0);
    plane.pair([32.0, -64.0], [20.0 * orbit, 25.0 * orbit], hu::BONE);
    plane.pair([32.0, -65.0], [18.0 * orbit, 23.0 * orbit], hu::FAT);
    let nerve = cut(z, 222.0, 2.5);
    plane.pair([26.0, -50.0], [2.2 * nerve, 12.0 * nerve], 35.0);
    let globe = cut(z, 222.0, 12.0);
    plane.pair([32.0, -72.0], [12.8 * globe, 12.8 * globe], 60.0);
    plane.pair([32.0, -72.0], [11.8 * globe, 11.8 * globe], hu::WATER + 8.0);
    let lens = cut(z, 222.0, 4.5);
    plane.pair([32.0, -81.0], [4.5 * lens, 2.2 * lens], 105.0);
}

/// Dense bone round the ear with air cells in it.
fn base(plane: &mut Plane, z: f32) {
    let petrous = cut(z, 218.0, 12.0);
    plane.pair([46.0, 16.0], [22.0 * petrous, 10.0 * petrous], hu::BONE + 400.0);
    plane.pair([62.0, 14.0], [9.0 * petrous, 3.0 * petrous], hu::AIR);
    for cell in 0..9_u8 {
        let number = f32::from(cell);
        let at = [54.0 + 4.5 * (number % 3.0), 26.0 + 4.5 * (number / 3.0).floor()];
        let radius = 1.9 * petrous * (0.8 + 0.2 * (z + number * 2.0).sin());
        plane.pair(at, [radius, radius], hu::AIR + 250.0);
    }
    let stem = 1.0 - smooth(z, 232.0, 240.0);
    plane.add([0.0, 24.0], [14.0 * stem, 13.0 * stem], hu::WHITE_MATTER + 4.0);
}
