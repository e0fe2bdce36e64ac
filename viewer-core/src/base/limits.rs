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
/// Longest value of one element that is read into memory (16 MiB); longer ones are passed over.
pub const MAX_VALUE_BYTES: u64 = 16 * 1024 * 1024;
/// Most bytes a data set may have after inflation (1 GiB).
pub const MAX_INFLATED_BYTES: u64 = 1024 * 1024 * 1024;
/// Most vertices a polygonal shutter may have.
pub const MAX_SHUTTER_VERTICES: usize = 4096;
/// Most fragments one encapsulated pixel data element may have.
pub const MAX_FRAGMENTS: usize = 1_000_000;
/// Most elements that are read of one object, nested ones included.
pub const MAX_ELEMENTS: u32 = 1_000_000;
/// Most documents of one exam that are listed.
pub const MAX_DOCUMENTS: usize = 500;
/// Most images one document (key images, a report, a presentation state) may name.
pub const MAX_DOCUMENT_IMAGES: usize = 10_000;
/// Most content items that are read of one report.
pub const MAX_DOCUMENT_ITEMS: usize = 20_000;
/// Most characters of one text of a document.
pub const MAX_DOCUMENT_TEXT_CHARS: usize = 65_536;
/// Most graphic and text objects of one presentation state.
pub const MAX_DOCUMENT_GRAPHICS: usize = 5_000;
/// Most points of all of them.
pub const MAX_DOCUMENT_POINTS: usize = 200_000;
/// Most exams beside each other on one page.
pub const MAX_EXAMS: usize = 8;
/// Most series of all of them.
pub const MAX_JOINED_SERIES: usize = 4_096;
/// Most frames of all of them.
pub const MAX_JOINED_FRAMES: u64 = 500_000;
/// Most runs of pixels of one overlay of a presentation state.
pub const MAX_OVERLAY_RUNS: usize = 50_000;
