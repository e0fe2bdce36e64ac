//! Drawing: what each pane shows is decided, drawn and published in one animation frame.

use std::rc::Rc;

use leptos::prelude::{GetUntracked, Set, WithUntracked};
use negatoscope_gpu::GpuError;
use viewer_core::command::Command;
use wasm_bindgen::JsValue;
use web_sys::Element;

use super::{FIRST_PICTURE, Viewer, scripts};
use crate::bridge::display::Display;
use crate::bridge::input::Input;
use crate::bridge::picture::{PaneNow, PaneSource};
use crate::bridge::stage::{StageObserver, StageSize};
use crate::platform::dom::{document, log, window};
use crate::platform::storage;
use crate::platform::time::{next_frame, sleep_ms, spawn};
use crate::state::grid::pane_rects;
use crate::state::page::{MOST_PANES, PageTrouble, publish};
use crate::state::view::{PaneStatus, PaneView};

/// Attempts to open the GPU again after it was lost.
const MOST_REOPENINGS: u32 = 5;

/// The part of the page that is drawn on.
pub(super) struct Stage {
    pub(super) element: Element,
    pub(super) size: StageSize,
    _observer: Option<StageObserver>,
    _input: Input,
}

impl Viewer {
    /// Puts the canvas on the stage and begins to draw.
    pub fn attach(&self, stage: &Element) {
        if let Some(display) = self.display() {
            display.attach(stage);
        }
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

    pub(super) fn rect_px(&self, pane: usize, size: &StageSize) -> Option<[u32; 4]> {
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
        if let Some(display) = self.display() {
            display.resize(size.device_px);
        }
        self.resize_canvases();
        self.let_follow();
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
        let Some((size, display)) = self.stage_size().zip(self.display()) else { return };
        if display.is_lost() {
            self.reopen_display();
            return;
        }
        self.advance_cine(time_ms);
        for (series, range) in self.loader().take_ranges() {
            self.0.session.borrow_mut().note_stored_range(series, range);
        }
        match self.draw_panes(&size, &display) {
            Ok(Some(panes)) => self.publish_panes(&size, panes),
            Ok(None) => self.redraw(),
            Err(error) => {
                log(&error.to_string());
                match error {
                    GpuError::Wrong(_) | GpuError::ReadBack(_) => self.try_other_build(),
                    _ => self.reopen_display(),
                }
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
            self.let_follow();
            self.loader().show(self.0.session.borrow().shown_frames());
        }
    }

    /// `None` where the canvas takes nothing now.
    fn draw_panes(
        &self,
        size: &StageSize,
        display: &Rc<Display>,
    ) -> Result<Option<Vec<(usize, PaneNow)>>, GpuError> {
        let visible = self.0.session.borrow().visible_panes();
        let mut panes = Vec::with_capacity(visible.len());
        for pane in visible {
            let Some(rect_px) = self.rect_px(pane, size) else { continue };
            let source = PaneSource {
                session: &self.0.session.borrow(),
                loader: self.loader(),
                covers: self.covers(),
                previews: &self.0.previews,
                display,
                pane,
                rect_px,
                last_drawn: self.0.drawn.borrow().get(pane).copied().flatten(),
            };
            panes.push((pane, source.now()?));
        }
        let mut pictures: Vec<_> =
            panes.iter_mut().filter_map(|(_, now)| now.picture.take()).collect();
        pictures.extend(self.under_lens(size, &pictures));
        Ok(display.draw(&pictures)?.then_some(panes))
    }

    /// Says what is drawn, in the same animation frame.
    fn publish_panes(&self, size: &StageSize, panes: Vec<(usize, PaneNow)>) {
        let mut views: [PaneView; MOST_PANES] = Default::default();
        self.show_measures(size, &panes);
        self.show_comparison(size, &panes);
        self.show_previews(size, &panes);
        self.give_capture(size, &panes);
        for (pane, now) in panes {
            if let Some(drawn) = self.0.drawn.borrow_mut().get_mut(pane) {
                *drawn = now.drawn;
            }
            let is_waiting = matches!(now.view.status, PaneStatus::Loading | PaneStatus::Preview);
            if !is_waiting && !self.0.is_released.replace(true) {
                self.release_when_drawn();
            }
            if !self.0.page.first_image.get_untracked() {
                self.before_first_image(pane, &now);
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

    /// The loader's picture goes once an image is drawn, or another than the first is asked for, whose picture it is not.
    fn before_first_image(&self, pane: usize, now: &PaneNow) {
        let asked = (now.view.series, now.view.wanted);
        // What the loader shows is the first series, in the only pane.
        let is_another = |before: &PaneView| match before.series {
            None => pane > 0,
            Some(_) => (before.series, before.wanted) != asked,
        };
        let is_drawn = now.drawn.is_some();
        let view = self.0.page.panes.get(pane);
        let is_over = is_drawn || view.is_some_and(|view| view.with_untracked(is_another));
        if let Some(picture) = document().get_element_by_id(FIRST_PICTURE).filter(|_| is_over) {
            picture.remove();
        }
        if is_drawn {
            self.0.page.first_image.set(true);
            scripts::tell(scripts::FIRST_IMAGE);
        }
    }

    /// Previews lie over the canvas, each in its pane, and nowhere else.
    fn show_previews(&self, size: &StageSize, panes: &[(usize, PaneNow)]) {
        let stage = self.0.stage.borrow();
        for pane in 0..MOST_PANES {
            let now = panes.iter().find(|(number, _)| *number == pane).map(|(_, now)| now);
            let placed = now.and_then(|now| now.preview_px.zip(now.canvas_from_image));
            let Some((size_px, map)) = placed else {
                // One that is asked for is on its way while its pane waits.
                match now {
                    Some(now) if now.view.status == PaneStatus::Loading => {
                        self.0.previews.hide(pane);
                    }
                    _ => self.0.previews.clear(pane),
                }
                continue;
            };
            let selector = format!(".pane[data-pane=\"{pane}\"]");
            let section =
                stage.as_ref().and_then(|stage| stage.element.query_selector(&selector).ok()?);
            if let Some(section) = section {
                self.0.previews.place(pane, &section, size_px, &size.css_map(&map));
            }
        }
    }

    /// The first picture has left for the screen when the frame after the next begins: a browser that draws with the
    /// processor begins none before.
    fn release_when_drawn(&self) {
        let loader = self.loader().clone();
        spawn(async move {
            next_frame().await;
            next_frame().await;
            loader.release();
        });
    }

    /// Makes the GPU device go away, to try out how the page recovers (support and tests).
    pub fn lose_gpu(&self) {
        if let Some(display) = self.display() {
            display.lose_device();
        }
    }

    /// The GPU device is gone: another canvas, another device, the same view.
    fn reopen_display(&self) {
        let hopeless = [PageTrouble::GpuLost, PageTrouble::GpuFailed];
        if self.0.page.trouble.with_untracked(|trouble| hopeless.contains(trouble)) {
            return;
        }
        publish(self.0.page.trouble, PageTrouble::GpuLost);
        if let Some(display) = self.0.display.borrow_mut().take() {
            display.detach();
            if display.is_hopeless() {
                self.try_other_build();
                return;
            }
        }
        self.publish_blank();
        let viewer = self.clone();
        spawn(async move {
            let trouble = viewer.open_display().await;
            publish(viewer.0.page.trouble, trouble);
            viewer.redraw();
        });
    }

    /// This build cannot be relied on here: the page comes again with the next one, and the same view.
    fn try_other_build(&self) {
        self.save();
        let next = if cfg!(feature = "canvas") {
            "none"
        } else if cfg!(feature = "webgl") {
            "canvas"
        } else {
            "webgl"
        };
        storage::write("negatoscope.gpu", next);
        window().location().reload().ok();
    }

    /// Nothing is drawn, so nothing is said to be.
    fn publish_blank(&self) {
        *self.0.drawn.borrow_mut() = Default::default();
        for signal in self.0.page.panes {
            let mut view = signal.get_untracked();
            if matches!(view.status, PaneStatus::Ready | PaneStatus::Preview) {
                view.status = PaneStatus::Loading;
            }
            view.shown = None;
            publish(signal, view);
        }
    }

    async fn open_once(&self, size: StageSize) -> Result<Rc<Display>, GpuError> {
        let (budget_bytes, news) = (self.0.gpu_budget_bytes, self.0.page.gpu_news);
        Display::open(size.device_px, budget_bytes, JsValue::UNDEFINED, news).await
    }

    async fn open_display(&self) -> PageTrouble {
        let Some(size) = self.stage_size() else { return PageTrouble::GpuFailed };
        while self.0.reopenings.get() < MOST_REOPENINGS {
            self.0.reopenings.set(self.0.reopenings.get() + 1);
            sleep_ms(200).await;
            match self.open_once(size).await {
                Ok(display) => {
                    self.draw_on(display);
                    return PageTrouble::None;
                }
                Err(error) => log(&error.to_string()),
            }
        }
        PageTrouble::GpuFailed
    }
}
