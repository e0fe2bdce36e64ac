use crate::exam::{ImageFormat, Spacing};
use crate::geometry::pixel_shape;

/// Size of an image and the shape of its pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ImageGeometry {
    /// Columns, at least 1.
    pub columns: u32,
    /// Rows, at least 1.
    pub rows: u32,
    /// Height of a pixel in units of its width; 1 for square pixels.
    pub pixel_aspect: f64,
    /// Physical spacing where it is known and usable.
    pub spacing: Option<Spacing>,
}

impl ImageGeometry {
    /// Shape from spacing, else from Pixel Aspect Ratio (PS3.3 C.7.6.3.1.7), else square.
    #[must_use]
    pub fn of(format: &ImageFormat) -> Self {
        let shape = pixel_shape(format);
        Self {
            columns: format.columns.max(1),
            rows: format.rows.max(1),
            pixel_aspect: shape.aspect,
            spacing: shape.spacing,
        }
    }

    /// Width and height when a column is one unit wide.
    #[must_use]
    pub fn size_in_columns(&self) -> [f64; 2] {
        [f64::from(self.columns), f64::from(self.rows) * self.pixel_aspect]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exam::{SampleKind, SpacingSource};

    fn format(spacing: Option<[f64; 2]>, aspect_ratio: Option<[u32; 2]>) -> ImageFormat {
        ImageFormat {
            transfer_syntax_uid: String::new(),
            sop_class_uid: String::new(),
            rows: 10,
            columns: 20,
            samples_per_pixel: 1,
            photometric_interpretation: "MONOCHROME2".into(),
            bits_allocated: 16,
            bits_stored: 16,
            high_bit: 15,
            signed: false,
            planar: false,
            samples: SampleKind::Integer,
            padding: None,
            spacing: spacing.map(|[between_rows_mm, between_columns_mm]| Spacing {
                between_rows_mm,
                between_columns_mm,
                source: SpacingSource::PixelSpacing,
            }),
            aspect_ratio,
            lossy: None,
        }
    }

    #[test]
    fn rows_twice_as_far_apart_make_the_image_twice_as_high() {
        let geometry = ImageGeometry::of(&format(Some([1.0, 0.5]), None));
        assert_eq!(geometry.size_in_columns(), [20.0, 20.0]);
    }

    #[test]
    fn aspect_ratio_is_vertical_then_horizontal() {
        let geometry = ImageGeometry::of(&format(None, Some([3, 2])));
        assert_eq!(geometry.pixel_aspect, 1.5);
        assert_eq!(geometry.spacing, None);
    }

    #[test]
    fn nonsense_is_drawn_square_and_without_millimetres() {
        for spacing in [[1e-9, 1.0], [1.0, 0.0], [f64::NAN, 1.0], [f64::INFINITY, 1.0]] {
            let geometry = ImageGeometry::of(&format(Some(spacing), None));
            assert_eq!((geometry.pixel_aspect, geometry.spacing), (1.0, None));
        }
        assert_eq!(ImageGeometry::of(&format(None, Some([0, 0]))).pixel_aspect, 1.0);
    }
}
