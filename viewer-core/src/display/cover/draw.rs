use super::plane::CoverPlane;
use super::{GRAPHIC, GRAPHIC_RGB, REGION, REGION_OPACITY, REGION_RGB, SHUTTERED};
use crate::display::EDGE_TOLERANCE;
use crate::display::sampling::is_inside;
use crate::geometry::Affine2;

/// Most samples per side of a canvas pixel.
pub const MAX_SAMPLES_PER_SIDE: u32 = 16;

/// Samples per side of each canvas pixel, 1 … 16: `ceil(s − 1/64)` with `s` the image pixels that one
/// canvas pixel spans.
#[must_use]
pub fn samples_per_side(image_from_canvas: &Affine2) -> u32 {
    let map = image_from_canvas;
    let span = map.xx.hypot(map.yx).max(map.xy.hypot(map.yy));
    // The cast saturates: NaN becomes 0, then 1.
    ((span - 1.0 / 64.0).ceil() as u32).clamp(1, MAX_SAMPLES_PER_SIDE)
}

/// Draws what lies over a frame over its picture: RGBA, 8 bits a channel, `width` pixels a row.
///
/// `shown` says which flags of the cells count ([`SHUTTERED`], [`GRAPHIC`], [`REGION`]).
pub fn draw_over(
    canvas: &mut [u8],
    width: u32,
    image_from_canvas: &Affine2,
    plane: &CoverPlane,
    shown: u8,
) {
    let per_side = samples_per_side(image_from_canvas);
    let row_bytes = width as usize * 4;
    if row_bytes == 0 {
        return;
    }
    for (y, row) in (0..).zip(canvas.chunks_exact_mut(row_bytes)) {
        for (x, pixel) in (0..).zip(row.as_chunks_mut::<4>().0) {
            let corner = [f64::from(x), f64::from(y)];
            let centre = corner.map(|at: f64| at + 0.5);
            if is_inside(image_from_canvas.apply(centre), plane.size()) {
                let hits = hits(corner, per_side, image_from_canvas, plane, shown);
                cover(pixel, hits, per_side, plane.shutter_rgb());
            }
        }
    }
}

/// How many of the points lie on the shutter, on graphics and on regions.
fn hits(
    [x, y]: [f64; 2],
    per_side: u32,
    image_from_canvas: &Affine2,
    plane: &CoverPlane,
    shown: u8,
) -> [u32; 3] {
    let part = |i: u32| (f64::from(i) + 0.5) / f64::from(per_side);
    let mut hits = [0; 3];
    for j in 0..per_side {
        for i in 0..per_side {
            let [column, row] = image_from_canvas.apply([x + part(i), y + part(j)]);
            let flags =
                plane.at(pixel(column, plane.size()[0]), pixel(row, plane.size()[1])) & shown;
            for (count, flag) in hits.iter_mut().zip([SHUTTERED, GRAPHIC, REGION]) {
                *count += u32::from(flags & flag != 0);
            }
        }
    }
    hits
}

/// Index of the pixel that `at` lies in; the cast saturates, which clamps at the lower edge.
fn pixel(at: f64, side: u32) -> u32 {
    ((at + EDGE_TOLERANCE).floor() as u32).min(side.saturating_sub(1))
}

fn cover(
    pixel: &mut [u8; 4],
    [shuttered, graphic, region]: [u32; 3],
    per_side: u32,
    shutter_rgb: [u8; 3],
) {
    let per_side = f64::from(per_side);
    let layers = [
        (shutter_rgb, f64::from(shuttered) / (per_side * per_side)),
        (REGION_RGB, (f64::from(region) / per_side).min(1.0) * REGION_OPACITY),
        (GRAPHIC_RGB, (f64::from(graphic) / per_side).min(1.0)),
    ];
    for (channel, level) in pixel.iter_mut().take(3).enumerate() {
        let drawn = layers.iter().fold(f64::from(*level), |below, (rgb, opacity)| {
            below + (f64::from(rgb.get(channel).copied().unwrap_or(0)) - below) * opacity
        });
        *level = (drawn + 0.5).floor() as u8;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exam::{Cover, OverlayPlane, Shutter, ShutterShape};

    /// A vertical line at column 2 (from 0) of 8 × 8 pixels; rows from 5 on are shut.
    fn plane() -> CoverPlane {
        let line = OverlayPlane {
            group: 0x6000,
            rows: 8,
            columns: 1,
            origin: [1, 3],
            frames: None,
            is_region: false,
            bit: None,
            label: String::new(),
        };
        let shapes = vec![ShutterShape::Rectangle { columns: [1, 8], rows: [1, 4] }];
        let shutter = Some(Shutter { shapes, rgb: [100; 3] });
        let cover = Cover { overlays: vec![line], shutter, unreadable: false };
        CoverPlane::compose(&cover, 0, [8, 8], 1.0, |_| Some(&[0xFF]))
    }

    fn drawn(scale: f64, side: u32, shown: u8) -> Vec<[u8; 4]> {
        let mut canvas = [40, 40, 40, 255].repeat((side * side) as usize);
        let map = Affine2 { xx: scale, yy: scale, ..Affine2::IDENTITY };
        draw_over(&mut canvas, side, &map, &plane(), shown);
        canvas.as_chunks::<4>().0.to_vec()
    }

    const LINE: [u8; 4] = [255, 200, 0, 255];
    const PICTURE: [u8; 4] = [40, 40, 40, 255];
    const SHUT: [u8; 4] = [100, 100, 100, 255];

    #[test]
    fn one_to_one_is_pixel_by_pixel_and_the_outside_is_left_alone() {
        let found = drawn(1.0, 9, 7);
        assert_eq!(found[0..4], [PICTURE, PICTURE, LINE, PICTURE]);
        // Overlays lie over the shutter.
        assert_eq!(found[9 * 4..9 * 4 + 4], [SHUT, SHUT, LINE, SHUT]);
        assert_eq!((found[8], found[9 * 8 + 1]), (PICTURE, PICTURE));
    }

    #[test]
    fn what_is_switched_off_is_not_drawn() {
        assert!(drawn(1.0, 8, 0).iter().all(|pixel| *pixel == PICTURE));
        assert!(!drawn(1.0, 8, SHUTTERED).contains(&LINE));
        assert!(!drawn(1.0, 8, GRAPHIC).contains(&SHUT));
    }

    #[test]
    fn a_thin_line_stays_a_full_line_however_much_it_is_shrunk() {
        for (scale, side) in [(2.0, 4), (4.0, 2), (8.0, 1)] {
            let lines = drawn(scale, side, GRAPHIC).iter().filter(|p| **p == LINE).count();
            assert_eq!(lines, side as usize, "shrunk × {scale}");
        }
    }

    #[test]
    fn the_shutter_covers_its_share() {
        // Each canvas pixel spans rows 0 … 7, the lower half of which is shut: 40 + (100 − 40) / 2.
        assert_eq!(drawn(8.0, 1, SHUTTERED), [[70, 70, 70, 255]]);
    }

    #[test]
    fn samples_follow_the_scale_up_to_sixteen() {
        let of =
            |scale: f64| samples_per_side(&Affine2 { xx: scale, yy: 0.5, ..Affine2::IDENTITY });
        assert_eq!([0.1, 1.0, 1.5, 8.0, 99.0, f64::NAN].map(of), [1, 1, 2, 8, 16, 1]);
    }
}
