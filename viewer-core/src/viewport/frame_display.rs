use thiserror::Error;

use super::{DataPresentation, ResolvedView, VoiSource, resolve_voi};
use crate::display::{
    ColourMap, ColourTable, DisplayParams, Modality, SupplementalPalette, is_inverted,
};
use crate::exam::{DisplayAttributes, ImageFormat, Series};
use crate::pixel::StoredRange;

/// What a renderer needs for one frame, and where its grey scale comes from.
#[derive(Clone, Debug, PartialEq)]
pub struct FrameDisplay {
    /// For either renderer.
    pub params: DisplayParams,
    /// Which VOI step is in it, for the annotation on the image.
    pub voi_source: VoiSource,
}

/// A summary whose indices point nowhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum DisplayError {
    /// No such image in the series.
    #[error("no image {0} in this series")]
    NoImage(u32),
    /// The image names a format or display attributes that are not there.
    #[error("image {0} names attributes that the exam summary does not hold")]
    DanglingIndex(u32),
}

/// Puts together what a renderer needs to draw `frame` (from 0) of `image` of a series.
///
/// # Errors
/// [`DisplayError`] when the summary contradicts itself.
pub fn frame_display(
    series: &Series,
    [image, frame]: [u32; 2],
    data: &DataPresentation,
    view: &ResolvedView,
    stored_range: Option<StoredRange>,
) -> Result<FrameDisplay, DisplayError> {
    let (format, attributes) = frame_attributes(series, image, frame)?;
    let (voi, voi_source) = resolve_voi(data.voi, attributes, format, stored_range);
    let params = DisplayParams {
        canvas_size_px: view.canvas_size_px,
        image_from_canvas: view.image_from_canvas,
        padding: format.padding,
        supplemental: supplemental_palette(attributes, format),
        modality: Modality::from(&attributes.modality),
        voi,
        invert: is_inverted(attributes, format, data.invert),
        output: output(attributes, format, data.colours),
        interpolation: data.interpolation,
        background: 0,
    };
    Ok(FrameDisplay { params, voi_source })
}

/// The colours that stored values of a frame have by themselves; none unless it is MONOCHROME2.
#[must_use]
pub fn supplemental_palette(
    attributes: &DisplayAttributes,
    format: &ImageFormat,
) -> Option<SupplementalPalette> {
    let palette = attributes.palette.as_ref().filter(|_| format.is_grey())?;
    let colours = ColourTable::of_palette(palette)?;
    Some(SupplementalPalette { first_mapped: palette.first_mapped, colours })
}

/// What greys are turned into at last. Pseudo-colours would be taken for the colours of a supplemental
/// palette and are not given to such a frame.
#[must_use]
pub fn output(
    attributes: &DisplayAttributes,
    format: &ImageFormat,
    colours: ColourMap,
) -> Option<ColourTable> {
    if !format.is_grey() {
        return None;
    }
    let lut = attributes.presentation_lut.as_ref().and_then(ColourTable::of_presentation_lut);
    let colours = if attributes.palette.is_none() { colours.table() } else { None };
    match (lut, colours) {
        (Some(lut), Some(colours)) => Some(lut.then(&colours)),
        (lut, colours) => lut.or(colours),
    }
}

/// Pixel format and display attributes of one frame.
///
/// # Errors
/// [`DisplayError`] when the summary contradicts itself.
pub fn frame_attributes(
    series: &Series,
    image: u32,
    frame: u32,
) -> Result<(&ImageFormat, &DisplayAttributes), DisplayError> {
    let index = usize::try_from(image).map_err(|_too_large| DisplayError::NoImage(image))?;
    let found = series.images.get(index).ok_or(DisplayError::NoImage(image))?;
    let format = series.formats.get(usize::from(found.format));
    let per_frame = usize::try_from(frame).ok().and_then(|frame| found.displays.get(frame));
    let attributes = match found.displays.as_slice() {
        [one] => Some(one),
        _ => per_frame,
    }
    .and_then(|&display| series.displays.get(usize::from(display)));
    format.zip(attributes).ok_or(DisplayError::DanglingIndex(image))
}
