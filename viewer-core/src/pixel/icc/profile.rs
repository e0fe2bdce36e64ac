//! The bytes of a profile: header, table of tags (ICC.1 7.2, 7.3), numbers.

use super::IccError;
use super::screen::lab_to_xyz;
use super::table::ToPcs;

/// A piece of a profile; every read is checked.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bytes<'a>(pub(super) &'a [u8]);

const TOO_SHORT: IccError = IccError::Broken("it ends too early");

impl<'a> Bytes<'a> {
    fn array<const N: usize>(self, at: usize) -> Result<[u8; N], IccError> {
        let found = self.0.get(at..).and_then(|rest| rest.first_chunk());
        found.copied().ok_or(TOO_SHORT)
    }

    pub(super) fn u8(self, at: usize) -> Result<u8, IccError> {
        self.array(at).map(|[byte]| byte)
    }

    pub(super) fn u16(self, at: usize) -> Result<u16, IccError> {
        self.array(at).map(u16::from_be_bytes)
    }

    pub(super) fn u32(self, at: usize) -> Result<u32, IccError> {
        self.array(at).map(u32::from_be_bytes)
    }

    /// A signed number with 16 bits behind the point.
    pub(super) fn fixed(self, at: usize) -> Result<f32, IccError> {
        Ok(self.array(at).map(i32::from_be_bytes)? as f32 / 65536.0)
    }

    /// `count` unsigned numbers of 1 or 2 bytes, 0 to 1.
    pub(super) fn fractions(
        self,
        at: usize,
        count: usize,
        width: usize,
    ) -> Result<Vec<f32>, IccError> {
        let end = count.checked_mul(width).and_then(|length| length.checked_add(at));
        let bytes = end.and_then(|end| self.0.get(at..end)).ok_or(TOO_SHORT)?;
        Ok(if width == 1 {
            bytes.iter().map(|&byte| f32::from(byte) / 255.0).collect()
        } else {
            let words = bytes.as_chunks().0.iter();
            words.map(|&word| f32::from(u16::from_be_bytes(word)) / 65535.0).collect()
        })
    }

    pub(super) fn from(self, at: usize) -> Result<Self, IccError> {
        self.0.get(at..).map(Self).ok_or(TOO_SHORT)
    }
}

pub(super) fn four_characters(number: u32) -> [u8; 4] {
    number.to_be_bytes()
}

/// What a profile connects colours with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ConnectionSpace {
    Xyz,
    Lab,
}

/// A profile whose header makes sense.
#[derive(Clone, Copy, Debug)]
pub(super) struct Profile<'a> {
    bytes: Bytes<'a>,
    is_version_4: bool,
    pub(super) connection_space: ConnectionSpace,
}

impl<'a> Profile<'a> {
    pub(super) fn read(bytes: &'a [u8]) -> Result<Self, IccError> {
        let bytes = Bytes(bytes);
        let text = |at: usize| bytes.u32(at).map(four_characters);
        if text(36)? != *b"acsp" {
            return Err(IccError::Broken("no signature"));
        }
        if text(16)? != *b"RGB " {
            return Err(IccError::NotRgb);
        }
        if !matches!(&text(12)?, b"scnr" | b"mntr" | b"prtr" | b"spac") {
            return Err(IccError::Broken("not of a device or a colour space"));
        }
        let connection_space = match &text(20)? {
            b"XYZ " => ConnectionSpace::Xyz,
            b"Lab " => ConnectionSpace::Lab,
            _ => return Err(IccError::Broken("an unknown connection space")),
        };
        Ok(Self { bytes, is_version_4: bytes.u8(8)? >= 4, connection_space })
    }

    /// The data of a tag; `None` where the profile does not have it.
    pub(super) fn tag(&self, name: [u8; 4]) -> Result<Option<Bytes<'a>>, IccError> {
        const TABLE: usize = 128;
        const ENTRY: usize = 12;
        let count = self.bytes.u32(TABLE)? as usize;
        let entries = self.bytes.from(TABLE + 4)?.0.chunks_exact(ENTRY).take(count);
        let Some(entry) = entries.into_iter().find(|entry| entry.starts_with(&name)) else {
            return Ok(None);
        };
        let place = Bytes(entry);
        let (start, length) = (place.u32(4)? as usize, place.u32(8)? as usize);
        let end = start.checked_add(length).ok_or(TOO_SHORT)?;
        self.bytes.0.get(start..end).map(|data| Some(Bytes(data))).ok_or(TOO_SHORT)
    }

    /// The darkest colour of what the profile describes, without a hue: black on the screen.
    pub(super) fn black_xyz(&self, to_pcs: &ToPcs) -> [f32; 3] {
        /// Of the perceptual reference medium, which tables of version 4 are for (ICC.1 6.3.4.3).
        const REFERENCE_MEDIUM: [f32; 3] = [0.003_36, 0.003_473_1, 0.002_87];
        if self.is_version_4 && to_pcs.has_table() {
            return REFERENCE_MEDIUM;
        }
        let luminance = to_pcs.xyz([0.0; 3])[1];
        let lightness = if luminance > 216.0 / 24389.0 {
            116.0 * luminance.cbrt() - 16.0
        } else {
            luminance * 24389.0 / 27.0
        };
        lab_to_xyz([lightness.clamp(0.0, 50.0), 0.0, 0.0])
    }
}
