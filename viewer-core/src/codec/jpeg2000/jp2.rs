//! The JP2 file format around a codestream (ISO/IEC 15444-1 annex I). PS3.5 8.2.4 wants the bare
//! codestream; files with the wrapper exist, and its colour boxes do not count in DICOM.

use super::super::reader::Reader;

const SIGNATURE: [u8; 4] = *b"jP  ";
const CODESTREAM: [u8; 4] = *b"jp2c";

/// The codestream in `bytes`: the content of the first `jp2c` box, or `bytes` where there is no
/// wrapper. `None` for a wrapper without one.
pub(super) fn codestream(bytes: &[u8]) -> Option<&[u8]> {
    if bytes.get(4..8) != Some(&SIGNATURE) {
        return Some(bytes);
    }
    let mut reader = Reader::new(bytes);
    loop {
        let length = u64::from(reader.u32()?);
        let kind: [u8; 4] = reader.take(4)?.try_into().ok()?;
        let content = match length {
            0 => reader.rest().len() as u64,
            1 => reader.u64()?.checked_sub(16)?,
            length => length.checked_sub(8)?,
        };
        if kind == CODESTREAM {
            // A cut box is left to the codestream's own checks.
            let available = reader.rest().len();
            return reader.take(usize::try_from(content).map_or(available, |c| c.min(available)));
        }
        reader.take(usize::try_from(content).ok()?)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_box_is_found_behind_others_and_whatever_its_length_form() {
        let head = b"\0\0\0\x0CjP  \r\n\x87\n\0\0\0\x0Aftypab";
        let plain = [&head[..], b"\0\0\0\x0Bjp2cxyz"].concat();
        let to_end = [&head[..], b"\0\0\0\0jp2cxyz"].concat();
        let long = [&head[..], b"\0\0\0\x01jp2c\0\0\0\0\0\0\0\x13xyz"].concat();
        for file in [plain, to_end, long] {
            assert_eq!(codestream(&file), Some(&b"xyz"[..]));
        }
        assert_eq!(codestream(head), None);
        assert_eq!(codestream(b"\xFF\x4F\xFF\x51"), Some(&b"\xFF\x4F\xFF\x51"[..]));
    }
}
