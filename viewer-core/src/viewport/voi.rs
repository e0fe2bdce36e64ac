use super::{UserWindow, VoiChoice, WindowPreset, presets};
use crate::display::Voi;
use crate::exam::{
    DisplayAttributes, ImageFormat, LookupTable, ModalityTransform, SampleKind, Series,
    VoiFunction, VoiWindow,
};
use crate::pixel::StoredRange;

/// What the VOI step that is really used comes from; shown to the user, so that nothing is
/// substituted in silence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VoiSource {
    /// Window `i` of the file.
    FileWindow(u16),
    /// VOI LUT `i` of the file.
    VoiLut(u16),
    /// A named window.
    Preset(WindowPreset),
    /// The central range of the pixel values ([`StoredRange::central`]).
    CentralRange,
    /// Smallest to largest pixel value.
    PixelRange,
    /// All values the stored bits allow.
    BitRange,
    /// Set by hand.
    User,
}

/// The VOI step for one frame.
///
/// `stored_range` is the range of *stored* values of the frame or its series, where known. A choice the
/// frame does not have (window 3 of 2) falls back to the default. Order of the default: first usable
/// window of the file, first VOI LUT, then automatically the central range of the pixels without
/// padding ([`StoredRange::of`]), a range that the decoder of the frame finds, so that page and server
/// agree. Images of up to 8 bits without rescale are shown as they are (full bit range), since their
/// grey levels are meant for it.
/// A LINEAR window narrower than 1 is not defined (PS3.3 C.11.2.1.2.1) and never used.
#[must_use]
pub fn resolve_voi(
    choice: VoiChoice,
    attributes: &DisplayAttributes,
    format: &ImageFormat,
    stored_range: Option<StoredRange>,
) -> (Voi, VoiSource) {
    chosen(choice, attributes, format, stored_range)
        .or_else(|| default_of_file(attributes))
        .unwrap_or_else(|| {
            let central = stored_range.map(|range| (range.central, VoiSource::CentralRange));
            by_range(attributes, format, central)
        })
}

/// What can be offered for a frame, in the order of a menu: windows and LUTs of the file, named
/// windows of the modality, full range.
#[must_use]
pub fn voi_choices(series: &Series, attributes: &DisplayAttributes) -> Vec<VoiChoice> {
    let windows = (0_u16..)
        .zip(&attributes.windows)
        .filter(|(_, window)| usable(window))
        .map(|(index, _)| VoiChoice::FileWindow(index));
    // One without entries only keeps a place (`panels/documents-tables.js`).
    let luts = (0_u16..)
        .zip(&attributes.voi_luts)
        .filter(|(_, lut)| !lut.entries.is_empty())
        .map(|(index, _)| VoiChoice::VoiLut(index));
    let named = presets(&series.modality).iter().copied().map(VoiChoice::Preset);
    windows.chain(luts).chain(named).chain([VoiChoice::FullRange]).collect()
}

fn chosen(
    choice: VoiChoice,
    attributes: &DisplayAttributes,
    format: &ImageFormat,
    stored_range: Option<StoredRange>,
) -> Option<(Voi, VoiSource)> {
    match choice {
        VoiChoice::Default => None,
        VoiChoice::FileWindow(index) => file_window(attributes, index),
        VoiChoice::VoiLut(index) => voi_lut(attributes, index),
        VoiChoice::Preset(preset) => {
            let [center, width] = preset.center_width();
            let voi = Voi::Window { center, width, function: VoiFunction::Linear };
            Some((voi, VoiSource::Preset(preset)))
        }
        VoiChoice::FullRange => {
            let full = stored_range.map(|range| (range.full, VoiSource::PixelRange));
            Some(by_range(attributes, format, full))
        }
        VoiChoice::User(window) => user(window),
    }
}

fn user(window: UserWindow) -> Option<(Voi, VoiSource)> {
    let UserWindow { center, width, function } = window;
    valid(center, width, function)
        .then_some((Voi::Window { center, width, function }, VoiSource::User))
}

fn default_of_file(attributes: &DisplayAttributes) -> Option<(Voi, VoiSource)> {
    let first = (0_u16..).zip(&attributes.windows).find(|(_, window)| usable(window));
    match first {
        Some((index, _)) => file_window(attributes, index),
        None => voi_lut(attributes, 0),
    }
}

fn file_window(attributes: &DisplayAttributes, index: u16) -> Option<(Voi, VoiSource)> {
    let window = attributes.windows.get(usize::from(index)).filter(|window| usable(window))?;
    let VoiWindow { center, width, function, .. } = *window;
    Some((Voi::Window { center, width, function }, VoiSource::FileWindow(index)))
}

fn voi_lut(attributes: &DisplayAttributes, index: u16) -> Option<(Voi, VoiSource)> {
    let table =
        attributes.voi_luts.get(usize::from(index)).filter(|lut| !lut.entries.is_empty())?;
    Some((Voi::Lut(table.clone()), VoiSource::VoiLut(index)))
}

fn usable(window: &VoiWindow) -> bool {
    valid(window.center, window.width, window.function)
}

pub(super) fn valid(center: f64, width: f64, function: VoiFunction) -> bool {
    let wide_enough = match function {
        VoiFunction::Linear => width >= 1.0,
        VoiFunction::LinearExact | VoiFunction::Sigmoid => width > 0.0,
    };
    center.is_finite() && width.is_finite() && wide_enough
}

/// A range as a LINEAR_EXACT window: its ends become exactly black and white, whatever the unit.
fn by_range(
    attributes: &DisplayAttributes,
    format: &ImageFormat,
    measured: Option<([f64; 2], VoiSource)>,
) -> (Voi, VoiSource) {
    let (stored, source) = measured
        .filter(|([low, high], _)| low.is_finite() && high.is_finite() && low <= high)
        .filter(|_| !shown_as_stored(attributes, format))
        .unwrap_or_else(|| (bit_range(format), VoiSource::BitRange));
    let [a, b] = stored.map(|stored| modality_value(&attributes.modality, stored));
    let (low, high) = match &attributes.modality {
        ModalityTransform::Rescale { .. } => (a.min(b), a.max(b)),
        // A table need not be monotone: its own range is the only sure one.
        ModalityTransform::Lut(table) => lut_range(table),
    };
    let width = if high > low { high - low } else { 1.0 };
    let voi =
        Voi::Window { center: low + (high - low) / 2.0, width, function: VoiFunction::LinearExact };
    (voi, source)
}

fn shown_as_stored(attributes: &DisplayAttributes, format: &ImageFormat) -> bool {
    let unscaled = attributes.modality == ModalityTransform::Rescale { slope: 1.0, intercept: 0.0 };
    unscaled && format.samples == SampleKind::Integer && format.bits_stored <= 8
}

pub(super) fn bit_range(format: &ImageFormat) -> [f64; 2] {
    if format.samples != SampleKind::Integer {
        return [0.0, 1.0];
    }
    let values = 2_f64.powi(i32::from(format.bits_stored.clamp(1, 64)));
    if format.signed { [-values / 2.0, values / 2.0 - 1.0] } else { [0.0, values - 1.0] }
}

fn modality_value(modality: &ModalityTransform, stored: f64) -> f64 {
    match modality {
        ModalityTransform::Rescale { slope, intercept } => slope * stored + intercept,
        ModalityTransform::Lut(_) => stored,
    }
}

fn lut_range(table: &LookupTable) -> (f64, f64) {
    let low = table.entries.iter().min().copied().unwrap_or(0);
    let high = table.entries.iter().max().copied().unwrap_or(0);
    (f64::from(low), f64::from(high))
}
