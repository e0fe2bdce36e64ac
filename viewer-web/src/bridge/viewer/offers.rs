//! Which grey scales are on offer for the image in the active pane.

use viewer_core::display::Voi;
use viewer_core::exam::{DisplayAttributes, ImageFormat};
use viewer_core::viewport::{VoiChoice, frame_attributes, presets, resolve_voi, voi_choices};

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

impl Viewer {
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
}

fn offer_of(
    choice: VoiChoice,
    attributes: &DisplayAttributes,
    format: &ImageFormat,
    range: Option<[f64; 2]>,
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
