//! Step 3, modality values → 0 … 1 (PS3.3 C.11.2): a window of one of three functions, or a VOI LUT.

use super::{EDGE_TOLERANCE, Voi, modality};
use crate::exam::{LookupTable, VoiFunction, VoiWindow};

impl Voi {
    /// The grey of one modality value, 0 (black) to 1 (white), before inversion.
    #[must_use]
    pub fn apply(&self, value: f64) -> f64 {
        match self {
            Self::Window { center, width, function } => match function {
                VoiFunction::Linear => linear(value, *center, *width),
                VoiFunction::LinearExact => linear_exact(value, *center, *width),
                VoiFunction::Sigmoid => sigmoid(value, *center, *width),
            },
            Self::Lut(table) => lut(value, table),
        }
    }
}

impl From<&VoiWindow> for Voi {
    fn from(window: &VoiWindow) -> Self {
        Self::Window { center: window.center, width: window.width, function: window.function }
    }
}

/// LINEAR (PS3.3 C.11.2.1.2.1). Width 1 is a threshold, and so is drawn any (invalid) smaller one.
fn linear(value: f64, center: f64, width: f64) -> f64 {
    let (middle, span) = (center - 0.5, (width - 1.0).max(0.0));
    if value <= middle - span / 2.0 {
        0.0
    } else if value > middle + span / 2.0 {
        1.0
    } else {
        (value - middle) / span + 0.5
    }
}

/// LINEAR_EXACT (PS3.3 C.11.2.1.3.2). An (invalid) width of 0 or less is drawn as a threshold.
fn linear_exact(value: f64, center: f64, width: f64) -> f64 {
    let span = width.max(0.0);
    if value <= center - span / 2.0 {
        0.0
    } else if value > center + span / 2.0 {
        1.0
    } else {
        (value - center) / span + 0.5
    }
}

/// SIGMOID (PS3.3 C.11.2.1.3.1). An (invalid) width of 0 or less is drawn as a threshold.
fn sigmoid(value: f64, center: f64, width: f64) -> f64 {
    if width > 0.0 {
        1.0 / (1.0 + (-4.0 * (value - center) / width).exp())
    } else {
        linear_exact(value, center, 0.0)
    }
}

/// VOI LUT (PS3.3 C.11.2.1.1): the input is rounded to nearest, the entry scaled by its bits.
fn lut(value: f64, table: &LookupTable) -> f64 {
    let full_scale = f64::from((1_u32 << table.bits.clamp(1, 16)) - 1);
    let input = (value + 0.5 + EDGE_TOLERANCE).floor();
    (f64::from(modality::entry(table, input)) / full_scale).min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn window(center: f64, width: f64, function: VoiFunction) -> Voi {
        Voi::Window { center, width, function }
    }

    fn greys(voi: &Voi, values: &[f64]) -> Vec<f64> {
        values.iter().map(|&value| (voi.apply(value) * 255.0 * 1e6).round() / 1e6).collect()
    }

    /// The example of PS3.3 C.11.2.1.2.1: centre 2048, width 4096, grey 0 … 255.
    #[test]
    fn linear_example_of_the_standard() {
        let full = window(2048.0, 4096.0, VoiFunction::Linear);
        assert_eq!(greys(&full, &[-1.0, 0.0, 4095.0, 4096.0]), [0.0, 0.0, 255.0, 255.0]);
        // ((x − 2047.5) / 4095 + 0.5) × 255
        assert_eq!(greys(&full, &[819.0, 2047.5]), [51.0, 127.5]);
    }

    /// Centre 2048, width 1: `x ≤ 2047.5 ⇒ 0`, else 1 (same section).
    #[test]
    fn linear_of_width_one_is_a_threshold() {
        for width in [1.0, 0.0, -50.0] {
            let step = window(2048.0, width, VoiFunction::Linear);
            assert_eq!(greys(&step, &[2047.0, 2047.5, 2047.6, 2048.0]), [0.0, 0.0, 255.0, 255.0]);
        }
    }

    /// The examples of PS3.3 C.11.2.1.3.2: centre 2048, width 4096 and centre 2048, width 1.
    #[test]
    fn linear_exact_examples_of_the_standard() {
        let full = window(2048.0, 4096.0, VoiFunction::LinearExact);
        assert_eq!(greys(&full, &[0.0, 2048.0, 4096.0, 4097.0]), [0.0, 127.5, 255.0, 255.0]);
        let narrow = window(2048.0, 1.0, VoiFunction::LinearExact);
        assert_eq!(greys(&narrow, &[2047.5, 2048.0, 2048.25, 2048.5]), [0.0, 127.5, 191.25, 255.0]);
    }

    #[test]
    fn sigmoid_is_half_at_the_centre_and_follows_the_formula() {
        let curve = window(40.0, 400.0, VoiFunction::Sigmoid);
        assert_eq!(curve.apply(40.0), 0.5);
        // 1 / (1 + e⁻²) at centre + width / 2, and its mirror image.
        assert!((curve.apply(240.0) - 0.880_797_077_977_882_3).abs() < 1e-15);
        assert!((curve.apply(-160.0) - 0.119_202_922_022_117_57).abs() < 1e-15);
    }

    #[test]
    fn a_width_of_zero_is_a_threshold_for_the_others_too() {
        for function in [VoiFunction::LinearExact, VoiFunction::Sigmoid] {
            let step = window(10.0, 0.0, function);
            assert_eq!(greys(&step, &[9.9, 10.0, 10.1]), [0.0, 0.0, 255.0]);
        }
    }

    #[test]
    fn lut_rounds_its_input_and_scales_by_its_bits() {
        let entries = vec![0, 1023, 4095, 65535];
        let table = LookupTable { first_mapped: -1, bits: 12, entries, explanation: String::new() };
        let voi = Voi::Lut(table);
        let expected = [0.0, 0.0, 1023.0 / 4095.0, 1023.0 / 4095.0, 1.0, 1.0, 1.0];
        let found: Vec<f64> = [-9.0, -0.6, -0.5, 0.4, 0.5, 2.0, 9.0].map(|v| voi.apply(v)).into();
        assert_eq!(found, expected);
    }

    fn any_function() -> impl Strategy<Value = VoiFunction> {
        prop_oneof![
            Just(VoiFunction::Linear),
            Just(VoiFunction::LinearExact),
            Just(VoiFunction::Sigmoid)
        ]
    }

    proptest! {
        #[test]
        fn windows_rise_and_stay_within_0_and_1(
            function in any_function(), center in -5e3_f64..5e3, width in -10.0_f64..5e3,
            value in -1e5_f64..1e5, step in 0.0_f64..1e4,
        ) {
            let voi = window(center, width, function);
            let (low, high) = (voi.apply(value), voi.apply(value + step));
            prop_assert!((0.0..=1.0).contains(&low) && (0.0..=1.0).contains(&high) && low <= high);
        }

        #[test]
        fn linear_can_be_undone_inside_the_window(
            center in -5e3_f64..5e3, width in 2.0_f64..5e3, part in 0.001_f64..0.999,
        ) {
            let value = center - 0.5 + (part - 0.5) * (width - 1.0);
            prop_assert!((window(center, width, VoiFunction::Linear).apply(value) - part).abs() < 1e-9);
        }

        #[test]
        fn sigmoid_is_symmetric(center in -5e3_f64..5e3, width in 0.1_f64..5e3, offset in 0.0_f64..5e3) {
            let voi = window(center, width, VoiFunction::Sigmoid);
            prop_assert!((voi.apply(center + offset) + voi.apply(center - offset) - 1.0).abs() < 1e-9);
        }
    }
}
