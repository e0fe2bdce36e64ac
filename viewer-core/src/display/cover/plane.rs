use super::open_area::{Span, open_spans};
use super::{GRAPHIC, REGION, SHUTTERED};
use crate::exam::{Cover, OverlayPlane, ShutterShape};

/// The bits of an overlay plane: as Overlay Data (PS3.5 8.1.2), row by row without padding, the first pixel
/// in the lowest bit of the first byte, frame after frame.
pub type Bits<'a> = &'a [u8];

/// What lies over one frame, at the resolution of the image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CoverPlane {
    size: [u32; 2],
    cells: Vec<u8>,
    shutter_rgb: [u8; 3],
    is_whole: bool,
}

impl CoverPlane {
    /// Puts together what lies over `frame` (from 0) of an image of `size` (columns, rows), whose pixels
    /// are `pixel_aspect` times as high as wide. `bits_of` gives the bits of a plane: all its frames for
    /// Overlay Data, those of this frame for bits of the pixel data; `None` where they are not there.
    ///
    /// The caller bounds the size ([`crate::base::limits`]). A plane with too few bits is left out, and the
    /// result is then not [whole](Self::is_whole).
    #[must_use]
    pub fn compose<'a>(
        cover: &Cover,
        frame: u32,
        size: [u32; 2],
        pixel_aspect: f64,
        bits_of: impl Fn(&OverlayPlane) -> Option<Bits<'a>>,
    ) -> Self {
        let cells = vec![0; size[0] as usize * size[1] as usize];
        let mut plane = Self { size, cells, shutter_rgb: [0; 3], is_whole: true };
        if let Some(shutter) = &cover.shutter {
            plane.shutter_rgb = shutter.rgb;
            for shape in &shutter.shapes {
                plane.shut(shape, pixel_aspect);
            }
        }
        let overlays = cover
            .overlays_of(frame)
            .map(|overlay| (overlay, if overlay.is_region { REGION } else { GRAPHIC }));
        let bitmap = cover.bitmap().map(|overlay| (overlay, SHUTTERED));
        for (overlay, flag) in overlays.chain(bitmap) {
            let drawn = bits_of(overlay).and_then(|bits| plane.overlay(overlay, frame, bits, flag));
            plane.is_whole &= drawn.is_some();
        }
        plane
    }

    /// Columns and rows.
    #[must_use]
    pub fn size(&self) -> [u32; 2] {
        self.size
    }

    /// One byte a pixel, row by row: [`SHUTTERED`], [`GRAPHIC`], [`REGION`] or any of them together.
    #[must_use]
    pub fn cells(&self) -> &[u8] {
        &self.cells
    }

    /// What is seen where the shutter hides the picture, sRGB.
    #[must_use]
    pub fn shutter_rgb(&self) -> [u8; 3] {
        self.shutter_rgb
    }

    /// Whether nothing is missing in it.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.is_whole
    }

    /// The flags at a pixel of the image.
    pub(super) fn at(&self, column: u32, row: u32) -> u8 {
        let index = row as usize * self.size[0] as usize + column as usize;
        self.cells.get(index).copied().unwrap_or(0)
    }

    fn shut(&mut self, shape: &ShutterShape, pixel_aspect: f64) {
        let columns = self.size[0] as usize;
        if columns == 0 {
            return;
        }
        for (row, cells) in (0..).zip(self.cells.chunks_exact_mut(columns)) {
            let spans = open_spans(shape, row, pixel_aspect);
            for closed in closed_between(spans, columns as i64) {
                let [from, to] = closed.map(|column| column as usize);
                cells
                    .get_mut(from..to)
                    .unwrap_or_default()
                    .iter_mut()
                    .for_each(|c| *c |= SHUTTERED);
            }
        }
    }

    /// Sets `flag` where the overlay has a 1; `None` where its bits do not reach.
    fn overlay(
        &mut self,
        overlay: &OverlayPlane,
        frame: u32,
        bits: Bits<'_>,
        flag: u8,
    ) -> Option<()> {
        let [rows, columns] = [overlay.rows, overlay.columns].map(u64::from);
        let own_frame = if overlay.bit.is_some() { 0 } else { overlay.frame_of(frame)? };
        let first = u64::from(own_frame).checked_mul(rows * columns)?;
        let needed = first.checked_add(rows * columns)?;
        if (bits.len() as u64).checked_mul(8)? < needed {
            return None;
        }
        let [top, left] = overlay.origin.map(|pixel| i64::from(pixel) - 1);
        let [width, height] = self.size.map(i64::from);
        let (rows, columns) = (i64::from(overlay.rows), i64::from(overlay.columns));
        for row in top.max(0)..(top + rows).min(height) {
            for column in left.max(0)..(left + columns).min(width) {
                let bit = first + ((row - top) * columns + column - left) as u64;
                let byte = bits.get((bit / 8) as usize).copied().unwrap_or(0);
                if (byte >> (bit % 8)) & 1 == 1
                    && let Some(cell) = self.cells.get_mut((row * width + column) as usize)
                {
                    *cell |= flag;
                }
            }
        }
        Some(())
    }
}

/// What open spans leave of `0 .. columns`, as half-open ranges.
fn closed_between(mut open: Vec<Span>, columns: i64) -> Vec<Span> {
    open.sort_unstable();
    let mut closed = Vec::new();
    let mut next = 0;
    for [from, to] in open {
        if from > to {
            continue;
        }
        if from.min(columns) > next {
            closed.push([next, from.min(columns)]);
        }
        next = next.max(to.saturating_add(1).clamp(0, columns));
    }
    if next < columns {
        closed.push([next, columns]);
    }
    closed
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exam::Shutter;
    use proptest::prelude::*;

    fn overlay(rows: u32, columns: u32, origin: [i32; 2]) -> OverlayPlane {
        OverlayPlane {
            group: 0x6000,
            rows,
            columns,
            origin,
            frames: None,
            is_region: false,
            bit: None,
            label: String::new(),
        }
    }

    fn covered(overlays: Vec<OverlayPlane>) -> Cover {
        Cover { overlays, ..Cover::default() }
    }

    fn cells(cover: &Cover, frame: u32, size: [u32; 2], bits: &[u8]) -> (Vec<u8>, bool) {
        let plane = CoverPlane::compose(cover, frame, size, 1.0, |_| Some(bits));
        (plane.cells().to_vec(), plane.is_whole())
    }

    /// 3 columns × 3 rows, not a multiple of 8 bits: `101 010 111`.
    const NINE: [u8; 2] = [0b1101_0101, 0b1];

    #[test]
    fn the_lowest_bit_comes_first_and_rows_are_not_padded() {
        let (found, is_whole) = cells(&covered(vec![overlay(3, 3, [1, 1])]), 0, [3, 3], &NINE);
        assert_eq!(found, [2, 0, 2, 0, 2, 0, 2, 2, 2]);
        assert!(is_whole);
    }

    #[test]
    fn origins_count_from_one_and_may_lie_outside() {
        let at = |origin| cells(&covered(vec![overlay(3, 3, origin)]), 0, [3, 3], &NINE).0;
        assert_eq!(at([2, 2]), [0, 0, 0, 0, 2, 0, 0, 0, 2]);
        assert_eq!(at([0, 0]), [2, 0, 0, 2, 2, 0, 0, 0, 0]);
        assert_eq!(at([-5, 1]), [0; 9]);
        assert_eq!(at([i32::MAX, i32::MIN]), [0; 9]);
    }

    #[test]
    fn a_plane_may_be_larger_or_smaller_than_the_image() {
        let (found, _) = cells(&covered(vec![overlay(3, 3, [1, 1])]), 0, [2, 2], &NINE);
        assert_eq!(found, [2, 0, 0, 2]);
        let (found, _) = cells(&covered(vec![overlay(1, 2, [2, 2])]), 0, [4, 3], &[0b11]);
        assert_eq!(found, [0, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 0]);
    }

    #[test]
    fn frames_of_an_overlay_follow_each_other_without_a_gap() {
        let mut plane = overlay(1, 3, [1, 1]);
        plane.frames = Some([1, 2]);
        let cover = covered(vec![plane]);
        let bits = [0b10_1001];
        let of_frame = |frame| cells(&cover, frame, [3, 1], &bits).0;
        assert_eq!([0, 1, 2, 3].map(of_frame), [[0, 0, 0], [2, 0, 0], [2, 0, 2], [0, 0, 0]]);
    }

    #[test]
    fn too_few_bits_are_no_plane() {
        let cover = covered(vec![overlay(3, 3, [1, 1])]);
        assert_eq!(cells(&cover, 0, [3, 3], &NINE[..1]), (vec![0; 9], false));
        let missing = CoverPlane::compose(&cover, 0, [3, 3], 1.0, |_| None);
        assert!(!missing.is_whole());
    }

    #[test]
    fn regions_are_told_from_graphics() {
        let region = OverlayPlane { group: 0x6002, is_region: true, ..overlay(1, 3, [1, 1]) };
        let cover = covered(vec![overlay(1, 3, [1, 1]), region]);
        let plane = CoverPlane::compose(&cover, 0, [3, 1], 1.0, |plane| {
            Some(if plane.is_region { &[0b110] } else { &[0b011] })
        });
        assert_eq!(plane.cells(), [GRAPHIC, GRAPHIC | REGION, REGION]);
    }

    #[test]
    fn the_least_that_all_shapes_leave_is_seen() {
        let shapes = vec![
            ShutterShape::Rectangle { columns: [1, 3], rows: [1, 2] },
            ShutterShape::Circle { center: [2, 3], radius: 1 },
        ];
        let shutter = Some(Shutter { shapes, rgb: [9, 8, 7] });
        let cover = Cover { shutter, ..Cover::default() };
        let plane = CoverPlane::compose(&cover, 0, [4, 3], 1.0, |_| None);
        assert_eq!(plane.cells(), [1, 1, 0, 1, 1, 0, 0, 1, 1, 1, 1, 1]);
        assert_eq!((plane.shutter_rgb(), plane.is_whole()), ([9, 8, 7], true));
    }

    #[test]
    fn a_bitmap_shutter_hides_where_it_has_a_one_and_is_no_overlay() {
        let shapes = vec![ShutterShape::Bitmap { group: 0x6000 }];
        let shutter = Some(Shutter { shapes, rgb: [0; 3] });
        let cover = Cover { shutter, ..covered(vec![overlay(1, 3, [1, 1])]) };
        assert_eq!(cells(&cover, 0, [3, 1], &[0b101]).0, [SHUTTERED, 0, SHUTTERED]);
    }

    fn any_shape() -> impl Strategy<Value = ShutterShape> {
        prop_oneof![
            any::<([i32; 2], [i32; 2])>()
                .prop_map(|(columns, rows)| ShutterShape::Rectangle { columns, rows }),
            any::<([i32; 2], u32)>()
                .prop_map(|(center, radius)| ShutterShape::Circle { center, radius }),
            prop::collection::vec(any::<[i32; 2]>(), 0..9)
                .prop_map(|vertices| ShutterShape::Polygon { vertices }),
            prop::collection::vec([-9..20_i32, -9..20_i32], 3..9)
                .prop_map(|vertices| ShutterShape::Polygon { vertices }),
        ]
    }

    proptest! {
        /// Whatever a file states: no panic, and never more cells than pixels.
        #[test]
        fn wild_covers_are_harmless(
            shapes in prop::collection::vec(any_shape(), 0..4),
            (rows, columns, origin, frames) in any::<(u32, u32, [i32; 2], Option<[u32; 2]>)>(),
            near in any::<bool>(), size in [0..12_u32, 0..12_u32], frame in 0..3_u32,
            bits in prop::collection::vec(any::<u8>(), 0..40), aspect in 0.1..9.0_f64,
        ) {
            let [rows, columns] = if near { [rows % 9, columns % 9] } else { [rows, columns] };
            let origin = if near { origin.map(|at| at % 9) } else { origin };
            let plane = OverlayPlane { frames, ..overlay(rows, columns, origin) };
            let shutter = Some(Shutter { shapes, rgb: [0; 3] });
            let cover = Cover { shutter, ..covered(vec![plane]) };
            let composed = CoverPlane::compose(&cover, frame, size, aspect, |_| Some(&bits));
            prop_assert_eq!(composed.cells().len() as u32, size[0] * size[1]);
        }
    }
}
