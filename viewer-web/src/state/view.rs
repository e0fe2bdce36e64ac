//! What one pane shows, as plain values. Published in the same animation frame as its pixels, so that
//! picture and annotations never disagree; turned into words by the user interface.

use viewer_core::display::{ColourMap, Voi};
use viewer_core::exam::{Cover, Image, ImageFormat, ImagePlane, Lossy, Series, SpacingSource};
use viewer_core::fetch::FrameFailure;
use viewer_core::geometry::edge_letters;
use viewer_core::geometry::plane::{normal, position_along_mm};
use viewer_core::viewport::{
    DataPresentation, FrameDisplay, ImageGeometry, ResolvedView, ViewReference, VoiSource,
    frame_attributes,
};

/// One pane.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PaneView {
    /// Left, top, width and height on the stage in CSS pixels; `None` for a pane that is not there.
    pub rect: Option<[f64; 4]>,
    /// Series in this pane, an index into the exam.
    pub series: Option<u32>,
    /// Position the reader asked for, from 0.
    pub wanted: u32,
    /// Images of the series.
    pub total: u32,
    /// Whether what is wanted is what is drawn.
    pub status: PaneStatus,
    /// The image that is drawn, with all that is said about it.
    pub shown: Option<ShownImage>,
    /// The cine loop.
    pub cine: CineView,
    /// How it is turned, clockwise.
    pub quarter_turns: u8,
}

/// Where the wanted image stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum PaneStatus {
    /// No series here.
    #[default]
    Empty,
    /// It is drawn.
    Ready,
    /// It is on its way; an earlier image of the series may still be drawn, under its own label.
    Loading,
    /// It is on its way; a small picture of it, drawn by the server, is shown under its label.
    Preview,
    /// It cannot be shown; nothing is drawn.
    Failed(FrameFailure),
}

impl PaneStatus {
    /// For the `data-frame-state` attribute.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Ready => "ready",
            Self::Loading => "loading",
            Self::Preview => "preview",
            Self::Failed(_) => "failed",
        }
    }
}

/// The cine loop of a pane.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct CineView {
    /// Whether it runs.
    pub playing: bool,
    /// Frames per second.
    pub rate: f64,
}

/// What is said about the image that is drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct ShownImage {
    /// Position in the series, from 0.
    pub position: u32,
    /// Number of its frame in the file, from 1, where that is not the order of the series.
    pub file_frame: Option<u32>,
    /// What lies over it.
    pub cover: Option<CoverNote>,
    /// Acquisition date and time as in [`viewer_core::exam::Image::acquired`].
    pub acquired: Option<String>,
    /// Position along the normal of the plane, mm.
    pub slice_position_mm: Option<f64>,
    /// Slice Thickness, mm.
    pub thickness_mm: Option<f64>,
    /// Side and view of a projection as the file has them, for example `R MLO`; else empty.
    pub projection: String,
    /// Grey scale; `None` for colour.
    pub window: Option<WindowNote>,
    /// Whether the reader inverted it.
    pub inverted: bool,
    /// Colours the reader chose for its greys.
    pub colours: ColourMap,
    /// Device pixels per image column; `None` where no picture is drawn.
    pub zoom: Option<f64>,
    /// Where the millimetres come from; `None` where there are none.
    pub spacing_source: Option<SpacingSource>,
    /// Whether parts of it have millimetres of their own (ultrasound regions).
    pub has_regions: bool,
    /// Compression with loss.
    pub lossy: Option<Lossy>,
    /// Frames that a video really has, where its header says another number.
    pub stream_frames: Option<u32>,
    /// Whether its colours are drawn without the profile that they have.
    pub is_icc_unusable: bool,
    /// Directions in the patient at the edges: top, right, bottom, left.
    pub letters: Option<[String; 4]>,
}

/// What lies over an image, as annotated.
#[derive(Clone, Debug, PartialEq)]
pub struct CoverNote {
    /// Whether there are overlays.
    pub has_overlays: bool,
    /// What the file calls them; each once, none that has no name.
    pub overlays: Vec<String>,
    /// Whether there is a shutter.
    pub has_shutter: bool,
    /// The reader took the overlays off.
    pub overlays_hidden: bool,
    /// The reader opened the shutter.
    pub shutter_open: bool,
    /// How far it is.
    pub status: CoverStatus,
}

/// How far what lies over an image is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CoverStatus {
    /// Some of it is on its way.
    Loading,
    /// All of it is here.
    Whole,
    /// Some of it cannot be had or makes no sense.
    Broken,
}

impl CoverStatus {
    /// For the `data-cover-state` attribute.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Loading => "loading",
            Self::Whole => "whole",
            Self::Broken => "broken",
        }
    }
}

impl CoverNote {
    /// What is said of the cover of `frame` (from 0).
    #[must_use]
    pub fn of(cover: &Cover, frame: u32, data: &DataPresentation, status: CoverStatus) -> Self {
        let mut overlays: Vec<String> = Vec::new();
        for plane in cover.overlays_of(frame) {
            if !plane.label.is_empty() && !overlays.contains(&plane.label) {
                overlays.push(plane.label.clone());
            }
        }
        let has_overlays = cover.overlays_of(frame).next().is_some();
        let has_shutter = cover.shutter.is_some();
        Self {
            overlays_hidden: data.overlays_hidden && has_overlays,
            shutter_open: data.shutter_open && has_shutter,
            has_overlays,
            overlays,
            has_shutter,
            status,
        }
    }
}

/// The grey scale as annotated.
#[derive(Clone, Debug, PartialEq)]
pub struct WindowNote {
    /// Centre and width; `None` for a curve of the file.
    pub center_width: Option<[f64; 2]>,
    /// Where it comes from.
    pub source: VoiSource,
}

impl ShownImage {
    /// What is said about one drawn image; `None` where the summary contradicts itself.
    #[must_use]
    pub fn describe(
        series: &Series,
        reference: ViewReference,
        position: u32,
        drawn: &FrameDisplay,
        view: &ResolvedView,
    ) -> Option<Self> {
        let image = series.images.get(usize::try_from(reference.image).ok()?)?;
        let (format, _) = frame_attributes(series, reference.image, reference.frame).ok()?;
        let plane = image.plane(reference.frame);
        let is_grey =
            format.samples_per_pixel == 1 && format.photometric_interpretation != "PALETTE COLOR";
        Some(Self {
            position,
            file_frame: file_frame(series, image, reference.frame),
            cover: None,
            acquired: image.acquired_of(reference.frame).map(str::to_owned),
            slice_position_mm: plane.map(slice_position_mm),
            thickness_mm: plane.and_then(|plane| plane.thickness_mm),
            projection: projection(series, image),
            window: is_grey.then(|| WindowNote::of(drawn)),
            inverted: false,
            colours: ColourMap::Grey,
            zoom: Some(view.scale),
            spacing_source: view.spacing.map(|spacing| spacing.source),
            has_regions: image.us_regions.iter().any(|one| one.pixel_size_mm().is_some()),
            lossy: format.lossy.clone(),
            stream_frames: None,
            is_icc_unusable: image.icc_defect.is_some(),
            letters: letters_of(image, reference.frame, drawn, format),
        })
    }
}

impl ShownImage {
    /// The same image where it cannot be drawn: nothing is said of how it looks.
    #[must_use]
    pub fn without_picture(self) -> Self {
        Self {
            window: None,
            inverted: false,
            colours: ColourMap::Grey,
            zoom: None,
            spacing_source: None,
            lossy: None,
            stream_frames: None,
            is_icc_unusable: false,
            letters: None,
            cover: None,
            ..self
        }
    }
}

impl WindowNote {
    fn of(drawn: &FrameDisplay) -> Self {
        let center_width = match drawn.params.voi {
            Voi::Window { center, width, .. } => Some([center, width]),
            Voi::Lut(_) => None,
        };
        Self { center_width, source: drawn.voi_source }
    }

    /// Whether neither the file nor the reader chose it.
    #[must_use]
    pub fn is_guessed(&self) -> bool {
        matches!(self.source, VoiSource::CentralRange | VoiSource::PixelRange)
    }
}

/// Letters at the edges: top, right, bottom, left.
fn letters_of(
    image: &Image,
    frame: u32,
    drawn: &FrameDisplay,
    format: &ImageFormat,
) -> Option<[String; 4]> {
    let aspect = ImageGeometry::of(format).pixel_aspect;
    let letters = edge_letters(image, frame, &drawn.params.image_from_canvas, aspect)?;
    Some([letters.top, letters.right, letters.bottom, letters.left])
}

fn file_frame(series: &Series, image: &Image, frame: u32) -> Option<u32> {
    let is_other_order = image.frames > 1 && !series.frame_order.is_empty();
    is_other_order.then(|| frame + 1)
}

/// Distance of a plane from the origin along its normal, mm.
/// Modalities whose images are projections, of a side.
const PROJECTIONS: [&str; 3] = ["MG", "CR", "DX"];

/// The side is the image's, else the series'.
fn projection(series: &Series, image: &Image) -> String {
    if !PROJECTIONS.contains(&series.modality.as_str()) {
        return String::new();
    }
    let side = image.laterality.as_ref().or(series.laterality.as_ref());
    let parts = [side, image.view.as_ref()].into_iter().flatten().map(String::as_str);
    parts.collect::<Vec<_>>().join(" ")
}

fn slice_position_mm(plane: &ImagePlane) -> f64 {
    position_along_mm(plane, normal(plane))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plane(z: f64) -> ImagePlane {
        ImagePlane {
            position_mm: [-120.0, -130.0, z],
            row_direction: [1.0, 0.0, 0.0],
            column_direction: [0.0, 1.0, 0.0],
            thickness_mm: Some(1.25),
        }
    }

    #[test]
    fn an_axial_slice_is_placed_by_its_height() {
        assert_eq!(slice_position_mm(&plane(-612.5)), -612.5);
    }

    #[test]
    fn a_sagittal_slice_is_placed_from_right_to_left() {
        let sagittal = ImagePlane {
            position_mm: [12.0, -130.0, 40.0],
            row_direction: [0.0, 1.0, 0.0],
            column_direction: [0.0, 0.0, -1.0],
            thickness_mm: None,
        };
        assert_eq!(slice_position_mm(&sagittal), -12.0);
    }
}
