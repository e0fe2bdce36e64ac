use viewer_core::display::DisplayParams;

use crate::{CoverTexture, FrameTexture};

/// One viewport of the page.
#[derive(Clone, Copy, Debug)]
pub struct PaneDraw<'a> {
    /// Left, top, width and height in the target, device pixels. What lies beyond the target is cut off.
    pub rect_px: [u32; 4],
    /// What it shows; `None` leaves the target's background.
    pub frame: Option<&'a FrameTexture>,
    /// How. `image_from_canvas` counts from the pane's top left corner; the pane's size is that of `rect_px`.
    pub params: &'a DisplayParams,
    /// What lies over the frame; its place is that of the frame.
    pub cover: Option<CoverDraw<'a>>,
}

impl PaneDraw<'_> {
    /// The part of a target of this size and grey level where it draws anything but that level; `None` for nothing.
    #[must_use]
    pub fn place_px(&self, target_size: [u32; 2], background: u8) -> Option<[u32; 4]> {
        let place = scissor(self.rect_px, target_size)?;
        Some(covered(place, self, self.frame?.size_px(), background))
    }
}

/// What is drawn over a pane.
#[derive(Clone, Copy, Debug)]
pub struct CoverDraw<'a> {
    /// What lies over its frame.
    pub texture: &'a CoverTexture,
    /// Flags of [`viewer_core::display::cover`] that are drawn.
    pub shown: u8,
}

/// The part of `rect_px` that is on the target.
pub(crate) fn scissor(
    [left, top, width, height]: [u32; 4],
    target_size: [u32; 2],
) -> Option<[u32; 4]> {
    let width = width.min(target_size[0].checked_sub(left)?);
    let height = height.min(target_size[1].checked_sub(top)?);
    (width > 0 && height > 0).then_some([left, top, width, height])
}

/// The part of a pane's `scissor` in which its frame can be seen, a pixel more on each side: the rest has the
/// background already, where it is that of the target.
pub(crate) fn covered(
    [left, top, width, height]: [u32; 4],
    pane: &PaneDraw<'_>,
    [columns, rows]: [u32; 2],
    background: u8,
) -> [u32; 4] {
    let whole = [left, top, width, height];
    let Some(map) = pane.params.image_from_canvas.inverse() else { return whole };
    if pane.params.background != background {
        return whole;
    }
    let [columns, rows] = [columns, rows].map(f64::from);
    let corners = [[0.0, 0.0], [columns, 0.0], [0.0, rows], [columns, rows]];
    let corners = corners.map(|corner| map.apply(corner));
    let span = |axis: usize, length: u32| {
        let at = corners.map(|corner| corner[axis]);
        let first = at.into_iter().fold(f64::INFINITY, f64::min).floor() - 1.0;
        let last = at.into_iter().fold(f64::NEG_INFINITY, f64::max).ceil() + 1.0;
        let within = |value: f64| value.max(0.0).min(f64::from(length)) as u32;
        // Corners that are no numbers leave everything.
        if first <= last { (within(first), within(last)) } else { (0, length) }
    };
    let ((x, right), (y, bottom)) = (span(0, width), span(1, height));
    if x < right && y < bottom { [left + x, top + y, right - x, bottom - y] } else { whole }
}

/// The rectangle (left, top, width, height) around two.
#[must_use]
pub fn around(one: [u32; 4], other: [u32; 4]) -> [u32; 4] {
    let [left, top] = [0, 1].map(|axis| one[axis].min(other[axis]));
    let [right, bottom] =
        [0, 1].map(|axis| (one[axis] + one[axis + 2]).max(other[axis] + other[axis + 2]));
    [left, top, right - left, bottom - top]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_frame_covers_is_drawn() {
        use viewer_core::display::{Interpolation, Modality, Voi};
        use viewer_core::geometry::Affine2;
        let mut params = DisplayParams {
            canvas_size_px: [100, 50],
            // Twice as large, its left edge at 30 and its top above the pane.
            image_from_canvas: Affine2 { xx: 0.5, xy: 0.0, x0: -15.0, yx: 0.0, yy: 0.5, y0: 5.0 },
            padding: None,
            supplemental: None,
            modality: Modality::Rescale { slope: 1.0, intercept: 0.0 },
            voi: Voi::Window {
                center: 0.0,
                width: 1.0,
                function: viewer_core::exam::VoiFunction::Linear,
            },
            invert: false,
            output: None,
            interpolation: Interpolation::Linear,
            background: 0,
        };
        let of = |params: &DisplayParams, background| {
            let pane = PaneDraw { rect_px: [7, 9, 100, 50], frame: None, params, cover: None };
            covered(pane.rect_px, &pane, [20, 10], background)
        };
        assert_eq!(of(&params, 0), [7 + 29, 9, 42, 11]);
        assert_eq!(of(&params, 1), [7, 9, 100, 50], "the rest is of another grey");
        params.image_from_canvas.x0 = f64::NAN;
        assert_eq!(of(&params, 0)[2], 100);
    }

    #[test]
    fn panes_are_cut_at_the_edge_of_the_target() {
        assert_eq!(scissor([2, 3, 10, 10], [20, 20]), Some([2, 3, 10, 10]));
        assert_eq!(scissor([15, 3, 10, 10], [20, 8]), Some([15, 3, 5, 5]));
        assert_eq!(scissor([20, 0, 1, 1], [20, 20]), None);
        assert_eq!(scissor([21, 0, 1, 1], [20, 20]), None);
        assert_eq!(scissor([0, 0, 0, 5], [20, 20]), None);
    }
}
