use std::collections::BTreeMap;
use std::sync::Arc;

use super::arrangement::Arrangement;
use super::history::History;
use super::{CineState, MAX_PANES, SnapshotError};
use crate::command::{Command, Layout, Tool};
use crate::display::Voi;
use crate::exam::{ExamSummary, Image, Series, VoiFunction};
use crate::fetch::{FrameKey, ShownFrame};
use crate::pixel::StoredRange;
use crate::tool::ToolContext;
use crate::viewport::{
    DisplayError, FrameDisplay, ImageGeometry, ResolvedView, Stack, UserWindow, ViewReference,
    ViewState, frame_attributes, frame_display, resolve, resolve_voi,
};

/// The state of the page for one exam.
#[derive(Clone, Debug)]
pub struct Session {
    pub(super) exam: Arc<ExamSummary>,
    pub(super) stacks: Vec<Stack>,
    pub(super) arrangement: Arrangement,
    pub(super) canvas_sizes_px: [[u32; 2]; MAX_PANES],
    /// Sign of the last scroll step of each pane.
    pub(super) directions: [i8; MAX_PANES],
    pub(super) cine: [CineState; MAX_PANES],
    pub(super) tool: Tool,
    pub(super) history: History,
    /// Ranges of the stored values seen so far, by series.
    stored_ranges: BTreeMap<u32, StoredRange>,
}

impl Session {
    /// One pane that shows the first series with images.
    #[must_use]
    pub fn new(exam: Arc<ExamSummary>) -> Self {
        let stacks: Vec<Stack> = exam.series.iter().map(Stack::of).collect();
        let mut session = Self {
            exam,
            stacks,
            arrangement: Arrangement::default(),
            canvas_sizes_px: [[1, 1]; MAX_PANES],
            directions: [0; MAX_PANES],
            cine: [CineState::default(); MAX_PANES],
            tool: Tool::default(),
            history: History::default(),
            stored_ranges: BTreeMap::new(),
        };
        session.fill_empty_panes();
        session
    }

    /// The exam.
    #[must_use]
    pub fn exam(&self) -> &Arc<ExamSummary> {
        &self.exam
    }

    /// Exams have been put beside the one that is here ([`ExamSummary::join`]): their series come behind, all else stays.
    ///
    /// # Errors
    /// [`SnapshotError::OtherExam`] where `exam` does not begin with what is here; nothing is changed then.
    pub fn grow(&mut self, exam: Arc<ExamSummary>) -> Result<(), SnapshotError> {
        if !exam.begins_with(&self.exam) {
            return Err(SnapshotError::OtherExam);
        }
        self.stacks.extend(exam.series.iter().skip(self.stacks.len()).map(Stack::of));
        self.exam = exam;
        Ok(())
    }

    /// How panes share the page (also while one is shown alone).
    #[must_use]
    pub fn layout(&self) -> Layout {
        self.arrangement.layout
    }

    /// Whether the active pane is shown alone.
    #[must_use]
    pub fn is_maximised(&self) -> bool {
        self.arrangement.maximised
    }

    /// The panes on the screen, in order.
    #[must_use]
    pub fn visible_panes(&self) -> Vec<usize> {
        if self.arrangement.maximised {
            vec![self.arrangement.active]
        } else {
            (0..self.arrangement.layout.panes()).collect()
        }
    }

    /// The pane that keys and controls go to.
    #[must_use]
    pub fn active_pane(&self) -> usize {
        self.arrangement.active
    }

    /// Sizes of the canvases of all panes, device pixels.
    #[must_use]
    pub fn canvas_sizes_px(&self) -> &[[u32; 2]] {
        &self.canvas_sizes_px
    }

    /// What the left button does.
    #[must_use]
    pub fn tool(&self) -> Tool {
        self.tool
    }

    /// Whether there is a step to take back.
    #[must_use]
    pub fn can_undo(&self) -> bool {
        self.history.can_undo()
    }

    /// Whether there is a step to do again.
    #[must_use]
    pub fn can_redo(&self) -> bool {
        self.history.can_redo()
    }

    /// What a pane shows and how; `None` where there is no such pane.
    #[must_use]
    pub fn view(&self, pane: usize) -> Option<&ViewState> {
        self.arrangement.panes.get(pane)
    }

    /// The frame in a pane.
    #[must_use]
    pub fn reference(&self, pane: usize) -> Option<ViewReference> {
        self.view(pane)?.reference
    }

    /// The series in a pane.
    #[must_use]
    pub fn series(&self, pane: usize) -> Option<&Series> {
        self.exam.series.get(usize::try_from(self.reference(pane)?.series).ok()?)
    }

    /// The image in a pane.
    #[must_use]
    pub fn image(&self, pane: usize) -> Option<&Image> {
        let image = usize::try_from(self.reference(pane)?.image).ok()?;
        self.series(pane)?.images.get(image)
    }

    /// Frames of a series in one row.
    #[must_use]
    pub fn stack(&self, series: u32) -> Option<&Stack> {
        self.stacks.get(usize::try_from(series).ok()?)
    }

    /// Position of a pane in its stack, from 0 (people count from 1).
    #[must_use]
    pub fn position(&self, pane: usize) -> Option<u32> {
        let ViewReference { series, image, frame } = self.reference(pane)?;
        self.stack(series)?.position(image, frame)
    }

    /// Frames in the stack of a pane; 0 where it is empty.
    #[must_use]
    pub fn stack_length(&self, pane: usize) -> u32 {
        self.reference(pane).and_then(|r| self.stack(r.series)).map_or(0, Stack::len)
    }

    /// The cine loop of a pane.
    #[must_use]
    pub fn cine(&self, pane: usize) -> Option<&CineState> {
        self.cine.get(pane)
    }

    /// Frames per second the cine loop of a pane runs at.
    #[must_use]
    pub fn cine_rate(&self, pane: usize) -> Option<f64> {
        Some(self.cine(pane)?.frames_per_second(self.frame_time_ms(pane)))
    }

    pub(super) fn frame_time_ms(&self, pane: usize) -> Option<f64> {
        Some(self.image(pane)?.cine?.frame_time_ms)
    }

    /// Size and pixel shape of the image in a pane.
    #[must_use]
    pub fn geometry(&self, pane: usize) -> Option<ImageGeometry> {
        let ViewReference { image, frame, .. } = self.reference(pane)?;
        let (format, _) = frame_attributes(self.series(pane)?, image, frame).ok()?;
        Some(ImageGeometry::of(format))
    }

    /// The view of a pane worked out for its canvas.
    #[must_use]
    pub fn resolved(&self, pane: usize) -> Option<ResolvedView> {
        let size_px = *self.canvas_sizes_px.get(pane)?;
        Some(resolve(&self.geometry(pane)?, size_px, &self.view(pane)?.presentation))
    }

    /// What a renderer needs for a pane; `None` where it is empty.
    ///
    /// # Errors
    /// [`DisplayError`] when the exam summary contradicts itself.
    #[must_use]
    pub fn frame_display(&self, pane: usize) -> Option<Result<FrameDisplay, DisplayError>> {
        let view = self.view(pane)?;
        let ViewReference { series, image, frame } = view.reference?;
        if let Err(error) = frame_attributes(self.series(pane)?, image, frame) {
            return Some(Err(error));
        }
        let resolved = self.resolved(pane)?;
        let range = self.stored_range(series);
        Some(frame_display(self.series(pane)?, [image, frame], &view.data, &resolved, range))
    }

    /// Takes note of the range of the stored values of a decoded frame of a series: the window of images
    /// that bring none. The whole series shares one range, so that scrolling does not flicker.
    pub fn note_stored_range(&mut self, series: u32, range: StoredRange) {
        let [low, high] = range.full;
        if low.is_finite() && high.is_finite() && low <= high {
            let known = self.stored_ranges.entry(series).or_insert(range);
            *known = known.union(range);
        }
    }

    /// Ranges of the stored values seen of a series.
    #[must_use]
    pub fn stored_range(&self, series: u32) -> Option<StoredRange> {
        self.stored_ranges.get(&series).copied()
    }

    /// The window a pane really uses, as a start for changes by hand; `None` for colour and empty panes.
    /// A VOI LUT counts as the LINEAR window over its inputs.
    #[must_use]
    pub fn window(&self, pane: usize) -> Option<UserWindow> {
        let view = self.view(pane)?;
        let ViewReference { series, image, frame } = view.reference?;
        let (format, attributes) = frame_attributes(self.series(pane)?, image, frame).ok()?;
        if !format.photometric_interpretation.starts_with("MONOCHROME") {
            return None;
        }
        let range = self.stored_range(series);
        Some(match resolve_voi(view.data.voi, attributes, format, range).0 {
            Voi::Window { center, width, function } => UserWindow { center, width, function },
            Voi::Lut(table) => {
                let inputs = table.entries.len().max(1) as f64;
                UserWindow {
                    center: f64::from(table.first_mapped) + inputs / 2.0,
                    width: inputs,
                    function: VoiFunction::Linear,
                }
            }
        })
    }

    /// What tools may know of a pane.
    #[must_use]
    pub fn tool_context(&self, pane: usize, device_pixel_ratio: f64) -> ToolContext {
        ToolContext {
            pane,
            tool: self.tool,
            canvas_size_px: self.canvas_sizes_px.get(pane).copied().unwrap_or([1, 1]),
            device_pixel_ratio,
            position: self.position(pane),
            stack_length: self.stack_length(pane),
            window: self.window(pane),
        }
    }

    /// The frames on the screen, the active pane first: for [`crate::fetch::Event::Shown`].
    #[must_use]
    pub fn shown_frames(&self) -> Vec<ShownFrame> {
        let active = self.arrangement.active;
        let others = self.visible_panes().into_iter().filter(|&pane| pane != active);
        [active]
            .into_iter()
            .chain(others)
            .filter_map(|pane| {
                let key = FrameKey::from(self.reference(pane)?);
                Some(ShownFrame { key, direction: *self.directions.get(pane)? })
            })
            .collect()
    }

    /// Applies a change.
    pub fn apply(&mut self, command: Command) {
        match command {
            Command::BeginGesture => self.history.begin(&self.arrangement),
            Command::EndGesture => self.history.end(&self.arrangement),
            Command::CancelGesture => {
                let before = self.history.cancel();
                self.go_back_to(before);
            }
            // In the middle of a gesture, the gesture is the step that is taken back.
            Command::Undo => {
                self.history.end(&self.arrangement);
                let before = self.history.undo(&self.arrangement);
                self.go_back_to(before);
            }
            Command::Redo => {
                self.history.end(&self.arrangement);
                let after = self.history.redo(&self.arrangement);
                self.go_back_to(after);
            }
            change => {
                let before = self.arrangement;
                let kind = self.change(change);
                self.history.record(&before, &self.arrangement, kind);
            }
        }
    }

    /// Applies changes in order.
    pub fn apply_all(&mut self, commands: impl IntoIterator<Item = Command>) {
        for command in commands {
            self.apply(command);
        }
    }

    fn go_back_to(&mut self, arrangement: Option<Arrangement>) {
        let Some(arrangement) = arrangement else { return };
        let now = std::mem::replace(&mut self.arrangement, arrangement);
        let panes = self.arrangement.panes.iter().zip(&now.panes);
        for (cine, (then, now)) in self.cine.iter_mut().zip(panes) {
            if then.reference.map(|r| r.series) != now.reference.map(|r| r.series) {
                *cine = CineState::default();
            }
        }
        self.stop_hidden_cine();
    }
}
