//! What arrives by C-STORE has no file meta information: it is put in front (PS3.10 7.1).

use super::negotiation::IMPLEMENTATION_CLASS_UID;

const PREAMBLE_BYTES: usize = 128;

/// Preamble, prefix and meta information of an object in a transfer syntax.
pub(crate) fn head(class: &str, instance: &str, transfer_syntax: &str) -> Vec<u8> {
    let mut meta = Vec::new();
    // File Meta Information Version, OB with its long head.
    meta.extend(*b"\x02\x00\x01\x00OB\x00\x00\x02\x00\x00\x00\x00\x01");
    uid(&mut meta, 0x0002, class);
    uid(&mut meta, 0x0003, instance);
    uid(&mut meta, 0x0010, transfer_syntax);
    uid(&mut meta, 0x0012, IMPLEMENTATION_CLASS_UID);
    let mut head = vec![0; PREAMBLE_BYTES];
    head.extend(*b"DICM\x02\x00\x00\x00UL\x04\x00");
    head.extend(u32::try_from(meta.len()).unwrap_or(u32::MAX).to_le_bytes());
    head.extend(meta);
    head
}

/// An element of group 0002 in Explicit VR Little Endian.
fn uid(to: &mut Vec<u8>, element: u16, value: &str) {
    let padded = value.len().next_multiple_of(2);
    to.extend([2, 0]);
    to.extend(element.to_le_bytes());
    to.extend(*b"UI");
    to.extend(u16::try_from(padded).unwrap_or(u16::MAX).to_le_bytes());
    to.extend(value.as_bytes());
    to.resize(to.len() + padded - value.len(), 0);
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use viewer_core::dicom::read_part10;

    use super::*;

    #[test]
    fn a_head_and_a_data_set_are_a_file() {
        let mut file = head("1.2.840.10008.5.1.4.1.1.7", "1.2.3", "1.2.840.10008.1.2");
        file.extend(*b"\x08\x00\x18\x00\x06\x00\x00\x001.2.3\0");
        let read = read_part10(Cursor::new(&file)).unwrap();
        assert_eq!(read.transfer_syntax_uid, "1.2.840.10008.1.2");
        assert_eq!(read.media_storage_sop_class_uid, "1.2.840.10008.5.1.4.1.1.7");
        let theirs = dicom_object::from_reader(&file[..]).unwrap();
        assert_eq!(theirs.meta().media_storage_sop_instance_uid(), "1.2.3");
        let length = theirs.meta().information_group_length as usize;
        assert_eq!(file.len(), 128 + 4 + 12 + length + 14);
    }
}
