//! The viewer of an exam: takes commands, draws, and publishes what is drawn.

mod compare;
mod drawing;
mod joining;
mod measures;
mod news;
mod offers;
mod panels;
mod saved;
mod scripts;

use std::cell::{Cell, OnceCell, RefCell};
use std::rc::Rc;
use std::sync::Arc;

use js_sys::Function;
use leptos::prelude::Set;
use negatoscope_text::Lang;
use viewer_core::command::{Command, Tool};
use viewer_core::exam::ExamSummary;
use viewer_core::session::Session;
use viewer_core::tool::{InputEvent, Recogniser};
use viewer_core::viewport::ViewReference;

pub use offers::VoiOffer;

use self::compare::Comparison;
use self::drawing::Stage;
use self::measures::Measures;
use super::covers::Covers;
use super::display::Display;
use super::exams::Exams;
use super::loader::Loader;
use super::login::{Login, remember_language};
use super::previews::Previews;
use super::workers::WorkerScripts;
use crate::platform::device::DeviceLimits;
use crate::platform::dom::{device_pixel_ratio, document};
use crate::platform::time::{FrameLoop, spawn};
use crate::state::page::{MOST_PANES, Page, publish};

/// Id of the picture that `boot/boot.js` shows until the first one is drawn.
pub const FIRST_PICTURE: &str = "first-picture";

/// Handle of the viewer. Cheap to clone.
#[derive(Clone)]
pub struct Viewer(Rc<Inner>);

struct Inner {
    visit: String,
    /// Under which the view is kept in this tab.
    view_name: String,
    exams: Exams,
    page: Page,
    session: RefCell<Session>,
    recogniser: RefCell<Recogniser>,
    loader: OnceCell<Loader>,
    covers: OnceCell<Rc<Covers>>,
    previews: Rc<Previews>,
    /// Nothing is drawn before there is one.
    display: RefCell<Option<Rc<Display>>>,
    gpu_budget_bytes: u64,
    frames: OnceCell<FrameLoop>,
    stage: RefCell<Option<Stage>>,
    login: OnceCell<Login>,
    drawn: RefCell<[Option<ViewReference>; MOST_PANES]>,
    /// Whether a pane has shown a picture, or why it has none.
    is_released: Cell<bool>,
    progress_planned: Cell<bool>,
    save_planned: Cell<bool>,
    reopenings: Cell<u32>,
    /// The reader logged out: nothing is to be kept.
    forgotten: Cell<bool>,
    measures: Measures,
    comparison: Comparison,
    /// No view of an earlier visit came back.
    is_fresh: bool,
    /// One came back that is of more exams than are here yet: it is kept until they are.
    is_partial: Cell<bool>,
    capture: panels::Capture,
    lens: panels::LensPlace,
}

/// What a viewer is made from.
pub struct ViewerParts {
    /// Number of the visit, from the address.
    pub visit: String,
    /// The exam.
    pub exam: ExamSummary,
    /// Signals to write.
    pub page: Page,
    /// Limits of the device.
    pub limits: DeviceLimits,
    /// What is thought of the network before frames came over it.
    pub is_slow: bool,
    /// Scripts of the workers.
    pub scripts: [WorkerScripts; 2],
    /// Address of the script of the measuring tools.
    pub measure_script: String,
    /// Imports a script that is loaded later, by its name, and gives what it makes of a host.
    pub load: Function,
}

impl Viewer {
    /// Starts loading; [`Self::attach`] puts it on the page.
    #[must_use]
    pub fn start(parts: ViewerParts) -> Self {
        let exam = Arc::new(parts.exam);
        let mut session = Session::new(Arc::clone(&exam));
        let view_name = format!("negatoscope.view.{}.{}", parts.visit, parts.page.exams.shown);
        let restored = saved::restore(&mut session, &view_name);
        let (is_fresh, is_partial) = (restored.is_none(), restored == Some(false));
        let viewer = Self(Rc::new(Inner {
            visit: parts.visit,
            view_name,
            page: parts.page,
            session: RefCell::new(session),
            recogniser: RefCell::new(Recogniser::new()),
            loader: OnceCell::new(),
            covers: OnceCell::new(),
            previews: Previews::new(parts.limits.saves_data, parts.page.gpu_news),
            display: RefCell::default(),
            gpu_budget_bytes: parts.limits.gpu_cache_bytes,
            frames: OnceCell::new(),
            stage: RefCell::new(None),
            login: OnceCell::new(),
            drawn: RefCell::default(),
            is_released: Cell::new(false),
            progress_planned: Cell::new(false),
            save_planned: Cell::new(false),
            reopenings: Cell::new(0),
            forgotten: Cell::new(false),
            measures: Measures::new(parts.measure_script),
            comparison: Comparison::new(parts.load),
            is_fresh,
            is_partial: Cell::new(is_partial),
            capture: panels::Capture::default(),
            lens: panels::LensPlace::default(),
            exams: Exams::new(exam),
        }));
        viewer.take_choices();
        viewer.start_parts(&parts.limits, parts.is_slow, parts.scripts);
        viewer.publish_session();
        // Before the first look at it a series without any count would pass for complete.
        publish(viewer.0.page.progress, viewer.loader().progress());
        viewer.loader().show(viewer.0.session.borrow().shown_frames());
        viewer
    }

    fn start_parts(&self, limits: &DeviceLimits, is_slow: bool, scripts: [WorkerScripts; 2]) {
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
            let exams = self.0.exams.clone();
            let limits = limits.for_exam(&exams.now(), is_slow);
            Loader::start(exams, limits, is_slow, scripts, move |news| {
                if let Some(inner) = telling.upgrade() {
                    Self(inner).heard(&news);
                }
            })
        });
        self.0.login.get_or_init(|| Login::watch(self));
    }

    /// Draws on this canvas from now on.
    pub fn draw_on(&self, display: Rc<Display>) {
        if let Some(stage) = self.0.stage.borrow().as_ref() {
            display.attach(&stage.element);
            display.resize(stage.size.device_px);
        }
        *self.0.display.borrow_mut() = Some(display);
        self.redraw();
    }

    fn display(&self) -> Option<Rc<Display>> {
        self.0.display.borrow().clone()
    }

    /// The exams of the page.
    #[must_use]
    pub fn exam(&self) -> Arc<ExamSummary> {
        self.0.exams.now()
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

    /// What lies over the frames.
    fn covers(&self) -> &Rc<Covers> {
        self.0.covers.get_or_init(|| {
            let telling = Rc::downgrade(&self.0);
            Covers::new(self.0.exams.clone(), move |series_image| {
                if let Some(inner) = telling.upgrade() {
                    let viewer = Self(inner);
                    if let Some(display) = viewer.display() {
                        display.forget_covers(series_image);
                    }
                    viewer.redraw();
                }
            })
        })
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
            match command {
                Command::ToggleHelp => scripts::tell(scripts::HELP),
                Command::Compare(comparing) => self.toggle_comparing(comparing),
                Command::Panel(name) => self.open_panel(name),
                command => self.0.session.borrow_mut().apply(command),
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

    fn session_changed(&self) {
        self.resize_canvases();
        self.let_follow();
        self.loader().show(self.0.session.borrow().shown_frames());
        self.publish_session();
        self.plan_save();
        self.redraw();
    }

    /// Signals of the session that do not wait for a picture.
    fn publish_session(&self) {
        let session = self.0.session.borrow();
        let page = &self.0.page;
        publish(page.active, session.active_pane());
        publish(page.layout, session.layout());
        publish(page.maximised, session.is_maximised());
        publish(page.tool, session.tool());
        self.choose_measures(session.tool() == Tool::Measure);
    }

    /// Another language, also for the pages of the server.
    pub fn set_language(&self, lang: Lang) {
        self.0.page.lang.set(lang);
        if let Some(root) = document().document_element() {
            root.set_attribute("lang", lang.code()).ok();
        }
        self.0.measures.set_language(lang);
        self.0.comparison.set_language(lang);
        spawn(remember_language(lang));
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
}
