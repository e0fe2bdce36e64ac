//! Explicit limits for hostile input: what is refused before memory is allocated for it.

/// Most rows or columns of one frame. DICOM allows 65535 (US); whole-slide tiles and large
/// radiographs stay far below this.
pub const MAX_SIDE_PX: u32 = 32_768;
/// Most bytes one decoded frame may take (256 MiB).
pub const MAX_FRAME_BYTES: u64 = 256 * 1024 * 1024;
/// Most frames one instance may announce.
pub const MAX_FRAMES: u32 = 100_000;
/// Deepest nesting of sequences that is read.
pub const MAX_SEQUENCE_DEPTH: u32 = 32;
