//! How images were made, as far as it is written beside them: the values a reader asks for first.

use serde::{Deserialize, Serialize};

/// The technique of an image, or what all images of a series have in common.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Technique {
    /// KVP (0018,0060): peak voltage of the X-ray tube, kV.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peak_voltage_kv: Option<f64>,
    /// Exposure: mA·s.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exposure_mas: Option<f64>,
    /// Repetition Time, ms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repetition_time_ms: Option<f64>,
    /// Echo Time, ms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub echo_time_ms: Option<f64>,
    /// Inversion Time, ms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inversion_time_ms: Option<f64>,
}

impl Technique {
    /// What both have: a value that differs is not said of either.
    #[must_use]
    pub fn in_common(&self, other: &Self) -> Self {
        let same = |a: Option<f64>, b: Option<f64>| a.filter(|_| a == b);
        Self {
            peak_voltage_kv: same(self.peak_voltage_kv, other.peak_voltage_kv),
            exposure_mas: same(self.exposure_mas, other.exposure_mas),
            repetition_time_ms: same(self.repetition_time_ms, other.repetition_time_ms),
            echo_time_ms: same(self.echo_time_ms, other.echo_time_ms),
            inversion_time_ms: same(self.inversion_time_ms, other.inversion_time_ms),
        }
    }

    /// One line in the signs of the field, which are the same in every language, with a decimal point:
    /// `120 kV · 85 mAs`, `TR 2000 ms · TE 2.46 ms`; empty where nothing is known.
    #[must_use]
    pub fn line(&self) -> String {
        let parts = [
            ("", self.peak_voltage_kv, "kV"),
            ("", self.exposure_mas, "mAs"),
            ("TR ", self.repetition_time_ms, "ms"),
            ("TE ", self.echo_time_ms, "ms"),
            ("TI ", self.inversion_time_ms, "ms"),
        ];
        let said = parts.into_iter().filter_map(|(sign, value, unit)| {
            // To a hundredth, and no digits that say nothing.
            let value = (value? * 100.0).round() / 100.0;
            Some(format!("{sign}{value} {unit}"))
        });
        said.collect::<Vec<_>>().join(" · ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_the_signs_and_units_of_the_field() {
        let ct = Technique {
            peak_voltage_kv: Some(120.0),
            exposure_mas: Some(85.25),
            ..Technique::default()
        };
        assert_eq!(ct.line(), "120 kV · 85.25 mAs");
        let mr = Technique {
            repetition_time_ms: Some(2000.0),
            echo_time_ms: Some(2.4567),
            inversion_time_ms: Some(900.0),
            ..Technique::default()
        };
        assert_eq!(mr.line(), "TR 2000 ms · TE 2.46 ms · TI 900 ms");
        assert_eq!(Technique::default().line(), "");
    }

    #[test]
    fn what_differs_is_not_in_common() {
        let one = Technique {
            peak_voltage_kv: Some(120.0),
            exposure_mas: Some(85.0),
            ..Technique::default()
        };
        let other = Technique { exposure_mas: Some(90.0), ..one };
        assert_eq!(one.in_common(&other).line(), "120 kV");
        assert_eq!(one.in_common(&Technique::default()), Technique::default());
    }
}
