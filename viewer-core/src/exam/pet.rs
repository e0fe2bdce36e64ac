//! Positron emission tomography: what uptake values are computed from (PS3.3 C.8.9), and the result.

use serde::{Deserialize, Serialize};

/// What one PET image says. Instants are seconds of the local time of the scanner since 1970; only
/// their differences count. `None` where absent, malformed or not above 0.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PetAttributes {
    /// Units (0054,1001), e.g. `BQML`.
    pub units: String,
    /// SUV Type (0054,1006): what `GML` values were divided by.
    pub suv_type: Option<String>,
    /// Corrected Image (0028,0051) has ATTN, or Attenuation Corrected (0018,9759) is YES.
    pub is_attenuation_corrected: bool,
    /// To which moment values were corrected for decay.
    pub decay_correction: Option<DecayCorrection>,
    /// Series Date and Time.
    pub series_start_s: Option<f64>,
    /// Acquisition Date and Time.
    pub acquired_s: Option<f64>,
    /// The moment of decay correction where the object states it: Decay Correction DateTime
    /// (0018,9701), or the vendor's own attribute.
    pub decay_reference_s: Option<f64>,
    /// Frame Reference Time (0054,1300), s.
    pub frame_reference_s: Option<f64>,
    /// Actual Frame Duration (0018,1242), s.
    pub frame_duration_s: Option<f64>,
    /// Radiopharmaceuticals listed; uptake is defined for one.
    pub tracers: u16,
    /// Radiopharmaceutical Start DateTime (0018,1078).
    pub administered_s: Option<f64>,
    /// Radiopharmaceutical Start Time (0018,1072), s since midnight: without a date.
    pub administered_time_s: Option<f64>,
    /// Radionuclide Total Dose (0018,1074), Bq.
    pub dose_bq: Option<f64>,
    /// Radionuclide Half Life (0018,1075), s.
    pub half_life_s: Option<f64>,
    /// SUV per modality value (7053,xx00) of Philips.
    pub philips_suv_factor: Option<f64>,
    /// Bq/mL per modality value (7053,xx09) of Philips.
    pub philips_activity_factor: Option<f64>,
    /// Whether the Manufacturer is GE: its Frame Reference Time counts to the start of a frame.
    pub is_ge: bool,
    /// Patient's Weight (0010,1030), kg.
    pub weight_kg: Option<f64>,
    /// Patient's Size (0010,1020), m.
    pub height_m: Option<f64>,
    /// Patient's Sex: `F` or `M`.
    pub sex: Option<char>,
}

/// Decay Correction (0054,1102).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DecayCorrection {
    /// Values are those of the moment of acquisition.
    None,
    /// Corrected to the start of the acquisition of the series.
    Start,
    /// Corrected to the administration of the tracer.
    Admin,
}

/// Uptake values of a series.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SeriesSuv {
    /// How they follow from modality values.
    Known(Suv),
    /// Why they cannot be had.
    Unknown(NoSuv),
}

/// Standardized uptake values from modality values (stored values after rescale).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Suv {
    /// SUV by body weight (g/mL) per modality value: one factor for all images, or one per image.
    pub by_weight: Vec<f64>,
    /// SUV by lean body mass (James, 128) per SUV by body weight.
    pub lean_james: Option<f64>,
    /// SUV by lean body mass (Janmahasatian) per SUV by body weight.
    pub lean_janmahasatian: Option<f64>,
    /// SUV by body surface area (Du Bois, cm²/mL) per SUV by body weight.
    pub surface_area: Option<f64>,
    /// SUV by ideal body weight (Sugawara) per SUV by body weight.
    pub ideal_weight: Option<f64>,
}

/// Why a PET series has no uptake values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum NoSuv {
    /// Units are no activity, no SUV and no counts with a known scale.
    #[error("units are no activity concentration")]
    Units,
    /// SUV Type and Units contradict each other, or SUV Type is unknown.
    #[error("SUV type unknown")]
    SuvType,
    /// Not corrected for attenuation.
    #[error("not corrected for attenuation")]
    Attenuation,
    /// Decay Correction is missing.
    #[error("decay correction not stated")]
    DecayCorrection,
    /// No Patient's Weight.
    #[error("patient's weight missing")]
    Weight,
    /// Height or sex are missing, and values were divided by what follows from them.
    #[error("patient's height or sex missing")]
    Body,
    /// No dose, or one that cannot be in Bq.
    #[error("dose missing or implausible")]
    Dose,
    /// No half-life.
    #[error("half-life missing")]
    HalfLife,
    /// None or several radiopharmaceuticals.
    #[error("not one radiopharmaceutical")]
    Tracers,
    /// The moment that values are corrected to is not known.
    #[error("time of acquisition missing")]
    ReferenceTime,
    /// The moment of administration is not known, or only its hour and the nuclide lives for days.
    #[error("time of administration missing")]
    AdministrationTime,
    /// The images of the series disagree about patient, tracer or units.
    #[error("images of the series disagree")]
    Disagreement,
}
