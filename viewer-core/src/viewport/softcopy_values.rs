//! What a grayscale presentation state makes of the values of an image (PS3.4 N.2.1), as a window or a table of the pane.

use super::UserWindow;
use super::voi::{bit_range, valid};
use crate::display::one_table::{one_table, stored_of, through_output};
use crate::display::{ColourTable, Modality, Voi, is_inverted};
use crate::exam::{
    DisplayAttributes, GreySteps, ImageFormat, LeftOut, LookupTable, ModalityTransform, SampleKind,
    SoftcopyPresentation, SoftcopyVoi, VoiFunction,
};

/// The VOI step of a pane, and whether it is inverted on top of what its image says.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct GreyLook {
    pub(super) window: Option<UserWindow>,
    /// Instead of a window; its inputs are modality values of the image.
    pub(super) table: Option<LookupTable>,
    pub(super) invert: bool,
}

/// The steps of a state on an image; `voi` is its VOI step for this image.
///
/// # Errors
/// What cannot be had of such an image; nothing of the steps is to be applied then.
pub(super) fn grey_look(
    steps: &GreySteps,
    voi: Option<&SoftcopyVoi>,
    attributes: &DisplayAttributes,
    format: &ImageFormat,
) -> Result<GreyLook, Vec<LeftOut>> {
    if attributes.presentation_lut.is_some() {
        // It would come on top.
        return Err(vec![LeftOut::PresentationLut]);
    }
    let modality = modality_of(&steps.modality, format);
    let voi = match voi {
        Some(SoftcopyVoi::Window(window)) => Voi::from(window),
        Some(SoftcopyVoi::Lut(lut)) => Voi::Lut(signed(lut, can_be_negative(&modality, format))),
        None => whole_range(&modality, format).ok_or_else(|| vec![LeftOut::VoiLut])?,
    };
    let output = match &steps.presentation {
        SoftcopyPresentation::Lut(lut) => ColourTable::of_presentation_lut(lut),
        _ => None,
    };
    let image = Modality::from(&attributes.modality);
    let drawn = Steps { image, modality, voi, output }.drawn(format);
    let (mut look, is_turned) = drawn.ok_or_else(|| left_out(steps, attributes, format))?;
    let is_inverse = (steps.presentation == SoftcopyPresentation::Inverse) != is_turned;
    look.invert = is_inverse != is_inverted(attributes, format, false);
    Ok(look)
}

/// Steps in the terms of renderers.
struct Steps {
    /// Stored → modality values of the image, which stay what the pane has.
    image: Modality,
    modality: Modality,
    voi: Voi,
    output: Option<ColourTable>,
}

impl Steps {
    /// As a window where that is exact, else as a table; and whether high values are dark.
    fn drawn(&self, format: &ImageFormat) -> Option<(GreyLook, bool)> {
        let is_same = is_same(&self.image, &self.modality);
        if let (Voi::Window { center, width, function }, None) = (&self.voi, &self.output)
            && let Some(factor_offset) = self.image_from_state(is_same)
        {
            let (window, is_turned) = moved([*center, *width], *function, factor_offset)?;
            return Some((GreyLook { window: Some(window), ..GreyLook::default() }, is_turned));
        }
        let table = match &self.voi {
            Voi::Lut(lut) if is_same => through_output(lut, self.output.as_ref()),
            voi => {
                one_table(self.inputs(format)?, self.values(is_same)?, voi, self.output.as_ref())?
            }
        };
        Some((GreyLook { table: Some(table), ..GreyLook::default() }, false))
    }

    /// Factor and offset from values of the state to modality values of the image, where both are rescaled.
    fn image_from_state(&self, is_same: bool) -> Option<[f64; 2]> {
        match (&self.image, &self.modality) {
            _ if is_same => Some([1.0, 0.0]),
            (
                Modality::Rescale { slope, intercept },
                Modality::Rescale { slope: of_state, intercept: from },
            ) => {
                let factor = slope / of_state;
                Some([factor, intercept - from * factor])
            }
            _ => None,
        }
    }

    /// Modality values that the image can have, from the lowest to the highest.
    fn inputs(&self, format: &ImageFormat) -> Option<[i64; 2]> {
        let [low, high] = match &self.image {
            Modality::Rescale { .. } => {
                let [one, other] = bit_range(format).map(|stored| self.image.apply(stored));
                [one.min(other), one.max(other)]
            }
            Modality::Lut(table) => {
                let entries = table.entries.iter();
                let [low, high] = [entries.clone().min()?, entries.max()?];
                [f64::from(*low), f64::from(*high)]
            }
        };
        (format.samples == SampleKind::Integer).then_some([low as i64, high as i64])
    }

    /// From modality values of the image to those of the state.
    fn values(&self, is_same: bool) -> Option<Box<dyn Fn(f64) -> f64 + '_>> {
        let is_whole = matches!(self.image, Modality::Lut(_)) || stored_of(&self.image).is_some();
        if is_same {
            return is_whole.then(|| Box::new(|value| value) as Box<dyn Fn(f64) -> f64>);
        }
        let stored = stored_of(&self.image)?;
        Some(Box::new(move |value| self.modality.apply(stored(value))))
    }
}

/// The window in other units, and whether it falls instead of rising in them.
fn moved(
    [center, width]: [f64; 2],
    function: VoiFunction,
    [factor, offset]: [f64; 2],
) -> Option<(UserWindow, bool)> {
    let to = |value: f64| value * factor + offset;
    let window = match function {
        _ if factor == 1.0 => UserWindow { center: to(center), width, function },
        // Its half and its one are of the unit it is in (C.11.2.1.2.1).
        VoiFunction::Linear if width > 1.0 => UserWindow {
            center: to(center - 0.5),
            width: (width - 1.0) * factor.abs(),
            function: VoiFunction::LinearExact,
        },
        VoiFunction::Linear => UserWindow { center: to(center - 0.5) + 0.5, width, function },
        _ => UserWindow { center: to(center), width: width * factor.abs(), function },
    };
    let is_usable = valid(window.center, window.width, window.function);
    is_usable.then_some((window, factor < 0.0))
}

/// Whether both make the same of every value.
fn is_same(one: &Modality, other: &Modality) -> bool {
    match (one, other) {
        (Modality::Lut(one), Modality::Lut(other)) => {
            (one.first_mapped, &one.entries) == (other.first_mapped, &other.entries)
        }
        (one, other) => one == other,
    }
}

/// A LUT of the state maps stored values, which are signed where those of the image are (C.11.1.1.1).
fn modality_of(transform: &ModalityTransform, format: &ImageFormat) -> Modality {
    match transform {
        ModalityTransform::Lut(lut) => Modality::Lut(signed(lut, format.signed)),
        transform => Modality::from(transform),
    }
}

fn signed(lut: &LookupTable, is_signed: bool) -> LookupTable {
    let first = u16::try_from(lut.first_mapped).ok().filter(|_| is_signed);
    let first_mapped = first.map_or(lut.first_mapped, |first| i32::from(first as i16));
    LookupTable { first_mapped, ..lut.clone() }
}

/// Whether a value after the modality step can be negative: then the first value of a VOI LUT is signed (C.11.2.1.1).
fn can_be_negative(modality: &Modality, format: &ImageFormat) -> bool {
    match modality {
        Modality::Lut(_) => false,
        modality => bit_range(format).iter().any(|&stored| modality.apply(stored) < 0.0),
    }
}

/// No VOI step: all values there can be after the modality step, from black to white.
fn whole_range(modality: &Modality, format: &ImageFormat) -> Option<Voi> {
    let [low, high] = match modality {
        Modality::Lut(table) => [0.0, f64::from((1_u32 << table.bits.clamp(1, 16)) - 1)],
        modality => {
            let [one, other] = bit_range(format).map(|stored| modality.apply(stored));
            [one.min(other), one.max(other)]
        }
    };
    let window =
        UserWindow::between([low, high]).filter(|_| format.samples == SampleKind::Integer)?;
    let UserWindow { center, width, function } = window;
    Some(Voi::Window { center, width, function })
}

/// What is not to be had, by the steps that ask for more than a window.
fn left_out(
    steps: &GreySteps,
    attributes: &DisplayAttributes,
    format: &ImageFormat,
) -> Vec<LeftOut> {
    let image = Modality::from(&attributes.modality);
    let is_other = !is_same(&image, &modality_of(&steps.modality, format));
    let has_curve = steps.voi.iter().any(|voi| matches!(voi.what, SoftcopyVoi::Lut(_)));
    let has_output = matches!(steps.presentation, SoftcopyPresentation::Lut(_));
    let all = [
        (is_other, LeftOut::ModalityLut),
        (has_curve, LeftOut::VoiLut),
        (has_output, LeftOut::PresentationLut),
    ];
    let found: Vec<LeftOut> = all.into_iter().filter_map(|(is, what)| is.then_some(what)).collect();
    if found.is_empty() { vec![LeftOut::VoiLut] } else { found }
}
