use super::{FrameFailure, FrameKey, FrameStatus, Progress};
use crate::exam::{ExamSummary, ImageFormat, SampleKind, Series};
use crate::viewport::Stack;

/// Where one frame stands.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum State {
    Missing,
    /// Failed for a while; counts as missing from `due_ms` on.
    Waiting {
        due_ms: f64,
    },
    Fetching,
    /// Held encoded.
    Encoded {
        bytes: u64,
    },
    Decoding {
        encoded_bytes: u64,
    },
    /// Held decoded; encoded too where `encoded_bytes > 0`.
    Ready {
        bytes: u64,
        encoded_bytes: u64,
    },
    Failed(FrameFailure),
}

/// One frame.
#[derive(Clone, Debug)]
pub(super) struct Slot {
    pub(super) key: FrameKey,
    pub(super) state: State,
    /// Part of a stream, which the worker that decodes it reads by itself: never fetched.
    pub(super) is_video: bool,
    /// Memory it takes when decoded: exact by the format, corrected by what the decoder says.
    pub(super) decoded_bytes: u64,
    /// The same by the format alone: what bodies are compared with.
    pub(super) pixel_bytes: u64,
    /// Place in the order of need; 0 is needed most.
    pub(super) rank: usize,
    /// When it was last on the screen (a counter, not a time).
    pub(super) last_shown: u64,
    /// Failures in a row that are this frame's own.
    pub(super) failures: u32,
}

/// All frames of the exam, those of one series in one row.
#[derive(Clone, Debug)]
pub(super) struct Slots {
    pub(super) slots: Vec<Slot>,
    /// First slot and stack of each series.
    series: Vec<(usize, Stack)>,
}

impl Slots {
    pub(super) fn of(exam: &ExamSummary) -> Self {
        let mut all = Self { slots: Vec::new(), series: Vec::new() };
        all.grow(exam);
        all
    }

    /// Takes in the series behind those that are here.
    pub(super) fn grow(&mut self, exam: &ExamSummary) {
        for (index, series) in (0_u32..).zip(&exam.series).skip(self.series.len()) {
            let stack = Stack::of(series);
            let first = self.slots.len();
            self.slots.extend((0..stack.len()).filter_map(|position| {
                let (image, frame) = stack.at(position)?;
                let key = FrameKey { series: index, image, frame };
                Some(Slot::new(key, series))
            }));
            self.series.push((first, stack));
        }
    }

    /// Index of a frame's slot.
    pub(super) fn index(&self, key: FrameKey) -> Option<usize> {
        let (first, stack) = self.series.get(usize::try_from(key.series).ok()?)?;
        let position = stack.position(key.image, key.frame)?;
        Some(first + usize::try_from(position).ok()?)
    }

    /// Slots of one series.
    pub(super) fn of_series(&self, series: u32) -> std::ops::Range<usize> {
        let found = usize::try_from(series).ok().and_then(|series| self.series.get(series));
        found.map_or(0..0, |(first, stack)| {
            *first..first + usize::try_from(stack.len()).unwrap_or(0)
        })
    }

    pub(super) fn series_count(&self) -> u32 {
        u32::try_from(self.series.len()).unwrap_or(u32::MAX)
    }

    pub(super) fn progress(&self, range: std::ops::Range<usize>) -> Progress {
        let slots = self.slots.get(range).unwrap_or_default();
        slots.iter().map(Slot::progress).fold(Progress::default(), std::ops::Add::add)
    }
}

impl Slot {
    fn new(key: FrameKey, series: &Series) -> Self {
        let image = usize::try_from(key.image).ok().and_then(|image| series.images.get(image));
        let format = image.and_then(|image| series.formats.get(usize::from(image.format)));
        let defect = image.and_then(|image| image.defect.clone());
        // A frame that was never readable takes no memory and is never asked for.
        let decoded_bytes = format.filter(|_| defect.is_none()).map_or(0, decoded_bytes);
        let state = match (format, defect) {
            (Some(_), None) => State::Missing,
            (_, defect) => State::Failed(FrameFailure::Corrupt {
                detail: defect.unwrap_or_else(|| "no pixel format".to_owned()),
            }),
        };
        let is_video = format.is_some_and(ImageFormat::is_video);
        Self {
            key,
            state,
            is_video,
            decoded_bytes,
            pixel_bytes: decoded_bytes,
            rank: usize::MAX,
            last_shown: 0,
            failures: 0,
        }
    }

    /// Whether a worker can take it.
    pub(super) fn is_decodable(&self) -> bool {
        match self.state {
            State::Encoded { .. } => true,
            State::Missing => self.is_video,
            _ => false,
        }
    }

    pub(super) fn status(&self) -> FrameStatus {
        match &self.state {
            State::Missing | State::Waiting { .. } => FrameStatus::Missing,
            State::Fetching => FrameStatus::Loading,
            // Frames of a video are not fetched: who decodes them reads its stream meanwhile.
            State::Decoding { .. } if self.is_video => FrameStatus::Loading,
            State::Encoded { .. } | State::Decoding { .. } => FrameStatus::Fetched,
            State::Ready { .. } => FrameStatus::Ready,
            State::Failed(failure) => FrameStatus::Failed(failure.clone()),
        }
    }

    fn progress(&self) -> Progress {
        let count = |is: bool| u32::from(is);
        let ready = matches!(self.state, State::Ready { .. });
        let encoded = matches!(self.state, State::Encoded { .. } | State::Decoding { .. });
        Progress {
            total: 1,
            ready: count(ready),
            fetched: count(ready || encoded),
            failed: count(matches!(self.state, State::Failed(_))),
        }
    }
}

/// Memory of a decoded frame: as [`crate::pixel::FramePixels`] lays it out.
fn decoded_bytes(format: &ImageFormat) -> u64 {
    let per_pixel = match (format.samples, format.samples_per_pixel, format.bits_allocated) {
        (SampleKind::Integer, 1, 0..=8) if !is_palette(format) => 1,
        (SampleKind::Integer, 1, 9..=16) if !is_palette(format) => 2,
        _ => 4,
    };
    u64::from(format.rows) * u64::from(format.columns) * per_pixel
}

fn is_palette(format: &ImageFormat) -> bool {
    format.photometric_interpretation == "PALETTE COLOR"
}
