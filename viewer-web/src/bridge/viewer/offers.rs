//! What is on offer for the image in the active pane: grey scales, colours, interpolation.

use viewer_core::display::{ColourMap, Interpolation, Voi};
use viewer_core::exam::{DisplayAttributes, ImageFormat, Series, SeriesSuv};
use viewer_core::pixel::StoredRange;
use viewer_core::viewport::{
    UserWindow, VoiChoice, frame_attributes, presets, resolve_voi, voi_choices,
};

use super::Viewer;

/// An offered grey scale, with what is said of it.
#[derive(Clone, Debug)]
pub struct VoiOffer {
    /// Explanation of the file; may be empty.
    pub explanation: String,
    /// Values, where it is a window.
    pub center_width: Option<[f64; 2]>,
    /// Key that chooses it.
    pub digit: Option<usize>,
    /// Whether it is in use.
    pub is_current: bool,
}

/// The values between which there are greys, in a unit that a reader knows.
#[derive(Clone, Debug)]
pub struct Limits {
    /// The lower and the upper one, in `unit`.
    pub values: [f64; 2],
    /// What they count; may be empty.
    pub unit: String,
    /// How many of it one modality unit is.
    scale: f64,
}

impl Limits {
    /// The grey scale between two values in the unit; `None` where they are none.
    #[must_use]
    pub fn choice(&self, values: [f64; 2]) -> Option<VoiChoice> {
        UserWindow::between(values.map(|value| value / self.scale)).map(VoiChoice::User)
    }
}

impl Viewer {
    /// The limits of the grey scale of the active pane: uptake values of PET where one factor gives them for all
    /// images, else modality units. `None` where its image has colours.
    #[must_use]
    pub fn limits(&self) -> Option<Limits> {
        let session = self.0.session.borrow();
        let pane = session.active_pane();
        let window = session.window(pane)?;
        let (reference, series) = session.reference(pane).zip(session.series(pane))?;
        let (_, attributes) = frame_attributes(series, reference.image, reference.frame).ok()?;
        let (unit, scale) = match uptake_by_weight(series) {
            Some(factor) => ("SUV g/ml".to_owned(), factor),
            None => (attributes.unit.clone(), 1.0),
        };
        Some(Limits { values: window.limits().map(|value| value * scale), unit, scale })
    }

    /// Grey scales on offer for the active pane.
    #[must_use]
    pub fn voi_choices(&self) -> Vec<(VoiChoice, VoiOffer)> {
        let session = self.0.session.borrow();
        let pane = session.active_pane();
        let Some((reference, series)) = session.reference(pane).zip(session.series(pane)) else {
            return Vec::new();
        };
        let attributes = frame_attributes(series, reference.image, reference.frame);
        let Ok((format, attributes)) = attributes else { return Vec::new() };
        if !format.photometric_interpretation.starts_with("MONOCHROME") {
            return Vec::new();
        }
        let range = session.stored_range(reference.series);
        let current = session.view(pane).map(|view| view.data.voi).unwrap_or_default();
        let source = resolve_voi(current, attributes, format, range).1;
        let named = presets(&series.modality);
        let choices = voi_choices(series, attributes);
        let digit = |choice: &VoiChoice| match choice {
            VoiChoice::Preset(preset) => named.iter().position(|named| named == preset),
            other if named.is_empty() => choices.iter().position(|choice| choice == other),
            _ => None,
        };
        choices
            .iter()
            .map(|choice| {
                let mut offer = offer_of(*choice, attributes, format, range);
                offer.digit = digit(choice).map(|index| index + 1).filter(|digit| *digit <= 9);
                offer.is_current = resolve_voi(*choice, attributes, format, range).1 == source;
                (*choice, offer)
            })
            .collect()
    }

    /// The colours that greys of the active pane are shown in; `None` where its image has colours.
    #[must_use]
    pub fn colours(&self) -> Option<ColourMap> {
        let session = self.0.session.borrow();
        let pane = session.active_pane();
        let (reference, series) = session.reference(pane).zip(session.series(pane))?;
        let (format, attributes) =
            frame_attributes(series, reference.image, reference.frame).ok()?;
        let is_grey = format.is_grey() && attributes.palette.is_none();
        session.view(pane).filter(|_| is_grey).map(|view| view.data.colours)
    }

    /// How values between the pixels of the active pane are found.
    #[must_use]
    pub fn interpolation(&self) -> Interpolation {
        let session = self.0.session.borrow();
        session.view(session.active_pane()).map(|view| view.data.interpolation).unwrap_or_default()
    }
}

fn uptake_by_weight(series: &Series) -> Option<f64> {
    let Some(SeriesSuv::Known(uptake)) = &series.suv else { return None };
    let [factor] = uptake.by_weight[..] else { return None };
    (factor.is_finite() && factor > 0.0).then_some(factor)
}

fn offer_of(
    choice: VoiChoice,
    attributes: &DisplayAttributes,
    format: &ImageFormat,
    range: Option<StoredRange>,
) -> VoiOffer {
    let center_width = match resolve_voi(choice, attributes, format, range).0 {
        Voi::Window { center, width, .. } => Some([center, width]),
        Voi::Lut(_) => None,
    };
    let explanation = match choice {
        VoiChoice::FileWindow(index) => {
            attributes.windows.get(usize::from(index)).map(|window| window.explanation.clone())
        }
        VoiChoice::VoiLut(index) => {
            attributes.voi_luts.get(usize::from(index)).map(|table| table.explanation.clone())
        }
        _ => None,
    };
    VoiOffer {
        explanation: explanation.unwrap_or_default(),
        center_width,
        digit: None,
        is_current: false,
    }
}
