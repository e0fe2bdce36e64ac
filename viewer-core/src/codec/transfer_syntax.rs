//! The transfer syntaxes of PS3.6 Table A-1, retired ones included, with what carries the frames.

use core::fmt;

/// What the bytes of a frame are. Several transfer syntaxes share a family.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Family {
    /// Pixel cells as they are (PS3.5 8.2).
    Native,
    /// Pixel cells, each frame deflated (RFC 1951).
    DeflatedFrame,
    /// RLE (PS3.5 annex G).
    Rle,
    /// ISO/IEC 10918-1, lossy and lossless.
    Jpeg,
    /// ISO/IEC 14495-1.
    JpegLs,
    /// ISO/IEC 15444-1.
    Jpeg2000,
    /// ISO/IEC 15444-15.
    Htj2k,
    /// ISO/IEC 18181.
    JpegXl,
    /// MPEG-2, H.264, H.265.
    Video,
    /// Not a file of frames: fetched or streamed from elsewhere, or never used for images.
    Remote,
}

impl Family {
    /// Whether a frame of one is decoded rightly under the label of the other: one decoder reads both
    /// kinds of wavelet codestream and goes by what they say themselves.
    pub(super) fn shares_decoder_with(self, other: Self) -> bool {
        let is_wavelet = |family| matches!(family, Self::Jpeg2000 | Self::Htj2k);
        self == other || (is_wavelet(self) && is_wavelet(other))
    }
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Native => "native",
            Self::DeflatedFrame => "deflated frames",
            Self::Rle => "RLE",
            Self::Jpeg => "JPEG",
            Self::JpegLs => "JPEG-LS",
            Self::Jpeg2000 => "JPEG 2000",
            Self::Htj2k => "HTJ2K",
            Self::JpegXl => "JPEG XL",
            Self::Video => "video",
            Self::Remote => "remote",
        })
    }
}

/// One row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TransferSyntax {
    /// UID.
    pub uid: &'static str,
    /// Name without its `: Default …` part and without `(Retired)`.
    pub name: &'static str,
    /// What carries the frames.
    pub family: Family,
}

/// The row of a UID; padding (a trailing NUL or space) is ignored.
#[must_use]
pub fn transfer_syntax(uid: &str) -> Option<&'static TransferSyntax> {
    let uid = uid.trim_end_matches(['\0', ' ']);
    TRANSFER_SYNTAXES.iter().find(|row| row.uid == uid)
}

const fn row(uid: &'static str, name: &'static str, family: Family) -> TransferSyntax {
    TransferSyntax { uid, name, family }
}

/// Every transfer syntax of the standard.
#[rustfmt::skip]
pub const TRANSFER_SYNTAXES: &[TransferSyntax] = &[
    row("1.2.840.10008.1.2", "Implicit VR Little Endian", Family::Native),
    row("1.2.840.10008.1.2.1", "Explicit VR Little Endian", Family::Native),
    row("1.2.840.10008.1.2.1.98", "Encapsulated Uncompressed Explicit VR Little Endian", Family::Native),
    row("1.2.840.10008.1.2.1.99", "Deflated Explicit VR Little Endian", Family::Native),
    row("1.2.840.10008.1.2.2", "Explicit VR Big Endian", Family::Native),
    row("1.2.840.10008.1.2.4.50", "JPEG Baseline (Process 1)", Family::Jpeg),
    row("1.2.840.10008.1.2.4.51", "JPEG Extended (Process 2 & 4)", Family::Jpeg),
    row("1.2.840.10008.1.2.4.52", "JPEG Extended (Process 3 & 5)", Family::Jpeg),
    row("1.2.840.10008.1.2.4.53", "JPEG Spectral Selection, Non-Hierarchical (Process 6 & 8)", Family::Jpeg),
    row("1.2.840.10008.1.2.4.54", "JPEG Spectral Selection, Non-Hierarchical (Process 7 & 9)", Family::Jpeg),
    row("1.2.840.10008.1.2.4.55", "JPEG Full Progression, Non-Hierarchical (Process 10 & 12)", Family::Jpeg),
    row("1.2.840.10008.1.2.4.56", "JPEG Full Progression, Non-Hierarchical (Process 11 & 13)", Family::Jpeg),
    row("1.2.840.10008.1.2.4.57", "JPEG Lossless, Non-Hierarchical (Process 14)", Family::Jpeg),
    row("1.2.840.10008.1.2.4.58", "JPEG Lossless, Non-Hierarchical (Process 15)", Family::Jpeg),
    row("1.2.840.10008.1.2.4.59", "JPEG Extended, Hierarchical (Process 16 & 18)", Family::Jpeg),
    row("1.2.840.10008.1.2.4.60", "JPEG Extended, Hierarchical (Process 17 & 19)", Family::Jpeg),
    row("1.2.840.10008.1.2.4.61", "JPEG Spectral Selection, Hierarchical (Process 20 & 22)", Family::Jpeg),
    row("1.2.840.10008.1.2.4.62", "JPEG Spectral Selection, Hierarchical (Process 21 & 23)", Family::Jpeg),
    row("1.2.840.10008.1.2.4.63", "JPEG Full Progression, Hierarchical (Process 24 & 26)", Family::Jpeg),
    row("1.2.840.10008.1.2.4.64", "JPEG Full Progression, Hierarchical (Process 25 & 27)", Family::Jpeg),
    row("1.2.840.10008.1.2.4.65", "JPEG Lossless, Hierarchical (Process 28)", Family::Jpeg),
    row("1.2.840.10008.1.2.4.66", "JPEG Lossless, Hierarchical (Process 29)", Family::Jpeg),
    row("1.2.840.10008.1.2.4.70", "JPEG Lossless, Non-Hierarchical, First-Order Prediction (Process 14 [Selection Value 1])", Family::Jpeg),
    row("1.2.840.10008.1.2.4.80", "JPEG-LS Lossless Image Compression", Family::JpegLs),
    row("1.2.840.10008.1.2.4.81", "JPEG-LS Lossy (Near-Lossless) Image Compression", Family::JpegLs),
    row("1.2.840.10008.1.2.4.90", "JPEG 2000 Image Compression (Lossless Only)", Family::Jpeg2000),
    row("1.2.840.10008.1.2.4.91", "JPEG 2000 Image Compression", Family::Jpeg2000),
    row("1.2.840.10008.1.2.4.92", "JPEG 2000 Part 2 Multi-component Image Compression (Lossless Only)", Family::Jpeg2000),
    row("1.2.840.10008.1.2.4.93", "JPEG 2000 Part 2 Multi-component Image Compression", Family::Jpeg2000),
    row("1.2.840.10008.1.2.4.94", "JPIP Referenced", Family::Remote),
    row("1.2.840.10008.1.2.4.95", "JPIP Referenced Deflate", Family::Remote),
    row("1.2.840.10008.1.2.4.100", "MPEG2 Main Profile / Main Level", Family::Video),
    row("1.2.840.10008.1.2.4.100.1", "Fragmentable MPEG2 Main Profile / Main Level", Family::Video),
    row("1.2.840.10008.1.2.4.101", "MPEG2 Main Profile / High Level", Family::Video),
    row("1.2.840.10008.1.2.4.101.1", "Fragmentable MPEG2 Main Profile / High Level", Family::Video),
    row("1.2.840.10008.1.2.4.102", "MPEG-4 AVC/H.264 High Profile / Level 4.1", Family::Video),
    row("1.2.840.10008.1.2.4.102.1", "Fragmentable MPEG-4 AVC/H.264 High Profile / Level 4.1", Family::Video),
    row("1.2.840.10008.1.2.4.103", "MPEG-4 AVC/H.264 BD-compatible High Profile / Level 4.1", Family::Video),
    row("1.2.840.10008.1.2.4.103.1", "Fragmentable MPEG-4 AVC/H.264 BD-compatible High Profile / Level 4.1", Family::Video),
    row("1.2.840.10008.1.2.4.104", "MPEG-4 AVC/H.264 High Profile / Level 4.2 For 2D Video", Family::Video),
    row("1.2.840.10008.1.2.4.104.1", "Fragmentable MPEG-4 AVC/H.264 High Profile / Level 4.2 For 2D Video", Family::Video),
    row("1.2.840.10008.1.2.4.105", "MPEG-4 AVC/H.264 High Profile / Level 4.2 For 3D Video", Family::Video),
    row("1.2.840.10008.1.2.4.105.1", "Fragmentable MPEG-4 AVC/H.264 High Profile / Level 4.2 For 3D Video", Family::Video),
    row("1.2.840.10008.1.2.4.106", "MPEG-4 AVC/H.264 Stereo High Profile / Level 4.2", Family::Video),
    row("1.2.840.10008.1.2.4.106.1", "Fragmentable MPEG-4 AVC/H.264 Stereo High Profile / Level 4.2", Family::Video),
    row("1.2.840.10008.1.2.4.107", "HEVC/H.265 Main Profile / Level 5.1", Family::Video),
    row("1.2.840.10008.1.2.4.108", "HEVC/H.265 Main 10 Profile / Level 5.1", Family::Video),
    row("1.2.840.10008.1.2.4.110", "JPEG XL Lossless", Family::JpegXl),
    row("1.2.840.10008.1.2.4.111", "JPEG XL JPEG Recompression", Family::JpegXl),
    row("1.2.840.10008.1.2.4.112", "JPEG XL", Family::JpegXl),
    row("1.2.840.10008.1.2.4.201", "High-Throughput JPEG 2000 Image Compression (Lossless Only)", Family::Htj2k),
    row("1.2.840.10008.1.2.4.202", "High-Throughput JPEG 2000 with RPCL Options Image Compression (Lossless Only)", Family::Htj2k),
    row("1.2.840.10008.1.2.4.203", "High-Throughput JPEG 2000 Image Compression", Family::Htj2k),
    row("1.2.840.10008.1.2.4.204", "JPIP HTJ2K Referenced", Family::Remote),
    row("1.2.840.10008.1.2.4.205", "JPIP HTJ2K Referenced Deflate", Family::Remote),
    row("1.2.840.10008.1.2.5", "RLE Lossless", Family::Rle),
    row("1.2.840.10008.1.2.6.1", "RFC 2557 MIME encapsulation", Family::Remote),
    row("1.2.840.10008.1.2.6.2", "XML Encoding", Family::Remote),
    row("1.2.840.10008.1.2.7.1", "SMPTE ST 2110-20 Uncompressed Progressive Active Video", Family::Remote),
    row("1.2.840.10008.1.2.7.2", "SMPTE ST 2110-20 Uncompressed Interlaced Active Video", Family::Remote),
    row("1.2.840.10008.1.2.7.3", "SMPTE ST 2110-30 PCM Digital Audio", Family::Remote),
    row("1.2.840.10008.1.2.8.1", "Deflated Image Frame Compression", Family::DeflatedFrame),
    row("1.2.840.10008.1.20", "Papyrus 3 Implicit VR Little Endian", Family::Native),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uids_are_unique_and_found_with_padding() {
        let mut uids: Vec<_> = TRANSFER_SYNTAXES.iter().map(|row| row.uid).collect();
        uids.sort_unstable();
        uids.dedup();
        assert_eq!(uids.len(), TRANSFER_SYNTAXES.len());
        let found = transfer_syntax("1.2.840.10008.1.2.4.201\0").map(|row| row.name);
        assert_eq!(found, Some("High-Throughput JPEG 2000 Image Compression (Lossless Only)"));
        assert_eq!(transfer_syntax("1.2.840.10008.1.2.4"), None);
    }
}
