//! What stored values mean in the real world (Real World Value Mapping, PS3.3 C.7.6.16.2.11).

use serde::{Deserialize, Serialize};

/// One item of Real World Value Mapping Sequence (0040,9096).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RealWorldMapping {
    /// LUT Label; may be empty.
    pub label: String,
    /// LUT Explanation; may be empty.
    pub explanation: String,
    /// UCUM code of the unit, e.g. `[hnsf'U]`, `Bq/ml`, `10-6.mm2/s`, `1` for none.
    pub unit_ucum: String,
    /// What the unit is called, e.g. `Hounsfield unit`; may be empty.
    pub unit_meaning: String,
    /// Smallest and largest stored value that it holds for.
    pub stored_range: [f64; 2],
    /// The map itself.
    pub map: RealWorldMap,
}

/// From stored to real-world values.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RealWorldMap {
    /// `slope · stored + intercept`.
    Linear {
        /// Real World Value Slope.
        slope: f64,
        /// Real World Value Intercept.
        intercept: f64,
    },
    /// Real World Value LUT Data: one value for each stored value of the range.
    Table(Vec<f64>),
}
