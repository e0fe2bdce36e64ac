use super::super::{DisplayParams, Voi};
use crate::exam::VoiFunction;

/// A window that is a straight line between black and white, in levels of 255.
pub(super) struct Ramp {
    pub(super) scale: f64,
    pub(super) middle: f64,
}

impl Ramp {
    pub(super) fn of(params: &DisplayParams) -> Option<Self> {
        let Voi::Window { center, width, function } = params.voi else { return None };
        let (middle, span) = match function {
            VoiFunction::Linear => (center - 0.5, width - 1.0),
            VoiFunction::LinearExact => (center, width),
            VoiFunction::Sigmoid => return None,
        };
        if span <= 0.0 || params.output.is_some() {
            return None;
        }
        let scale = if params.invert { -255.0 / span } else { 255.0 / span };
        Some(Self { scale, middle })
    }

    /// Half a level more than the value is shown as; beyond the ends as well.
    pub(super) fn level(&self, value: f64) -> f64 {
        (value - self.middle) * self.scale + 128.0
    }
}
