//! Drawing: what each pane shows is decided, drawn and published in one animation frame.

use std::rc::Rc;

use leptos::prelude::{GetUntracked, Set, WithUntracked};
use negatoscope_gpu::GpuError;
use viewer_core::command::Command;
use web_sys::Element;

use super::Viewer;
use crate::bridge::display::Display;
use crate::bridge::input::Input;
use crate::bridge::picture::{PaneNow, PaneSource};
use crate::bridge::stage::{StageObserver, StageSize};
use crate::platform::dom::log;
use crate::platform::time::{sleep_ms, spawn};
use crate::state::grid::pane_rects;
use crate::state::page::{MOST_PANES, PageTrouble, publish};
use crate::state::view::{PaneStatus, PaneView};

/// Attempts to open the GPU again after it was lost.
const MOST_REOPENINGS: u32 = 5;

/// The part of the page that is drawn on.
pub(super) struct Stage {
    element: Element,
    size: StageSize,
    _observer: Option<StageObserver>,
    _input: Input,
}

impl Viewer {
    /// Puts the canvas on the stage and begins to draw.
    pub fn attach(&self, stage: &Element) {
        self.0.display.borrow().attach(stage);
        let size = StageSize::of(stage);
        let resized = Rc::downgrade(&self.0);
        let observer = StageObserver::new(stage, move |size| {
            if let Some(inner) = resized.upgrade() {
                Self(inner).resized(size);
            }
        });
        *self.0.stage.borrow_mut() = Some(Stage {
            element: stage.clone(),
            size,
            _observer: observer,
            _input: Input::listen(self.clone(), stage),
        });
        self.resized(size);
    }

    /// Asks for a new picture.
    pub fn redraw(&self) {
        if let Some(frames) = self.0.frames.get() {
            frames.ask();
        }
    }

    /// Where a point of the window lies: pane, and point on its canvas in device pixels. With `pane`
    /// given, the point is told for that pane even where it is outside.
    #[must_use]
    pub fn locate(&self, client: [f64; 2], pane: usize) -> Option<[f64; 2]> {
        let stage = self.0.stage.borrow();
        let stage = stage.as_ref()?;
        let origin = stage.element.get_bounding_client_rect();
        let [left, top, ..] = self.rect_px(pane, &stage.size)?;
        let [across, down] = stage.size.ratio;
        Some([
            (client[0] - origin.left()) * across - f64::from(left),
            (client[1] - origin.top()) * down - f64::from(top),
        ])
    }

    fn rect_px(&self, pane: usize, size: &StageSize) -> Option<[u32; 4]> {
        let session = self.0.session.borrow();
        let visible = session.visible_panes();
        let index = visible.iter().position(|&shown| shown == pane)?;
        let shape = if visible.len() == 1 { [1, 1] } else { session.layout().rows_columns() };
        pane_rects(size.device_px, shape).get(index).copied()
    }

    fn resized(&self, size: StageSize) {
        if let Some(stage) = self.0.stage.borrow_mut().as_mut() {
            stage.size = size;
        }
        self.0.display.borrow().resize(size.device_px);
        self.resize_canvases();
        self.redraw();
    }

    pub(super) fn resize_canvases(&self) {
        let Some(size) = self.stage_size() else { return };
        let visible = self.0.session.borrow().visible_panes();
        for pane in visible {
            if let Some([_, _, width, height]) = self.rect_px(pane, &size) {
                let command = Command::ResizeCanvas { pane, size_px: [width, height] };
                self.0.session.borrow_mut().apply(command);
            }
        }
    }

    fn stage_size(&self) -> Option<StageSize> {
        self.0.stage.borrow().as_ref().map(|stage| stage.size)
    }

    pub(super) fn draw(&self, time_ms: f64) {
        let Some(size) = self.stage_size() else { return };
        if self.0.display.borrow().is_lost() {
            self.reopen_display();
            return;
        }
        self.advance_cine(time_ms);
        for (series, range) in self.loader().take_ranges() {
            self.0.session.borrow_mut().note_stored_range(series, range);
        }
        match self.draw_panes(&size) {
            Ok(Some(panes)) => self.publish_panes(&size, panes),
            Ok(None) => self.redraw(),
            Err(error) => {
                log(&error.to_string());
                self.reopen_display();
            }
        }
        if self.0.session.borrow().is_playing() {
            self.redraw();
        }
    }

    fn advance_cine(&self, time_ms: f64) {
        let loader = self.loader().clone();
        let changed = self.0.session.borrow_mut().tick(time_ms, |key| loader.holds(key));
        if changed {
            self.loader().show(self.0.session.borrow().shown_frames());
        }
    }

    /// `None` where the canvas takes nothing now.
    fn draw_panes(&self, size: &StageSize) -> Result<Option<Vec<(usize, PaneNow)>>, GpuError> {
        let display = Rc::clone(&self.0.display.borrow());
        let visible = self.0.session.borrow().visible_panes();
        let mut panes = Vec::with_capacity(visible.len());
        for pane in visible {
            let Some(rect_px) = self.rect_px(pane, size) else { continue };
            let source = PaneSource {
                session: &self.0.session.borrow(),
                loader: self.loader(),
                covers: self.covers(),
                display: &display,
                pane,
                rect_px,
                last_drawn: self.0.drawn.borrow().get(pane).copied().flatten(),
            };
            panes.push((pane, source.now()?));
        }
        let pictures: Vec<_> = panes.iter_mut().filter_map(|(_, now)| now.picture.take()).collect();
        Ok(display.draw(&pictures)?.then_some(panes))
    }

    /// Says what is drawn, in the same animation frame.
    fn publish_panes(&self, size: &StageSize, panes: Vec<(usize, PaneNow)>) {
        let mut views: [PaneView; MOST_PANES] = Default::default();
        for (pane, now) in panes {
            if let Some(drawn) = self.0.drawn.borrow_mut().get_mut(pane) {
                *drawn = now.drawn;
            }
            if now.drawn.is_some() && !self.0.page.first_image.get_untracked() {
                self.0.page.first_image.set(true);
            }
            if let Some(view) = views.get_mut(pane) {
                *view = now.view;
                view.rect = self.rect_px(pane, size).map(|rect| size.css_rect(rect));
            }
        }
        for (signal, view) in self.0.page.panes.iter().zip(views) {
            publish(*signal, view);
        }
        self.plan_progress();
    }

    /// Makes the GPU device go away, to try out how the page recovers (support and tests).
    pub fn lose_gpu(&self) {
        self.0.display.borrow().lose_device();
    }

    /// The GPU device is gone: another canvas, another device, the same view.
    fn reopen_display(&self) {
        let hopeless = [PageTrouble::GpuLost, PageTrouble::GpuFailed];
        if self.0.page.trouble.with_untracked(|trouble| hopeless.contains(trouble)) {
            return;
        }
        publish(self.0.page.trouble, PageTrouble::GpuLost);
        self.0.display.borrow().detach();
        self.publish_blank();
        let viewer = self.clone();
        spawn(async move {
            let trouble = viewer.open_display().await;
            publish(viewer.0.page.trouble, trouble);
            viewer.redraw();
        });
    }

    /// Nothing is drawn, so nothing is said to be.
    fn publish_blank(&self) {
        *self.0.drawn.borrow_mut() = Default::default();
        for signal in self.0.page.panes {
            let mut view = signal.get_untracked();
            if matches!(view.status, PaneStatus::Ready) {
                view.status = PaneStatus::Loading;
            }
            view.shown = None;
            publish(signal, view);
        }
    }

    async fn open_display(&self) -> PageTrouble {
        let Some(size) = self.stage_size() else { return PageTrouble::GpuFailed };
        while self.0.reopenings.get() < MOST_REOPENINGS {
            self.0.reopenings.set(self.0.reopenings.get() + 1);
            sleep_ms(200).await;
            match Display::open(size.device_px, self.0.gpu_budget_bytes, self.0.page.gpu_news).await
            {
                Ok(display) => {
                    if let Some(stage) = self.0.stage.borrow().as_ref() {
                        display.attach(&stage.element);
                    }
                    display.resize(self.stage_size().unwrap_or(size).device_px);
                    *self.0.display.borrow_mut() = display;
                    return PageTrouble::None;
                }
                Err(error) => log(&error.to_string()),
            }
        }
        PageTrouble::GpuFailed
    }
}
