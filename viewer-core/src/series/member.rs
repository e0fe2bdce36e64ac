use crate::exam::{ImageContent, ImagePlane, NoSuv, SeriesAttributes};
use crate::measure::suv::ImageSuv;

/// An image on its way into a series.
pub(super) struct Member {
    /// Series attributes of its own object.
    pub(super) series: SeriesAttributes,
    pub(super) content: ImageContent,
    /// Uptake values of a PET image, which need all images of its DICOM series.
    pub(super) suv: Option<Result<ImageSuv, NoSuv>>,
}

impl Member {
    /// Where its first frame lies.
    pub(super) fn plane(&self) -> Option<&ImagePlane> {
        self.content.image.planes.first()
    }

    /// Columns and rows.
    pub(super) fn size(&self) -> [u32; 2] {
        [self.content.format.columns, self.content.format.rows]
    }

    /// The one plane of an image that has one.
    pub(super) fn only_plane(&self) -> Option<&ImagePlane> {
        match self.content.image.planes.as_slice() {
            [plane] => Some(plane),
            _ => None,
        }
    }
}

/// The planes of images that have exactly one each; `None` where any has not.
pub(super) fn single_planes(images: &[Member]) -> Option<Vec<&ImagePlane>> {
    images.iter().map(Member::only_plane).collect()
}
