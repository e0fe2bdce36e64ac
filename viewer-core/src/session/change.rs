//! What each command changes.

use super::history::Kind;
use super::{MAX_PANES, Session};
use crate::command::{Command, Layout};
use crate::fetch::FrameKey;
use crate::viewport::{
    ViewPresentation, ViewReference, ViewState, VoiChoice, Zoom, frame_attributes, presets,
    voi_choices,
};

impl Session {
    /// Changes the state; says which changes in a row are one step of undo.
    pub(super) fn change(&mut self, command: Command) -> Option<Kind> {
        match command {
            Command::SetLayout(layout) => self.set_layout(layout),
            Command::Activate { pane } => self.activate(pane),
            Command::ToggleMaximise { pane } => self.toggle_maximise(pane),
            Command::Leave => self.leave(),
            Command::ResizeCanvas { pane, size_px } => {
                if let Some(size) = self.canvas_sizes_px.get_mut(pane) {
                    *size = size_px;
                }
            }
            Command::SelectTool(tool) => self.tool = tool,
            Command::ShowSeries { pane, series } => self.show_series(pane, series),
            Command::StepSeries { pane, by } => {
                let series = self.series_beside(self.reference(pane)?.series, by)?;
                self.show_series(pane, series);
            }
            Command::Show { pane, reference } => self.show(pane, reference),
            Command::ScrollBy { pane, frames } => {
                let position = self.position(pane)?;
                self.scroll_to(pane, position.saturating_add_signed(frames));
            }
            Command::ScrollTo { pane, position } => self.scroll_to(pane, position),
            Command::PlayCine { .. }
            | Command::ToggleCine { .. }
            | Command::SetCineRate { .. }
            | Command::SetCineCourse { .. } => self.change_cine(command),
            Command::SetVoi { .. }
            | Command::PickVoi { .. }
            | Command::ToggleInvert { .. }
            | Command::ToggleOverlays { .. }
            | Command::ToggleShutter { .. }
            | Command::SetInterpolation { .. }
            | Command::SetColours { .. } => self.change_data(command),
            _ => return self.change_presentation(command),
        }
        None
    }

    fn pane_mut(&mut self, pane: usize) -> Option<&mut ViewState> {
        self.arrangement.panes.get_mut(pane).filter(|view| view.reference.is_some())
    }

    fn set_layout(&mut self, layout: Layout) {
        self.arrangement.layout = layout;
        self.arrangement.maximised = false;
        self.arrangement.active = self.arrangement.active.min(layout.panes() - 1);
        self.stop_hidden_cine();
        self.fill_empty_panes();
    }

    /// Empty panes get the next series of the exam that was opened that no pane shows: those of others come when they are
    /// asked for.
    pub(crate) fn fill_empty_panes(&mut self) {
        for pane in 0..self.arrangement.layout.panes() {
            if self.reference(pane).is_none()
                && let Some(series) = self.next_unshown_series()
            {
                self.show_series(pane, series);
            }
        }
    }

    fn next_unshown_series(&self) -> Option<u32> {
        let shown: Vec<u32> =
            self.arrangement.panes.iter().filter_map(|view| Some(view.reference?.series)).collect();
        (0_u32..)
            .zip(self.exam.series.iter().zip(&self.stacks))
            .filter(|(_, (series, stack))| series.exam.is_first() && !stack.is_empty())
            .find(|(index, _)| !shown.contains(index))
            .map(|(index, _)| index)
    }

    fn activate(&mut self, pane: usize) {
        if self.visible_panes().contains(&pane) {
            self.arrangement.active = pane;
        }
    }

    fn toggle_maximise(&mut self, pane: usize) {
        if self.visible_panes().contains(&pane) && self.arrangement.layout != Layout::ONE {
            self.arrangement.active = pane;
            self.arrangement.maximised = !self.arrangement.maximised;
            self.stop_hidden_cine();
        }
    }

    fn leave(&mut self) {
        if self.arrangement.maximised {
            self.arrangement.maximised = false;
        } else {
            for cine in &mut self.cine {
                cine.set_playing(false);
            }
        }
    }

    fn show_series(&mut self, pane: usize, series: u32) {
        let Some((image, frame)) = self.stack(series).and_then(|stack| stack.at(0)) else {
            return;
        };
        if pane < MAX_PANES {
            let reference = Some(ViewReference { series, image, frame });
            self.arrangement.panes[pane] = ViewState { reference, ..ViewState::default() };
            self.directions[pane] = 0;
            self.cine[pane] = super::CineState::default();
        }
    }

    /// The series with images that comes so many after (or before) one; `None` where there is none.
    fn series_beside(&self, series: u32, by: i32) -> Option<u32> {
        let with_images = (0_u32..).zip(&self.stacks).filter(|(_, stack)| !stack.is_empty());
        let all: Vec<u32> = with_images.map(|(index, _)| index).collect();
        let at = all.iter().position(|index| *index == series)?;
        all.get(at.checked_add_signed(isize::try_from(by).ok()?)?).copied()
    }

    fn show(&mut self, pane: usize, reference: ViewReference) {
        let ViewReference { series, image, frame } = reference;
        let exists = self.stack(series).and_then(|stack| stack.position(image, frame));
        let Some(position) = exists else { return };
        if self.reference(pane).map(|r| r.series) != Some(series) {
            self.show_series(pane, series);
        }
        self.scroll_to(pane, position);
    }

    pub(super) fn scroll_to(&mut self, pane: usize, position: u32) {
        let Some((from, series)) = self.position(pane).zip(self.reference(pane).map(|r| r.series))
        else {
            return;
        };
        let Some(stack) = self.stack(series) else { return };
        let position = position.min(stack.len().saturating_sub(1));
        let Some((image, frame)) = stack.at(position) else { return };
        if position != from {
            self.directions[pane] = if position > from { 1 } else { -1 };
            self.arrangement.panes[pane].reference = Some(ViewReference { series, image, frame });
        }
    }

    fn change_presentation(&mut self, command: Command) -> Option<Kind> {
        let (pane, kind) = match command {
            Command::Pan { pane, .. } => (pane, Some(Kind::Pan(pane))),
            Command::ZoomAt { pane, .. } => (pane, Some(Kind::Zoom(pane))),
            Command::SetZoom { pane, .. }
            | Command::Turn { pane, .. }
            | Command::Flip { pane, .. }
            | Command::Reset { pane } => (pane, None),
            _ => return None,
        };
        let (resolved, geometry) = self.resolved(pane).zip(self.geometry(pane))?;
        let view = self.pane_mut(pane)?;
        let now = view.presentation;
        view.presentation = match command {
            Command::Pan { delta_px, .. } => resolved.panned(&now, &geometry, delta_px),
            Command::ZoomAt { factor, at_px, .. } => {
                resolved.zoomed(&now, &geometry, factor, at_px)
            }
            Command::SetZoom { zoom: Zoom::Fit, .. } => {
                ViewPresentation { zoom: Zoom::Fit, center: [0.5, 0.5], ..now }
            }
            Command::SetZoom { zoom, .. } => ViewPresentation { zoom, ..now }.sanitised(),
            Command::Turn { quarter_turns, .. } => now.turned(quarter_turns),
            Command::Flip { axis, .. } => now.flipped(axis),
            _ => {
                view.data = crate::viewport::DataPresentation::default();
                ViewPresentation::default()
            }
        };
        kind
    }

    fn change_data(&mut self, command: Command) {
        let voi = match command {
            Command::SetVoi { voi, .. } => Some(voi),
            Command::PickVoi { pane, number } => self.numbered_voi(pane, number),
            _ => None,
        };
        match command {
            Command::SetVoi { pane, .. } | Command::PickVoi { pane, .. } => {
                if let (Some(view), Some(voi)) = (self.pane_mut(pane), voi) {
                    view.data.voi = voi;
                }
            }
            Command::ToggleInvert { pane } => {
                if let Some(view) = self.pane_mut(pane) {
                    view.data.invert = !view.data.invert;
                }
            }
            Command::ToggleOverlays { pane } => {
                if let Some(view) = self.pane_mut(pane) {
                    view.data.overlays_hidden = !view.data.overlays_hidden;
                }
            }
            Command::ToggleShutter { pane } => {
                if let Some(view) = self.pane_mut(pane) {
                    view.data.shutter_open = !view.data.shutter_open;
                }
            }
            Command::SetInterpolation { pane, interpolation } => {
                if let Some(view) = self.pane_mut(pane) {
                    view.data.interpolation = interpolation;
                }
            }
            Command::SetColours { pane, colours } => {
                if let Some(view) = self.pane_mut(pane) {
                    view.data.colours = colours;
                }
            }
            _ => {}
        }
    }

    /// Presets of the modality keep their digits whatever windows a file brings.
    fn numbered_voi(&self, pane: usize, number: u8) -> Option<VoiChoice> {
        let Some(index) = usize::from(number).checked_sub(1) else {
            return Some(VoiChoice::Default);
        };
        let series = self.series(pane)?;
        let named = presets(&series.modality);
        if !named.is_empty() {
            return named.get(index).copied().map(VoiChoice::Preset);
        }
        let ViewReference { image, frame, .. } = self.reference(pane)?;
        let (_, attributes) = frame_attributes(series, image, frame).ok()?;
        voi_choices(series, attributes).get(index).copied()
    }

    fn change_cine(&mut self, command: Command) {
        let (Command::PlayCine { pane, .. }
        | Command::ToggleCine { pane }
        | Command::SetCineRate { pane, .. }
        | Command::SetCineCourse { pane, .. }) = command
        else {
            return;
        };
        let can_play = self.stack_length(pane) > 1;
        let Some(cine) = self.cine.get_mut(pane) else { return };
        match command {
            Command::PlayCine { playing, .. } => cine.set_playing(playing && can_play),
            Command::ToggleCine { .. } => cine.set_playing(!cine.playing && can_play),
            Command::SetCineRate { frames_per_second, .. } => cine.rate = frames_per_second,
            Command::SetCineCourse { direction, wrap, .. } => {
                cine.direction = direction;
                cine.wrap = wrap;
            }
            _ => {}
        }
    }

    /// Puts a view into a pane as it is; no step of undo.
    pub(crate) fn place(&mut self, pane: usize, view: ViewState) {
        if let Some(place) = self.arrangement.panes.get_mut(pane) {
            *place = view;
        }
    }

    pub(super) fn stop_hidden_cine(&mut self) {
        let visible = self.visible_panes();
        for (pane, cine) in self.cine.iter_mut().enumerate() {
            if !visible.contains(&pane) {
                cine.set_playing(false);
            }
        }
    }

    /// Lets the running cine loops go on to `now_ms` (any clock that never goes back). A frame for which
    /// `is_ready` says no is waited for. Says whether anything changed.
    pub fn tick(&mut self, now_ms: f64, is_ready: impl Fn(FrameKey) -> bool) -> bool {
        let before = self.arrangement;
        for pane in 0..MAX_PANES {
            if self.cine[pane].playing
                && let Some(position) = self.next_cine_position(pane, now_ms, &is_ready)
            {
                self.scroll_to(pane, position);
                self.directions[pane] = match self.cine[pane].direction {
                    crate::command::CineDirection::Forward => 1,
                    crate::command::CineDirection::Backward => -1,
                };
            }
        }
        before != self.arrangement
    }

    /// Whether a cine loop runs, so that [`Self::tick`] is due with every picture of the screen.
    #[must_use]
    pub fn is_playing(&self) -> bool {
        self.cine.iter().any(|cine| cine.playing)
    }

    fn next_cine_position(
        &mut self,
        pane: usize,
        now_ms: f64,
        is_ready: impl Fn(FrameKey) -> bool,
    ) -> Option<u32> {
        let ViewReference { series, image, .. } = self.reference(pane)?;
        let position = self.position(pane)?;
        let frame_time_ms = self.frame_time_ms(pane);
        let stack = self.stacks.get(usize::try_from(series).ok()?)?;
        // A loop of several frames runs by itself, single images run through the series.
        let frames = stack.frames_of(image).filter(|frames| frames.len() > 1);
        let frames = frames.unwrap_or(0..stack.len());
        let ready = |position| {
            stack
                .at(position)
                .is_some_and(|(image, frame)| is_ready(FrameKey { series, image, frame }))
        };
        self.cine[pane].advance(position, &frames, frame_time_ms, now_ms, ready)
    }
}
