//! What the page holds of each frame. One map for everything: each kind of map costs the visitor
//! several kilobytes of code before the first image.

use std::collections::{BTreeMap, VecDeque};

use negatoscope_protocol::Failure;
use viewer_core::fetch::{FrameKey, RequestId};
use viewer_core::pixel::StoredRange;

use super::decoded::DecodedFrame;
use super::net::{Abort, Answer};

/// Frames held, requests and decodes under way.
#[derive(Default)]
pub struct Held {
    frames: BTreeMap<FrameKey, HeldFrame>,
    requests: Vec<(RequestId, Abort)>,
    decoding: Vec<(RequestId, FrameKey)>,
    /// Frames for which no worker was idle yet.
    pub queue: VecDeque<(RequestId, FrameKey)>,
    /// Ranges of stored values of the frames decoded lately, with their series.
    pub new_ranges: Vec<(u32, StoredRange)>,
}

/// One frame.
#[derive(Default)]
pub struct HeldFrame {
    /// The body as fetched.
    pub encoded: Option<Answer>,
    /// Decoded, or not, as it came, until the scheduler asks for that.
    pub arrived: Option<Result<DecodedFrame, Failure>>,
    /// The samples.
    pub decoded: Option<DecodedFrame>,
    /// Its encoding is lossy, as the decoder found.
    pub is_lossy: bool,
    /// It broke a worker once.
    pub has_crashed: bool,
}

impl Held {
    /// What is held of a frame.
    #[must_use]
    pub fn frame(&self, key: FrameKey) -> Option<&HeldFrame> {
        self.frames.get(&key)
    }

    /// The same, to change it.
    pub fn frame_mut(&mut self, key: FrameKey) -> &mut HeldFrame {
        self.frames.entry(key).or_default()
    }

    /// A request went out.
    pub fn requested(&mut self, id: RequestId, abort: Abort) {
        self.requests.push((id, abort));
    }

    /// A request is over; `None` where it was taken back before.
    pub fn answered(&mut self, id: RequestId) -> Option<Abort> {
        let index = self.requests.iter().position(|(other, _)| *other == id)?;
        Some(self.requests.swap_remove(index).1)
    }

    /// A worker has a frame.
    pub fn handed_over(&mut self, id: RequestId, key: FrameKey) {
        self.decoding.push((id, key));
    }

    /// A worker is done with a frame.
    pub fn handed_back(&mut self, id: RequestId) -> Option<FrameKey> {
        let index = self.decoding.iter().position(|(other, _)| *other == id)?;
        Some(self.decoding.swap_remove(index).1)
    }
}
