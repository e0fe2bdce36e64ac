//! Where panes lie on the canvas: whole device pixels, so that no pane is blurred by half a pixel.

/// Device pixels between two panes.
const GAP_PX: u32 = 2;

/// Left, top, width and height of each pane of `rows × columns`, left to right, then top to bottom.
/// Pixels that do not divide evenly go to the last row and column.
#[must_use]
pub fn pane_rects(canvas_size_px: [u32; 2], [rows, columns]: [usize; 2]) -> Vec<[u32; 4]> {
    let across = spans(canvas_size_px[0], columns);
    let down = spans(canvas_size_px[1], rows);
    down.iter()
        .flat_map(|&[top, height]| {
            across.iter().map(move |&[left, width]| [left, top, width, height])
        })
        .collect()
}

/// The pane a canvas point lies in.
#[must_use]
pub fn pane_at(rects: &[[u32; 4]], [x, y]: [f64; 2]) -> Option<usize> {
    rects.iter().position(|&[left, top, width, height]| {
        let inside = |value: f64, start: u32, length: u32| {
            value >= f64::from(start) && value < f64::from(start) + f64::from(length)
        };
        inside(x, left, width) && inside(y, top, height)
    })
}

/// Start and length of `count` spans over `length_px`.
fn spans(length_px: u32, count: usize) -> Vec<[u32; 2]> {
    let count = u32::try_from(count).unwrap_or(1).max(1);
    let usable = length_px.saturating_sub(GAP_PX * (count - 1));
    let each = usable / count;
    (0..count)
        .map(|index| {
            let start = index * (each + GAP_PX);
            let length = if index + 1 == count { length_px.saturating_sub(start) } else { each };
            [start, length]
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_pane_takes_all() {
        assert_eq!(pane_rects([801, 600], [1, 1]), [[0, 0, 801, 600]]);
    }

    #[test]
    fn four_panes_are_whole_pixels_with_a_gap() {
        assert_eq!(
            pane_rects([801, 601], [2, 2]),
            [[0, 0, 399, 299], [401, 0, 400, 299], [0, 301, 399, 300], [401, 301, 400, 300]]
        );
    }

    #[test]
    fn a_canvas_without_size_has_panes_without_size() {
        assert_eq!(pane_rects([0, 0], [1, 2]), [[0, 0, 0, 0], [2, 0, 0, 0]]);
    }

    #[test]
    fn points_find_their_pane_and_the_gap_has_none() {
        let rects = pane_rects([800, 600], [1, 2]);
        assert_eq!(pane_at(&rects, [0.0, 0.0]), Some(0));
        assert_eq!(pane_at(&rects, [398.9, 599.9]), Some(0));
        assert_eq!(pane_at(&rects, [400.0, 10.0]), None);
        assert_eq!(pane_at(&rects, [401.0, 10.0]), Some(1));
        assert_eq!(pane_at(&rects, [800.0, 10.0]), None);
    }
}
