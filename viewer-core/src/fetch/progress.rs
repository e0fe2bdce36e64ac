use super::FrameFailure;

/// What is known of one frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FrameStatus {
    /// Not asked for yet, or given up for more needed ones.
    Missing,
    /// On its way; of a video, being decoded.
    Loading,
    /// Held encoded, or being decoded: shown without asking the server.
    Fetched,
    /// Ready to be drawn.
    Ready,
    /// Cannot be shown.
    Failed(FrameFailure),
}

/// Counts of frames of one series or of the whole exam.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// All frames.
    pub total: u32,
    /// Decoded now.
    pub ready: u32,
    /// Fetched: decoded now, or still held encoded.
    pub fetched: u32,
    /// Cannot be shown.
    pub failed: u32,
}

impl Progress {
    /// Whether nothing is left to wait for.
    #[must_use]
    pub const fn complete(&self) -> bool {
        self.fetched + self.failed >= self.total
    }
}

impl std::ops::Add for Progress {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            total: self.total + other.total,
            ready: self.ready + other.ready,
            fetched: self.fetched + other.fetched,
            failed: self.failed + other.failed,
        }
    }
}
