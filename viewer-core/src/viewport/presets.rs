use serde::{Deserialize, Serialize};

/// A window by name for values in Hounsfield units. Names shown to people come from the text catalogue
/// under `preset.<key>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WindowPreset {
    /// Soft tissue of the abdomen.
    Abdomen,
    /// Lung parenchyma.
    Lung,
    /// Bone.
    Bone,
    /// Brain.
    Brain,
    /// Mediastinum.
    Mediastinum,
    /// Liver: narrow, for faint lesions.
    Liver,
    /// Temporal bone: very wide.
    TemporalBone,
    /// Vessels with contrast medium.
    Angiography,
}

impl WindowPreset {
    /// Key in the text catalogue.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Abdomen => "abdomen",
            Self::Lung => "lung",
            Self::Bone => "bone",
            Self::Brain => "brain",
            Self::Mediastinum => "mediastinum",
            Self::Liver => "liver",
            Self::TemporalBone => "temporal_bone",
            Self::Angiography => "angiography",
        }
    }

    /// Centre and width in HU (LINEAR).
    #[must_use]
    pub const fn center_width(self) -> [f64; 2] {
        match self {
            Self::Abdomen => [40.0, 400.0],
            Self::Lung => [-600.0, 1500.0],
            Self::Bone => [400.0, 2000.0],
            Self::Brain => [40.0, 80.0],
            Self::Mediastinum => [40.0, 350.0],
            Self::Liver => [60.0, 160.0],
            Self::TemporalBone => [700.0, 4000.0],
            Self::Angiography => [300.0, 600.0],
        }
    }
}

/// Presets for a modality, in the order of the digit keys (1 is the first). Only CT has calibrated
/// values; elsewhere the windows of the file are offered instead.
#[must_use]
pub fn presets(modality: &str) -> &'static [WindowPreset] {
    match modality {
        "CT" => &[
            WindowPreset::Abdomen,
            WindowPreset::Lung,
            WindowPreset::Bone,
            WindowPreset::Brain,
            WindowPreset::Mediastinum,
            WindowPreset::Liver,
            WindowPreset::TemporalBone,
            WindowPreset::Angiography,
        ],
        _ => &[],
    }
}
