use dicom_core::VR;

/// Explicit VR Big Endian, retired in 2006 and still met (PS3.5 2016b A.3).
pub(super) const EXPLICIT_VR_BIG_ENDIAN: &str = "1.2.840.10008.1.2.2";

/// How elements are written (PS3.5 7.1): with or without their VR, and in which byte order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Encoding {
    pub(super) explicit_vr: bool,
    pub(super) big_endian: bool,
}

impl Encoding {
    pub(super) const IMPLICIT_LITTLE: Self = Self { explicit_vr: false, big_endian: false };
    pub(super) const EXPLICIT_LITTLE: Self = Self { explicit_vr: true, big_endian: false };

    /// The encoding a data set really has, judged by its first six bytes: files that lie about it
    /// exist, and one read the wrong way gives nothing or nonsense. `None` where it is no data set.
    pub(super) fn sniff(start: &[u8]) -> Option<Self> {
        let &[a, b, _, _, v0, v1, ..] = start else { return None };
        let (little, big) = (u16::from_le_bytes([a, b]), u16::from_be_bytes([a, b]));
        let big_endian = big < little;
        // Data sets begin with group 0002 or 0008 (PS3.10 7.1, PS3.6); others are possible, high ones not.
        if !(0x0002..=0x0040).contains(&little.min(big)) {
            return None;
        }
        Some(Self { explicit_vr: VR::from_binary([v0, v1]).is_some(), big_endian })
    }

    pub(super) fn u16(self, bytes: [u8; 2]) -> u16 {
        if self.big_endian { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) }
    }

    pub(super) fn u32(self, bytes: [u8; 4]) -> u32 {
        if self.big_endian { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) }
    }

    pub(super) fn u64(self, bytes: [u8; 8]) -> u64 {
        if self.big_endian { u64::from_be_bytes(bytes) } else { u64::from_le_bytes(bytes) }
    }
}

/// Whether a VR is written with a 32-bit length after two reserved bytes (PS3.5 7.1.2).
pub(super) fn has_long_length(vr: VR) -> bool {
    use VR::{OB, OD, OF, OL, OV, OW, SQ, SV, UC, UN, UR, UT, UV};
    matches!(vr, OB | OD | OF | OL | OV | OW | SQ | SV | UC | UN | UR | UT | UV)
}
