use viewer_core::display::DisplayParams;

use crate::{CoverDraw, FrameTexture};

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

/// The part of `rect_px` that is on the target.
pub(crate) fn scissor(
    [left, top, width, height]: [u32; 4],
    target_size: [u32; 2],
) -> Option<[u32; 4]> {
    let width = width.min(target_size[0].checked_sub(left)?);
    let height = height.min(target_size[1].checked_sub(top)?);
    (width > 0 && height > 0).then_some([left, top, width, height])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn panes_are_cut_at_the_edge_of_the_target() {
        assert_eq!(scissor([2, 3, 10, 10], [20, 20]), Some([2, 3, 10, 10]));
        assert_eq!(scissor([15, 3, 10, 10], [20, 8]), Some([15, 3, 5, 5]));
        assert_eq!(scissor([20, 0, 1, 1], [20, 20]), None);
        assert_eq!(scissor([21, 0, 1, 1], [20, 20]), None);
        assert_eq!(scissor([0, 0, 0, 5], [20, 20]), None);
    }
}
