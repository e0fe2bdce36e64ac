//! Which images of a series are there, as the outline drawn in the scroll bar.

use std::fmt::Write;

/// SVG path of one unit width and one unit height per image, covering the images for which `holds` is
/// true; images in a row make one rectangle.
#[must_use]
pub fn outline(total: u32, holds: impl Fn(u32) -> bool) -> String {
    let mut path = String::new();
    let mut start = None;
    for position in 0..=total {
        let is_held = position < total && holds(position);
        match (start, is_held) {
            (None, true) => start = Some(position),
            (Some(first), false) => {
                // Writing to a string cannot fail.
                let _ = write!(path, "M0 {first}h1v{}h-1z", position - first);
                start = None;
            }
            _ => {}
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_make_one_rectangle() {
        let loaded = [true, true, false, true];
        let path = outline(4, |position| loaded[position as usize]);
        assert_eq!(path, "M0 0h1v2h-1zM0 3h1v1h-1z");
    }

    #[test]
    fn nothing_loaded_has_no_outline() {
        assert_eq!(outline(5, |_| false), "");
        assert_eq!(outline(0, |_| true), "");
    }
}
