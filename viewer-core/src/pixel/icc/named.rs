//! Colour spaces that are known by name (PS3.3 C.11.15.1.2), as the profiles they stand for.

/// Primaries as XYZ relative to D50, in columns, and the curve from the screen to light.
struct Space {
    columns: [[f64; 3]; 3],
    /// Arguments of a parametric curve of type 3: `(a·x + b)^g` from `d` on, `c·x` below.
    curve: [f64; 5],
}

/// Adobe RGB (1998) 4.3.1, its white adapted from D65 by Bradford's matrix.
const ADOBE_RGB: Space = Space {
    columns: [
        [0.609_74, 0.311_11, 0.019_47],
        [0.205_28, 0.625_67, 0.060_87],
        [0.149_19, 0.063_22, 0.744_57],
    ],
    curve: [2.199_218_75, 1.0, 0.0, 0.0, 0.0],
};

/// ROMM RGB (ISO 22028-2), whose white is D50.
const ROMM_RGB: Space = Space {
    columns: [[0.797_67, 0.288_04, 0.0], [0.135_19, 0.711_87, 0.0], [0.031_34, 0.000_09, 0.824_91]],
    curve: [1.8, 1.0, 0.0, 1.0 / 16.0, 0.031_25],
};

/// The profile of a value of Color Space (0028,2002); `None` where the name is not known. SRGB has none
/// because it needs none.
#[must_use]
pub fn named_profile(color_space: &str) -> Option<Vec<u8>> {
    match color_space {
        "ADOBERGB" => Some(ADOBE_RGB.profile()),
        "ROMMRGB" => Some(ROMM_RGB.profile()),
        _ => None,
    }
}

impl Space {
    /// A profile by matrix and curves (ICC.1 8.4.3), as far as conversions need it.
    fn profile(&self) -> Vec<u8> {
        const NAMES: [&[u8; 4]; 6] = [b"rXYZ", b"gXYZ", b"bXYZ", b"rTRC", b"gTRC", b"bTRC"];
        let columns = self.columns.iter().map(|column| element(b"XYZ ", column));
        let curve = || element(b"para\0\0\0\0\0\x03", &self.curve);
        let elements: Vec<Vec<u8>> = columns.chain([curve(), curve(), curve()]).collect();
        let mut table = (NAMES.len() as u32).to_be_bytes().to_vec();
        let mut at = 128 + 4 + 12 * NAMES.len();
        for (name, element) in NAMES.iter().zip(&elements) {
            table.extend_from_slice(*name);
            table.extend((at as u32).to_be_bytes());
            table.extend((element.len() as u32).to_be_bytes());
            at += element.len();
        }
        let mut header = (at as u32).to_be_bytes().to_vec();
        header.extend(b"\0\0\0\0\x04\x20\0\0mntrRGB XYZ ");
        header.resize(36, 0);
        header.extend(b"acsp");
        header.resize(128, 0);
        [header, table, elements.concat()].concat()
    }
}

/// A type, its reserved bytes and numbers with 16 bits behind the point.
fn element(kind: &[u8], numbers: &[f64]) -> Vec<u8> {
    let mut bytes = kind.to_vec();
    bytes.resize(if kind.len() > 4 { 12 } else { 8 }, 0);
    for number in numbers {
        bytes.extend(((number * 65536.0).round() as i32).to_be_bytes());
    }
    bytes
}
