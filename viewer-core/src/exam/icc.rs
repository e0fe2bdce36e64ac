//! Colour profiles: what the red, green and blue of an image mean.

use serde::{Deserialize, Serialize};

/// Longest ICC profile that is carried, in bytes. Profiles of scanners and cameras with tables take
/// some hundred kilobytes.
pub const MAX_ICC_PROFILE_BYTES: usize = 1024 * 1024;

/// An ICC profile (ICC.1) that leads from the RGB of an image to the screen's sRGB (PS3.3 C.11.15).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct IccProfile {
    /// Its bytes in base64 (RFC 4648, padded), as text because that is how it travels.
    pub base64: String,
}
