//! Where on the scroll bar an image is, and which image is where.

use viewer_core::base::between;

/// The image at a fraction of the bar (0 at its top); outside of the bar counts as its end.
#[must_use]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to the series"
)]
pub fn position_at(fraction: f64, total: u32) -> u32 {
    let last = f64::from(total.saturating_sub(1));
    between((fraction * f64::from(total)).floor(), 0.0, last) as u32
}

/// The middle of an image's part of the bar, as a fraction.
#[must_use]
pub fn fraction_of(position: u32, total: u32) -> f64 {
    (f64::from(position) + 0.5) / f64::from(total.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_image_is_found_where_it_is() {
        for total in [1, 2, 7, 300] {
            for position in 0..total {
                assert_eq!(position_at(fraction_of(position, total), total), position);
            }
        }
    }

    #[test]
    fn beyond_the_ends_is_the_end() {
        assert_eq!(position_at(-0.3, 300), 0);
        assert_eq!(position_at(1.0, 300), 299);
        assert_eq!(position_at(7.0, 300), 299);
        assert_eq!(position_at(f64::NAN, 300), 0);
        assert_eq!(position_at(0.5, 0), 0);
    }
}
