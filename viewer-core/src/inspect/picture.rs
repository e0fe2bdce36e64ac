use std::io::{Read, Seek};

use super::{DicomImage, InspectError};
use crate::codec::DecodedFrame;
use crate::display::cover::{ALL_FLAGS, draw_over};
use crate::display::modality::FLOAT_SAMPLE_LIMIT;
use crate::display::{Interpolation, Modality, Voi, cpu};
use crate::exam::VoiFunction;
use crate::geometry::Affine2;
use crate::viewport::{
    DataPresentation, FrameDisplay, ImageGeometry, UserWindow, ViewPresentation, VoiChoice,
    VoiSource, frame_attributes, frame_display, resolve,
};

/// Which VOI step a picture is asked with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum PictureVoi {
    /// As in the viewer.
    Choice(VoiChoice),
    /// Black is the smallest modality value of the frame, white the largest.
    FrameRange,
}

/// One frame drawn by the reference renderer, a pixel for a pixel.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    /// Columns of the image.
    pub columns: u32,
    /// Rows of the image.
    pub rows: u32,
    /// `rows × columns × 4` bytes, rows from the top, A = 255.
    pub rgba: Vec<u8>,
    /// Whether R, G and B are alike: neither colour samples nor a supplemental palette, and nothing
    /// drawn over them.
    pub is_grey: bool,
    /// The VOI step in it and where it comes from; `None` for colour, which has none.
    pub voi: Option<(Voi, VoiSource)>,
}

/// Draws frame `number` (counted from 1) at 1:1, non-square pixels not corrected, with its overlays and
/// shutters over it where `with_cover`.
///
/// # Errors
/// [`InspectError`] where the frame cannot be decoded, or has no such VOI.
pub fn draw<R: Read + Seek>(
    image: &mut DicomImage<R>,
    number: u32,
    voi: PictureVoi,
    with_cover: bool,
) -> Result<Picture, InspectError> {
    let decoded = image.drawable(number)?;
    let (columns, rows) = (decoded.frame.columns(), decoded.frame.rows());
    let mut display = display(image, number, voi, &decoded)?;
    display.params.canvas_size_px = [columns, rows];
    display.params.image_from_canvas = Affine2::IDENTITY;
    let mut rgba = cpu::render(&decoded.frame, &display.params);
    let plane = if with_cover { image.cover_plane(number)? } else { None };
    if let Some(plane) = &plane {
        draw_over(&mut rgba, columns, &Affine2::IDENTITY, plane, ALL_FLAGS);
    }
    let is_shaded = !is_colour(&decoded);
    let is_grey = is_shaded && display.params.supplemental.is_none() && plane.is_none();
    let voi = is_shaded.then_some((display.params.voi, display.voi_source));
    Ok(Picture { columns, rows, rgba, is_grey, voi })
}

fn display<R: Read + Seek>(
    image: &DicomImage<R>,
    number: u32,
    voi: PictureVoi,
    decoded: &DecodedFrame,
) -> Result<FrameDisplay, InspectError> {
    let no_frame = InspectError::NoFrame { number, announced: image.frame_count() };
    let (series, frame) = (image.series(), number.saturating_sub(1));
    let Ok((format, attributes)) = frame_attributes(series, 0, frame) else { return Err(no_frame) };
    let choice = match voi {
        PictureVoi::Choice(choice) => choice,
        PictureVoi::FrameRange => full_range(
            &Modality::from(&attributes.modality),
            decoded.range.map_or([0.0, 1.0], |range| range.full),
        ),
    };
    let view = resolve(&ImageGeometry::of(format), [1, 1], &ViewPresentation::default());
    let data = DataPresentation {
        voi: choice,
        interpolation: Interpolation::Nearest,
        ..Default::default()
    };
    let Ok(display) = frame_display(series, [0, frame], &data, &view, decoded.range) else {
        return Err(no_frame);
    };
    if is_colour(decoded) || is_as_asked(choice, display.voi_source) {
        Ok(display)
    } else {
        Err(InspectError::NoVoi)
    }
}

fn is_colour(decoded: &DecodedFrame) -> bool {
    decoded.frame.pixels().kind().is_colour()
}

fn full_range(modality: &Modality, stored: [f64; 2]) -> VoiChoice {
    let limit = f64::from(FLOAT_SAMPLE_LIMIT);
    let [a, b] = stored.map(|value| modality.apply(value.clamp(-limit, limit)));
    // A frame of one value is black: it has no other.
    let (low, width) = (a.min(b), if a == b { 1.0 } else { (a - b).abs() });
    let center = low + width / 2.0;
    VoiChoice::User(UserWindow { center, width, function: VoiFunction::LinearExact })
}

/// The viewer falls back to another VOI where the one it was told does not exist; here that would be an
/// answer to another question.
fn is_as_asked(choice: VoiChoice, used: VoiSource) -> bool {
    match choice {
        VoiChoice::FileWindow(index) => used == VoiSource::FileWindow(index),
        VoiChoice::VoiLut(index) => used == VoiSource::VoiLut(index),
        VoiChoice::User(_) => used == VoiSource::User,
        VoiChoice::Default | VoiChoice::Preset(_) | VoiChoice::FullRange => true,
    }
}
