//! One image of a series: its frames, where they lie, how they are timed.

use serde::{Deserialize, Serialize};

use super::UltrasoundRegion;

/// One instance with pixel data.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Image {
    /// SOP Instance UID.
    pub sop_instance_uid: String,
    /// Instance Number.
    pub instance_number: Option<i32>,
    /// Acquisition or content date and time, `YYYYMMDD` or `YYYYMMDDHHMMSS[.F]`, for the corner
    /// annotation.
    pub acquired: Option<String>,
    /// Index into [`super::Series::formats`].
    pub format: u16,
    /// Date and time of each frame, as in `acquired`, where the file has them per frame; else empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub frames_acquired: Vec<String>,
    /// Number of frames, at least 1.
    pub frames: u32,
    /// Indices into [`super::Series::displays`]: one for all frames, or one per frame.
    pub displays: Vec<u16>,
    /// Indices into [`super::Series::covers`]: none, one for all frames, or one per frame.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub covers: Vec<u16>,
    /// Index into [`super::Series::icc_profiles`]; none where its colours are grey or drawn as sRGB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub icc_profile: Option<u16>,
    /// Why its colour profile is of no use and its colours are drawn as if they were sRGB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub icc_defect: Option<String>,
    /// Position of the plane(s) in the patient: none, one for all frames, or one per frame.
    pub planes: Vec<ImagePlane>,
    /// Patient Orientation (0020,0020) of projection images: row then column direction letters.
    pub patient_orientation: Option<[String; 2]>,
    /// View of a projection as written: View Position (0018,5101), else the meaning of View Code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub view: Option<String>,
    /// Image Laterality (0020,0062), else Laterality (0020,0060), where it is `L` or `R`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub laterality: Option<String>,
    /// Frame timing of a cine loop.
    pub cine: Option<Cine>,
    /// Whether the patient stands on four legs (Anatomical Orientation Type): its directions have other
    /// letters.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_quadruped: bool,
    /// Ultrasound regions (PS3.3 C.8.5.5).
    pub us_regions: Vec<UltrasoundRegion>,
    /// Why this image cannot be shown, found out while indexing (for example `no pixel data`).
    pub defect: Option<String>,
}

impl Image {
    /// When `frame` (from 0) was acquired, as in [`Self::acquired`].
    #[must_use]
    pub fn acquired_of(&self, frame: u32) -> Option<&str> {
        let own = self.frames_acquired.get(usize::try_from(frame).ok()?);
        own.or(self.acquired.as_ref()).map(String::as_str)
    }

    /// Index into the covers of the series of what lies over `frame` (from 0).
    #[must_use]
    pub fn cover(&self, frame: u32) -> Option<u16> {
        match self.covers.as_slice() {
            [all] => Some(*all),
            covers => covers.get(usize::try_from(frame).ok()?).copied(),
        }
    }

    /// The plane of `frame` (from 0); `None` where it is not known.
    #[must_use]
    pub fn plane(&self, frame: u32) -> Option<&ImagePlane> {
        match self.planes.as_slice() {
            [all] if frame < self.frames => Some(all),
            planes => planes.get(usize::try_from(frame).ok()?),
        }
    }
}

/// Where a frame lies in the patient (PS3.3 C.7.6.2), mm, LPS.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ImagePlane {
    /// Image Position (Patient): centre of the first pixel.
    pub position_mm: [f64; 3],
    /// Direction of increasing column index (first three values of Image Orientation).
    pub row_direction: [f64; 3],
    /// Direction of increasing row index.
    pub column_direction: [f64; 3],
    /// Slice Thickness.
    pub thickness_mm: Option<f64>,
}

/// Frame timing of a multi-frame image (PS3.3 C.7.6.5).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cine {
    /// Milliseconds per frame as the file recommends; above 0.
    pub frame_time_ms: f64,
}
