use viewer_core::base::between;
use viewer_core::display::{DisplayParams, Modality, Voi};
use viewer_core::exam::{LookupTable, VoiFunction};

/// What the shader does with `t = voi_scale · (value − reference) + voi_offset`;
/// the numbers are those of `shaders/lib/tone.wgsl`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum VoiStep {
    /// `t` clamped to 0 … 1.
    Ramp = 0,
    /// 0 up to `t = 0`, else 1: LINEAR with width 1.
    Step = 1,
    /// `1 / (1 + exp t)`.
    Sigmoid = 2,
    /// Entry number `t`, rounded, of the VOI LUT.
    Lut = 3,
}

/// Steps 1 and 3 of the pipeline folded into one affine map around the middle of the window.
///
/// Where the window is narrow each digit counts: the shader first subtracts `reference`, a whole
/// stored value (or modality LUT entry) next to the window's middle, exactly; what follows is small
/// where it matters. Large intercepts are dealt with here, in `f64`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Tone {
    pub(crate) step: VoiStep,
    pub(crate) scale: f32,
    pub(crate) offset: f32,
    pub(crate) reference: f64,
}

impl Tone {
    /// For colour frames, which have none.
    pub(crate) const NONE: Self =
        Self { step: VoiStep::Ramp, scale: 0.0, offset: 0.0, reference: 0.0 };

    /// `None` where a parameter is not finite. The reference is kept within `stored_limits`.
    pub(crate) fn new(params: &DisplayParams, stored_limits: [f64; 2]) -> Option<Self> {
        let (slope, intercept, [lowest, highest]) = match &params.modality {
            Modality::Rescale { slope, intercept } => (*slope, *intercept, stored_limits),
            Modality::Lut(_) => (1.0, 0.0, [0.0, 65_535.0]),
        };
        let curve = Curve::new(&params.voi);
        let nearest = ((curve.zero + curve.middle - intercept) / slope).round();
        let reference = if nearest.is_nan() { 0.0 } else { between(nearest, lowest, highest) };
        let at_reference = slope * reference + intercept - curve.zero;
        let (scale, offset) = (slope * curve.gain, at_reference * curve.gain + curve.lift);
        if scale.is_nan() || offset.is_nan() {
            return None;
        }
        let [scale, offset] = [scale, offset].map(|v| v.clamp(-1e30, 1e30) as f32);
        Some(Self { step: curve.step, scale, offset, reference })
    }
}

/// The VOI step as a function of modality values: `t = gain · (value − zero) + lift`.
struct Curve {
    step: VoiStep,
    zero: f64,
    gain: f64,
    lift: f64,
    /// Where precision matters most, counted from `zero`.
    middle: f64,
}

/// A window narrower than the inverse of this is as good as a threshold, and its gain stays finite.
const STEEPEST: f64 = 1e12;

impl Curve {
    fn new(voi: &Voi) -> Self {
        match voi {
            Voi::Window { center, width, function } => Self::window(*center, *width, *function),
            Voi::Lut(lut) => Self::lut(lut),
        }
    }

    /// PS3.3 C.11.2.1.2.1 (LINEAR), C.11.2.1.3.1 (SIGMOID), C.11.2.1.3.2 (LINEAR_EXACT).
    fn window(center: f64, width: f64, function: VoiFunction) -> Self {
        let (zero, span) = match function {
            VoiFunction::Linear => (center - 0.5, width - 1.0),
            VoiFunction::LinearExact | VoiFunction::Sigmoid => (center, width),
        };
        let (step, gain, lift) = match function {
            _ if span <= 0.0 => (VoiStep::Step, 1.0, 0.0),
            VoiFunction::Sigmoid => (VoiStep::Sigmoid, (-4.0 / span).max(-STEEPEST), 0.0),
            _ => (VoiStep::Ramp, (1.0 / span).min(STEEPEST), 0.5),
        };
        Self { step, zero, gain, lift, middle: 0.0 }
    }

    fn lut(lut: &LookupTable) -> Self {
        let middle = (lut.entries.len() / 2) as f64;
        Self { step: VoiStep::Lut, zero: f64::from(lut.first_mapped), gain: 1.0, lift: 0.0, middle }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use viewer_core::display::Interpolation;
    use viewer_core::geometry::Affine2;

    const LIMITS: [f64; 2] = [-32_768.0, 32_767.0];

    fn tone(slope: f64, intercept: f64, voi: Voi) -> Option<Tone> {
        let params = DisplayParams {
            canvas_size_px: [1, 1],
            image_from_canvas: Affine2::IDENTITY,
            padding: None,
            supplemental: None,
            modality: Modality::Rescale { slope, intercept },
            voi,
            invert: false,
            output: None,
            interpolation: Interpolation::Nearest,
            background: 0,
        };
        Tone::new(&params, LIMITS)
    }

    fn window(center: f64, width: f64, function: VoiFunction) -> Voi {
        Voi::Window { center, width, function }
    }

    /// The window's middle, −600.5, is stored as 423.5: what is left of the intercept is half a unit.
    #[test]
    fn an_intercept_leaves_no_trace_but_the_rest() {
        let found = tone(1.0, -1024.0, window(-600.0, 1501.0, VoiFunction::Linear));
        let offset = (0.5 + 0.5 / 1500.0) as f32;
        let expected =
            Tone { step: VoiStep::Ramp, scale: (1.0 / 1500.0) as f32, offset, reference: 424.0 };
        assert_eq!(found, Some(expected));
    }

    #[test]
    fn references_are_values_that_can_be_stored() {
        let found = tone(1.0, -1e9, window(0.0, 2.0, VoiFunction::LinearExact));
        assert_eq!(found.map(|tone| tone.reference), Some(32_767.0));
    }

    #[test]
    fn a_window_without_width_is_a_threshold() {
        for (width, function) in [
            (1.0, VoiFunction::Linear),
            (-3.0, VoiFunction::Linear),
            (0.0, VoiFunction::LinearExact),
            (0.0, VoiFunction::Sigmoid),
        ] {
            let found = tone(1.0, 0.0, window(30_000.0, width, function)).map(|t| t.step);
            assert_eq!(found, Some(VoiStep::Step), "{function:?} {width}");
        }
    }

    #[test]
    fn what_is_not_a_number_makes_no_tone() {
        assert_eq!(tone(f64::NAN, 0.0, window(1.0, 2.0, VoiFunction::Linear)), None);
        assert_eq!(tone(1.0, 0.0, window(f64::NAN, 2.0, VoiFunction::Linear)), None);
        assert_eq!(tone(1.0, f64::INFINITY, window(f64::INFINITY, 2.0, VoiFunction::Linear)), None);
    }

    #[test]
    fn the_narrowest_window_keeps_finite_numbers() {
        let found = tone(2.0, 0.0, window(10.0, 1e-300, VoiFunction::LinearExact));
        let expected = Tone { step: VoiStep::Ramp, scale: 2e12, offset: 0.5, reference: 5.0 };
        assert_eq!(found, Some(expected));
    }
}
