use serde::{Deserialize, Serialize};

use crate::viewport::ViewReference;

/// Names one frame of the exam: indices into the exam summary, all from 0.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
pub struct FrameKey {
    /// Index into [`crate::exam::ExamSummary::series`].
    pub series: u32,
    /// Index into [`crate::exam::Series::images`].
    pub image: u32,
    /// Frame of that image, from 0 (WADO-RS counts from 1).
    pub frame: u32,
}

impl From<ViewReference> for FrameKey {
    fn from(ViewReference { series, image, frame }: ViewReference) -> Self {
        Self { series, image, frame }
    }
}

impl From<FrameKey> for ViewReference {
    fn from(FrameKey { series, image, frame }: FrameKey) -> Self {
        Self { series, image, frame }
    }
}

/// Names one fetch or decode, so that a late answer to an aborted request is told from the answer to a
/// newer one. The frame keeps its id from fetch to decode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RequestId(pub u32);

/// Why a frame is fetched; the first is the most urgent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FetchKind {
    /// It is on the screen.
    Interaction,
    /// For the series strip.
    Thumbnail,
    /// It may be needed soon.
    Prefetch,
}

/// A frame on the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShownFrame {
    /// Which.
    pub key: FrameKey,
    /// Sign of the last scroll step: 1 towards the last frame, −1 towards the first, 0 unknown.
    pub direction: i8,
}

/// Why a fetch failed, as far as it matters for what is done next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FetchFailure {
    /// No answer: connection lost, timeout. Everything waits and tries again, without end.
    Connection,
    /// 5xx or 429: this frame is tried again a few times.
    Server {
        /// HTTP status.
        status: u16,
    },
    /// 401: nothing is fetched until [`Event::SessionRenewed`].
    SessionExpired,
    /// 404, 403, 400 …: asking again would not help.
    Refused {
        /// HTTP status.
        status: u16,
    },
}

/// Why a frame cannot be shown. Kept per frame; the page turns it into a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FrameFailure {
    /// The server refused it or does not have it.
    Refused {
        /// HTTP status.
        status: u16,
    },
    /// The server failed again and again.
    Server {
        /// HTTP status of the last answer.
        status: u16,
    },
    /// The transfer broke off again and again although others went through.
    Unreachable,
    /// No decoder for this transfer syntax.
    Unsupported {
        /// Name of the transfer syntax, or the UID again where unknown.
        name: String,
        /// Its UID.
        uid: String,
    },
    /// The data ends too early.
    Truncated {
        /// Cause for support, English, without personal data.
        detail: String,
    },
    /// The data contradicts itself or its header.
    Corrupt {
        /// Cause for support, English, without personal data.
        detail: String,
    },
    /// It would need more memory than allowed.
    TooLarge {
        /// Cause for support, English, without personal data.
        detail: String,
    },
}

/// What happened. Reports about requests that are not under way any more are ignored.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// What is on the screen now: always the whole list, the active pane first. An empty list keeps the
    /// order as it was.
    Shown(Vec<ShownFrame>),
    /// Frames wanted for the series strip: always the whole list.
    Thumbnails(Vec<FrameKey>),
    /// The answer to a fetch begins: its head is here. Only measured by; a page that cannot tell leaves it
    /// out.
    FetchAnswered {
        /// Of [`Action::StartFetch`].
        id: RequestId,
    },
    /// The encoded frame is here.
    FetchDone {
        /// Of [`Action::StartFetch`].
        id: RequestId,
        /// Size of the body.
        bytes: u64,
    },
    /// The encoded frame did not come.
    FetchFailed {
        /// Of [`Action::StartFetch`].
        id: RequestId,
        /// Why.
        failure: FetchFailure,
    },
    /// The frame is decoded and held by the page.
    Decoded {
        /// Of [`Action::StartDecode`].
        id: RequestId,
        /// Memory it takes.
        bytes: u64,
    },
    /// The frame cannot be decoded.
    DecodeFailed {
        /// Of [`Action::StartDecode`].
        id: RequestId,
        /// Why.
        failure: FrameFailure,
    },
    /// What is on the screen now, as far as it is here, has been drawn since the last [`Event::Shown`].
    /// Frames ahead are not decoded before the first picture, so that it need not share the processor.
    Drawn,
    /// Time passed (see [`super::Scheduler::next_wake_ms`]).
    Tick,
    /// The browser says that there is no network.
    Offline,
    /// The browser says that there is a network again.
    Online,
    /// The session ended; nothing is fetched until it is renewed.
    SessionExpired,
    /// There is a session again.
    SessionRenewed,
    /// A failed frame is to be tried again.
    Retry(FrameKey),
    /// All decoded frames are gone (workers or GPU memory lost): they are made again.
    DecodedLost,
}

/// Which cache an eviction is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CacheKind {
    /// Bodies as fetched.
    Encoded,
    /// Samples ready to be drawn.
    Decoded,
}

/// What the page is to do, in this order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Fetch a frame and keep its body until [`Action::Evict`].
    StartFetch {
        /// To report with.
        id: RequestId,
        /// Which frame.
        key: FrameKey,
        /// How urgent.
        kind: FetchKind,
    },
    /// Abort the fetch; its outcome need not be reported.
    AbortFetch {
        /// Which.
        id: RequestId,
        /// Of which frame.
        key: FrameKey,
    },
    /// Decode the body that is held for `key`.
    StartDecode {
        /// To report with.
        id: RequestId,
        /// Which frame.
        key: FrameKey,
        /// How urgent.
        kind: FetchKind,
    },
    /// Forget what is held for `key` in one cache.
    Evict {
        /// Which frame.
        key: FrameKey,
        /// Which cache.
        cache: CacheKind,
    },
}
