//! The viewer of one exam: takes commands, draws, and publishes what is drawn.

use std::cell::{Cell, OnceCell, RefCell};
use std::rc::Rc;
use std::sync::Arc;

use leptos::prelude::{GetUntracked, Set, Update, WithUntracked};
use negatoscope_gpu::GpuError;
use negatoscope_text::Lang;
use viewer_core::command::Command;
use viewer_core::display::Voi;
use viewer_core::exam::{DisplayAttributes, ExamSummary, ImageFormat};
use viewer_core::fetch::{Connection, FrameKey, FrameStatus, Limits};
use viewer_core::session::{Session, Snapshot};
use viewer_core::tool::{InputEvent, Recogniser};
use viewer_core::viewport::{
    ViewReference, VoiChoice, frame_attributes, presets, resolve_voi, voi_choices,
};
use web_sys::Element;

use super::display::Display;
use super::input::Input;
use super::loader::{Loader, LoaderNews};
use super::login::Login;
use super::picture::{PaneNow, PaneSource};
use super::stage::{StageObserver, StageSize};
use super::workers::WorkerScripts;
use crate::platform::device::DeviceLimits;
use crate::platform::dom::{device_pixel_ratio, document, log, window};
use crate::platform::storage;
use crate::platform::time::{FrameLoop, now_ms, sleep_ms, spawn};
use crate::state::grid::pane_rects;
use crate::state::loaded_map::outline;
use crate::state::page::{MOST_PANES, Page, PageTrouble, publish};

/// Milliseconds between two updates of progress bars and loaded maps.
const PROGRESS_MS: i32 = 120;
/// Milliseconds after a change until the view is written down.
const SAVE_MS: i32 = 500;
/// Attempts to open the GPU again after it was lost.
const MOST_REOPENINGS: u32 = 5;

/// Handle of the viewer. Cheap to clone.
#[derive(Clone)]
pub struct Viewer(Rc<Inner>);

struct Inner {
    visit: String,
    /// Under which the view is kept in this tab.
    view_name: String,
    exam: Arc<ExamSummary>,
    page: Page,
    session: RefCell<Session>,
    recogniser: RefCell<Recogniser>,
    loader: OnceCell<Loader>,
    display: RefCell<Rc<Display>>,
    gpu_budget_bytes: u64,
    frames: OnceCell<FrameLoop>,
    stage: RefCell<Option<Stage>>,
    login: OnceCell<Login>,
    drawn: RefCell<[Option<ViewReference>; MOST_PANES]>,
    progress_planned: Cell<bool>,
    save_planned: Cell<bool>,
    reopenings: Cell<u32>,
    /// The reader logged out: nothing is to be kept.
    forgotten: Cell<bool>,
}

/// The part of the page that is drawn on.
struct Stage {
    element: Element,
    size: StageSize,
    _observer: Option<StageObserver>,
    _input: Input,
}

/// What a viewer is made from.
pub struct ViewerParts {
    /// Number of the visit, from the address.
    pub visit: String,
    /// The exam.
    pub exam: ExamSummary,
    /// Signals to write.
    pub page: Page,
    /// The GPU.
    pub display: Rc<Display>,
    /// Limits of the device.
    pub limits: DeviceLimits,
    /// Scripts of the workers.
    pub scripts: WorkerScripts,
}

/// An offered grey scale, with what is said of it.
#[derive(Clone, Debug)]
pub struct VoiOffer {
    /// Explanation of the file; may be empty.
    pub explanation: String,
    /// Values, where it is a window.
    pub center_width: Option<[f64; 2]>,
    /// Key that chooses it.
    pub digit: Option<usize>,
    /// Whether it is in use.
    pub is_current: bool,
}

impl Viewer {
    /// Starts loading; [`Self::attach`] puts it on the page.
    #[must_use]
    pub fn start(parts: ViewerParts) -> Self {
        let exam = Arc::new(parts.exam);
        let mut session = Session::new(Arc::clone(&exam));
        let view_name = format!("negatoscope.view.{}.{}", parts.visit, parts.page.exams.shown);
        restore(&mut session, &view_name);
        let viewer = Self(Rc::new(Inner {
            visit: parts.visit,
            view_name,
            page: parts.page,
            session: RefCell::new(session),
            recogniser: RefCell::new(Recogniser::new()),
            loader: OnceCell::new(),
            display: RefCell::new(parts.display),
            gpu_budget_bytes: parts.limits.gpu_cache_bytes,
            frames: OnceCell::new(),
            stage: RefCell::new(None),
            login: OnceCell::new(),
            drawn: RefCell::default(),
            progress_planned: Cell::new(false),
            save_planned: Cell::new(false),
            reopenings: Cell::new(0),
            forgotten: Cell::new(false),
            exam,
        }));
        viewer.start_parts(&parts.limits, parts.scripts);
        viewer.publish_session();
        viewer.loader().show(viewer.0.session.borrow().shown_frames());
        viewer
    }

    fn start_parts(&self, limits: &DeviceLimits, scripts: WorkerScripts) {
        let drawing = Rc::downgrade(&self.0);
        self.0.frames.get_or_init(|| {
            FrameLoop::new(move |time_ms| {
                if let Some(inner) = drawing.upgrade() {
                    Self(inner).draw(time_ms);
                }
            })
        });
        let telling = Rc::downgrade(&self.0);
        self.0.loader.get_or_init(|| {
            let exam = Arc::clone(&self.0.exam);
            Loader::start(exam, fetch_limits(&self.0.exam, limits), scripts, move |news| {
                if let Some(inner) = telling.upgrade() {
                    Self(inner).heard(&news);
                }
            })
        });
        let watching = self.clone();
        self.0.login.get_or_init(|| Login::watch(watching));
    }

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

    /// The exam.
    #[must_use]
    pub fn exam(&self) -> Arc<ExamSummary> {
        Arc::clone(&self.0.exam)
    }

    /// The signals.
    #[must_use]
    pub fn page(&self) -> Page {
        self.0.page
    }

    /// Frames, requests and workers.
    ///
    /// # Panics
    /// Never: it is set before the viewer is handed out.
    #[must_use]
    #[expect(clippy::expect_used, reason = "set by `start_parts` before anything else can run")]
    pub fn loader(&self) -> &Loader {
        self.0.loader.get().expect("the loader is started with the viewer")
    }

    /// What watches the login.
    #[must_use]
    pub fn login(&self) -> Option<&Login> {
        self.0.login.get()
    }

    /// Applies a command.
    pub fn command(&self, command: Command) {
        self.commands(vec![command]);
    }

    /// Applies commands in order, then draws.
    pub fn commands(&self, commands: Vec<Command>) {
        if commands.is_empty() {
            return;
        }
        for command in commands {
            if command == Command::ToggleHelp {
                self.0.page.help.update(|open| *open = !*open);
            } else {
                self.0.session.borrow_mut().apply(command);
            }
        }
        self.session_changed();
    }

    /// Takes an input of a pane and says whether it was one of ours.
    pub fn input(&self, pane: usize, event: &InputEvent) -> bool {
        let context = self.0.session.borrow().tool_context(pane, device_pixel_ratio());
        let commands = self.0.recogniser.borrow_mut().handle(event, &context);
        let is_ours = !commands.is_empty();
        self.commands(commands);
        is_ours
    }

    /// Whether a drag or pinch is under way.
    #[must_use]
    pub fn in_gesture(&self) -> bool {
        self.0.recogniser.borrow().in_gesture()
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

    fn session_changed(&self) {
        self.resize_canvases();
        self.loader().show(self.0.session.borrow().shown_frames());
        self.publish_session();
        self.plan_save();
        self.redraw();
    }

    fn resized(&self, size: StageSize) {
        if let Some(stage) = self.0.stage.borrow_mut().as_mut() {
            stage.size = size;
        }
        self.0.display.borrow().resize(size.device_px);
        self.resize_canvases();
        self.redraw();
    }

    fn resize_canvases(&self) {
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

    /// Signals of the session that do not wait for a picture.
    fn publish_session(&self) {
        let session = self.0.session.borrow();
        let page = &self.0.page;
        publish(page.active, session.active_pane());
        publish(page.layout, session.layout());
        publish(page.maximised, session.is_maximised());
        publish(page.tool, session.tool());
    }

    fn draw(&self, time_ms: f64) {
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
        let mut views: [crate::state::view::PaneView; MOST_PANES] = Default::default();
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

    fn heard(&self, news: &LoaderNews) {
        match news {
            LoaderNews::Frame(key) => {
                if self.shows(*key) {
                    self.redraw();
                }
                self.plan_progress();
            }
            LoaderNews::Progress => self.plan_progress(),
            LoaderNews::Connection => self.publish_connection(),
            LoaderNews::NoWorkers => publish(self.0.page.trouble, PageTrouble::WorkersFailed),
        }
    }

    /// Whether a frame is wanted on the screen.
    fn shows(&self, key: FrameKey) -> bool {
        let session = self.0.session.borrow();
        session
            .visible_panes()
            .into_iter()
            .any(|pane| session.reference(pane).is_some_and(|shown| FrameKey::from(shown) == key))
    }

    fn plan_progress(&self) {
        if self.0.progress_planned.replace(true) {
            return;
        }
        let viewer = Rc::downgrade(&self.0);
        spawn(async move {
            sleep_ms(PROGRESS_MS).await;
            if let Some(inner) = viewer.upgrade() {
                inner.progress_planned.set(false);
                Self(inner).publish_progress();
            }
        });
    }

    fn publish_progress(&self) {
        publish(self.0.page.progress, self.loader().progress());
        for (pane, signal) in self.0.page.loaded.iter().enumerate() {
            let series = self.0.session.borrow().reference(pane).map(|reference| reference.series);
            publish(*signal, series.map(|series| self.outlines(series)).unwrap_or_default());
        }
    }

    /// Outlines of what is loaded of a series and of what failed.
    fn outlines(&self, series: u32) -> [String; 2] {
        let statuses = self.loader().statuses(series);
        let total = u32::try_from(statuses.len()).unwrap_or(u32::MAX);
        let outline_of = |is: fn(&FrameStatus) -> bool| {
            outline(total, |at| statuses.get(at as usize).is_some_and(is))
        };
        [
            outline_of(|status| *status == FrameStatus::Ready),
            outline_of(|status| matches!(status, FrameStatus::Failed(_))),
        ]
    }

    fn publish_connection(&self) {
        let connection = self.loader().connection();
        publish(self.0.page.connection, connection);
        if connection == Connection::SessionExpired {
            self.save();
        }
    }

    /// Tries the failed image of a pane again.
    pub fn retry(&self, pane: usize) {
        let reference = self.0.session.borrow().reference(pane);
        if let Some(reference) = reference {
            self.loader().retry(reference.into());
        }
    }

    /// Grey scales on offer for the active pane.
    #[must_use]
    pub fn voi_choices(&self) -> Vec<(VoiChoice, VoiOffer)> {
        let session = self.0.session.borrow();
        let pane = session.active_pane();
        let Some((reference, series)) = session.reference(pane).zip(session.series(pane)) else {
            return Vec::new();
        };
        let attributes = frame_attributes(series, reference.image, reference.frame);
        let Ok((format, attributes)) = attributes else { return Vec::new() };
        if !format.photometric_interpretation.starts_with("MONOCHROME") {
            return Vec::new();
        }
        let range = session.stored_range(reference.series);
        let current = session.view(pane).map(|view| view.data.voi).unwrap_or_default();
        let source = resolve_voi(current, attributes, format, range).1;
        let named = presets(&series.modality);
        let choices = voi_choices(series, attributes);
        let digit = |choice: &VoiChoice| match choice {
            VoiChoice::Preset(preset) => named.iter().position(|named| named == preset),
            other if named.is_empty() => choices.iter().position(|choice| choice == other),
            _ => None,
        };
        choices
            .iter()
            .map(|choice| {
                let mut offer = offer_of(*choice, attributes, format, range);
                offer.digit = digit(choice).map(|index| index + 1).filter(|digit| *digit <= 9);
                offer.is_current = resolve_voi(*choice, attributes, format, range).1 == source;
                (*choice, offer)
            })
            .collect()
    }

    /// Another language, also for the pages of the server.
    pub fn set_language(&self, lang: Lang) {
        self.0.page.lang.set(lang);
        if let Some(root) = document().document_element() {
            root.set_attribute("lang", lang.code()).ok();
        }
        spawn(super::login::remember_language(lang));
    }

    /// Enters or leaves full screen; browsers that have none do nothing.
    pub fn toggle_fullscreen(&self) {
        let document = document();
        if document.fullscreen_element().is_some() {
            document.exit_fullscreen();
        } else if let Some(root) = document.document_element() {
            root.request_fullscreen().ok();
        }
    }

    fn plan_save(&self) {
        if self.0.save_planned.replace(true) {
            return;
        }
        let viewer = Rc::downgrade(&self.0);
        spawn(async move {
            sleep_ms(SAVE_MS).await;
            if let Some(inner) = viewer.upgrade() {
                inner.save_planned.set(false);
                Self(inner).save();
            }
        });
    }

    /// Writes the view down in this tab, so that it comes back after a login: no patient data in it.
    pub fn save(&self) {
        if self.0.forgotten.get() {
            return;
        }
        let snapshot = self.0.session.borrow().snapshot();
        match serde_json::to_string(&snapshot) {
            Ok(text) => storage::write(&self.0.view_name, &text),
            Err(error) => log(&error.to_string()),
        }
    }

    /// The reader leaves for good: nothing is kept.
    pub fn forget_view(&self) {
        self.0.forgotten.set(true);
        storage::remove(&self.0.view_name);
    }

    /// Whether the reader logged out.
    #[must_use]
    pub fn is_forgotten(&self) -> bool {
        self.0.forgotten.get()
    }

    /// To the login page, which comes back here.
    pub fn log_in_again(&self) {
        self.save();
        window().location().assign(&format!("/entree/{}", self.0.visit)).ok();
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
        let viewer = self.clone();
        spawn(async move {
            let trouble = viewer.open_display().await;
            publish(viewer.0.page.trouble, trouble);
            viewer.redraw();
        });
    }

    async fn open_display(&self) -> PageTrouble {
        let Some(size) = self.stage_size() else { return PageTrouble::GpuFailed };
        while self.0.reopenings.get() < MOST_REOPENINGS {
            self.0.reopenings.set(self.0.reopenings.get() + 1);
            sleep_ms(200).await;
            match Display::open(size.device_px, self.0.gpu_budget_bytes, self.0.page.gpu_news).await {
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

    /// Milliseconds since the page was opened.
    #[must_use]
    pub fn now_ms(&self) -> f64 {
        now_ms()
    }
}

/// Memory is for decoded frames where the whole exam fits, else half of it keeps what is compressed.
fn fetch_limits(exam: &ExamSummary, limits: &DeviceLimits) -> Limits {
    let all: u64 = exam
        .series
        .iter()
        .flat_map(|series| {
            series.images.iter().filter_map(|image| {
                let format = series.formats.get(usize::from(image.format))?;
                let pixel = u64::from(format.bits_allocated.max(8) / 8) * u64::from(format.samples_per_pixel);
                Some(u64::from(format.rows) * u64::from(format.columns) * pixel * u64::from(image.frames.max(1)))
            })
        })
        .sum();
    let budget = limits.frame_cache_bytes;
    let encoded_bytes = if all <= budget { 0 } else { budget / 2 };
    Limits {
        fetches: limits.requests,
        decodes: limits.workers,
        decoded_bytes: budget - encoded_bytes,
        encoded_bytes,
    }
}

fn offer_of(
    choice: VoiChoice,
    attributes: &DisplayAttributes,
    format: &ImageFormat,
    range: Option<[f64; 2]>,
) -> VoiOffer {
    let center_width = match resolve_voi(choice, attributes, format, range).0 {
        Voi::Window { center, width, .. } => Some([center, width]),
        Voi::Lut(_) => None,
    };
    let explanation = match choice {
        VoiChoice::FileWindow(index) => {
            attributes.windows.get(usize::from(index)).map(|window| window.explanation.clone())
        }
        VoiChoice::VoiLut(index) => {
            attributes.voi_luts.get(usize::from(index)).map(|table| table.explanation.clone())
        }
        _ => None,
    };
    VoiOffer {
        explanation: explanation.unwrap_or_default(),
        center_width,
        digit: None,
        is_current: false,
    }
}

fn restore(session: &mut Session, view_name: &str) {
    let Some(text) = storage::read(view_name) else { return };
    match serde_json::from_str::<Snapshot>(&text) {
        Ok(snapshot) => {
            if let Err(error) = session.restore(&snapshot) {
                log(&error.to_string());
            }
        }
        Err(error) => log(&error.to_string()),
    }
}
