//! What a visitor does, and what happens to them.

use std::collections::VecDeque;

use viewer_core::fetch::{FrameKey, ShownFrame};

use super::exam::key;

#[derive(Clone, Debug)]
pub(crate) enum Act {
    Show(Vec<ShownFrame>),
    Strip(Vec<FrameKey>),
    /// The network is away for so long, ms.
    Cut(f64),
    Session(bool),
    /// Workers and pictures are lost.
    Lose,
    RetryFailed,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum When {
    /// So long after the last act, ms.
    After(f64),
    /// So long after all wanted frames are on the screen, ms.
    Seen(f64),
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Visitor {
    pub(crate) acts: VecDeque<(When, Act)>,
}

impl Visitor {
    pub(crate) fn opens(image: u32) -> Self {
        Self::default().then(When::After(0.0), show(image, 0))
    }

    pub(crate) fn then(mut self, when: When, act: Act) -> Self {
        self.acts.push_back((when, act));
        self
    }

    /// Jumps to each image, after having looked at the one before for so long, ms.
    pub(crate) fn jumps(mut self, images: &[u32], look_ms: f64) -> Self {
        for &image in images {
            self = self.then(When::Seen(look_ms), show(image, 0));
        }
        self
    }

    /// Scrolls at a pace, whatever is on the screen.
    pub(crate) fn scrolls(mut self, images: std::ops::Range<u32>, step_ms: f64) -> Self {
        for image in images {
            self = self.then(When::After(step_ms), show(image, 1));
        }
        self
    }
}

/// One pane with an image of the first series.
pub(crate) fn show(image: u32, direction: i8) -> Act {
    Act::Show(vec![ShownFrame { key: key(0, image), direction }])
}
