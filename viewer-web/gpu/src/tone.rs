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
    pub(crate) reference: i32,
}

/// Whole numbers up to here, and their differences, are exact in an `f32`.
const EXACT_LIMIT: f64 = 8_388_608.0;

impl Tone {
    /// For colour frames, which have none.
    pub(crate) const NONE: Self =
        Self { step: VoiStep::Ramp, scale: 0.0, offset: 0.0, reference: 0 };

    /// `None` where a parameter is not finite, a width not above 0 or a table empty.
    pub(crate) fn new(params: &DisplayParams) -> Option<Self> {
        let (slope, intercept) = match &params.modality {
            Modality::Rescale { slope, intercept } => (*slope, *intercept),
            Modality::Lut(lut) if lut.entries.is_empty() => return None,
            Modality::Lut(_) => (1.0, 0.0),
        };
        let curve = Curve::new(&params.voi)?;
        let reference = reference(slope, intercept, curve.middle);
        let at_reference = slope * reference + intercept - curve.zero;
        let (scale, offset) = (slope * curve.gain, at_reference * curve.gain + curve.lift);
        if !scale.is_finite() || !offset.is_finite() {
            return None;
        }
        let [scale, offset] = [scale, offset].map(|v| v.clamp(-1e30, 1e30) as f32);
        Some(Self { step: curve.step, scale, offset, reference: reference as i32 })
    }
}

/// The VOI step as a function of modality values: `t = gain · (value − zero) + lift`.
struct Curve {
    step: VoiStep,
    /// Where precision matters most.
    middle: f64,
    zero: f64,
    gain: f64,
    lift: f64,
}

impl Curve {
    fn new(voi: &Voi) -> Option<Self> {
        match voi {
            Voi::Window { center, width, function } => Self::window(*center, *width, *function),
            Voi::Lut(lut) => (!lut.entries.is_empty()).then(|| Self::lut(lut)),
        }
    }

    /// PS3.3 C.11.2.1.2.1 (LINEAR), C.11.2.1.3.1 (SIGMOID), C.11.2.1.3.2 (LINEAR_EXACT).
    fn window(center: f64, width: f64, function: VoiFunction) -> Option<Self> {
        if !center.is_finite() || !width.is_finite() || width <= 0.0 {
            return None;
        }
        let ramp = |zero: f64, range: f64| Self {
            step: VoiStep::Ramp,
            middle: zero,
            zero,
            gain: 1.0 / range,
            lift: 0.5,
        };
        Some(match function {
            VoiFunction::Linear if width > 1.0 => ramp(center - 0.5, width - 1.0),
            VoiFunction::Linear => {
                Self { step: VoiStep::Step, gain: 1.0, lift: 0.0, ..ramp(center - 0.5, 1.0) }
            }
            VoiFunction::LinearExact => ramp(center, width),
            VoiFunction::Sigmoid => Self {
                step: VoiStep::Sigmoid,
                gain: -4.0 / width,
                lift: 0.0,
                ..ramp(center, width)
            },
        })
    }

    fn lut(lut: &LookupTable) -> Self {
        let first = f64::from(lut.first_mapped);
        let middle = first + (lut.entries.len() / 2) as f64;
        Self { step: VoiStep::Lut, middle, zero: first, gain: 1.0, lift: 0.0 }
    }
}

/// The whole stored value nearest to modality value `middle`.
fn reference(slope: f64, intercept: f64, middle: f64) -> f64 {
    let stored = ((middle - intercept) / slope).round();
    if stored.is_nan() { 0.0 } else { stored.clamp(-EXACT_LIMIT, EXACT_LIMIT) }
}
