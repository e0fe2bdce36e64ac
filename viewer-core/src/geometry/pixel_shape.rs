use crate::exam::{ImageFormat, Spacing};

/// A pixel drawn more than this many times longer than wide (or the reverse) is a defect of the file,
/// not a picture; such an image is drawn with square pixels and without millimetres.
const MAX_PIXEL_ASPECT: f64 = 64.0;

/// The shape of the pixels of an image.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PixelShape {
    /// Height of a pixel in units of its width; 1 for square pixels.
    pub aspect: f64,
    /// Physical spacing where it is known and usable.
    pub spacing: Option<Spacing>,
}

/// Shape from spacing, else from Pixel Aspect Ratio (PS3.3 C.7.6.3.1.7), else square.
#[must_use]
pub fn pixel_shape(format: &ImageFormat) -> PixelShape {
    let by_spacing = format.spacing.and_then(|s| {
        usable_aspect(s.between_rows_mm / s.between_columns_mm).map(|aspect| (aspect, s))
    });
    let by_ratio = format
        .aspect_ratio
        .and_then(|[vertical, horizontal]| {
            usable_aspect(f64::from(vertical) / f64::from(horizontal))
        })
        .filter(|_| format.spacing.is_none());
    PixelShape {
        aspect: by_spacing.map(|(aspect, _)| aspect).or(by_ratio).unwrap_or(1.0),
        spacing: by_spacing.map(|(_, spacing)| spacing),
    }
}

fn usable_aspect(aspect: f64) -> Option<f64> {
    (1.0 / MAX_PIXEL_ASPECT..=MAX_PIXEL_ASPECT).contains(&aspect).then_some(aspect)
}
