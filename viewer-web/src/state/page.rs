//! The signals that the user interface reads. Only the bridge writes those that mirror the session.

use leptos::prelude::*;
use negatoscope_text::Lang;
use viewer_core::command::{Layout, Tool};
use viewer_core::fetch::{Connection, Progress};
use viewer_core::tool::KeyMap;

use super::view::PaneView;

/// Most panes of any layout.
pub const MOST_PANES: usize = Layout::MOST_PANES;

/// A menu of the toolbar. At most one is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Menu {
    /// Windows of the file and of the modality.
    Windows,
    /// Speed of the cine loop.
    Cine,
    /// Arrangement of the panes.
    Layout,
    /// Everything else.
    More,
}

/// How much is offered, and in which words: the pixels are the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Role {
    /// Few tools, large targets, no jargon.
    Patient,
    /// What most professionals use.
    #[default]
    Physician,
    /// Everything at once.
    Radiologist,
}

impl Role {
    /// Every role, in the order of a menu.
    pub const ALL: [Self; 3] = [Self::Patient, Self::Physician, Self::Radiologist];

    /// As the page and the device name it.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Patient => "patient",
            Self::Physician => "physician",
            Self::Radiologist => "radiologist",
        }
    }

    /// The role of a name.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.key() == name)
    }
}

/// What is wrong with the whole page, if anything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PageTrouble {
    /// Nothing.
    #[default]
    None,
    /// The GPU device is being made anew.
    GpuLost,
    /// It could not be made anew.
    GpuFailed,
    /// The decode module does not load.
    WorkersFailed,
}

/// The exams a link can name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExamCount {
    /// Which one is shown, from 1.
    pub shown: usize,
    /// How many there are.
    pub total: usize,
}

/// All signals of the page. Cheap to copy: handles only.
#[derive(Clone, Copy)]
pub struct Page {
    /// Exams of the link.
    pub exams: ExamCount,
    /// How many exams were put beside the one that was opened.
    pub joined: RwSignal<usize>,
    /// Changes when there is a reason to draw that only the GPU knows.
    pub gpu_news: RwSignal<u32>,
    /// Language of every word.
    pub lang: RwSignal<Lang>,
    /// Panes by number; those beyond the layout have no rectangle.
    pub panes: [RwSignal<PaneView>; MOST_PANES],
    /// Outline of what is loaded of the series in each pane, and of what failed.
    pub loaded: [RwSignal<[String; 2]>; MOST_PANES],
    /// Number of the active pane.
    pub active: RwSignal<usize>,
    /// Arrangement of the panes.
    pub layout: RwSignal<Layout>,
    /// Whether one pane is shown alone.
    pub maximised: RwSignal<bool>,
    /// What the left button does.
    pub tool: RwSignal<Tool>,
    /// Progress of each series.
    pub progress: RwSignal<Vec<Progress>>,
    /// Whether frames can be fetched.
    pub connection: RwSignal<Connection>,
    /// Seconds until the next attempt to connect.
    pub retry_in_s: RwSignal<u32>,
    /// Seconds until the session ends, as far as the server told.
    pub session_left_s: RwSignal<Option<u32>>,
    /// What is wrong with the page.
    pub trouble: RwSignal<PageTrouble>,
    /// Whether the first image has been drawn (thumbnails wait for it).
    pub first_image: RwSignal<bool>,
    /// The open menu.
    pub menu: RwSignal<Option<Menu>>,
    /// How much is offered, and in which words.
    pub role: RwSignal<Role>,
    /// Keys that the reader chose.
    pub keys: RwSignal<KeyMap>,
    /// Whether the strip of series is shown.
    pub strip: RwSignal<bool>,
    /// Whether controls lie over the image (phone held sideways).
    pub controls: RwSignal<bool>,
    /// Pane that a dragged series is over.
    pub drop_target: RwSignal<Option<usize>>,
    /// Help of the tool that is pointed at: key of the text, key to press.
    pub tip: RwSignal<Option<(&'static str, &'static str)>>,
}

impl Page {
    /// Signals of an empty page.
    #[must_use]
    pub fn new(lang: Lang, exams: ExamCount, gpu_news: RwSignal<u32>) -> Self {
        Self {
            exams,
            joined: RwSignal::new(0),
            gpu_news,
            lang: RwSignal::new(lang),
            panes: std::array::from_fn(|_| RwSignal::new(PaneView::default())),
            loaded: std::array::from_fn(|_| RwSignal::new([String::new(), String::new()])),
            active: RwSignal::new(0),
            layout: RwSignal::new(Layout::default()),
            maximised: RwSignal::new(false),
            tool: RwSignal::new(Tool::default()),
            progress: RwSignal::new(Vec::new()),
            connection: RwSignal::new(Connection::default()),
            retry_in_s: RwSignal::new(0),
            session_left_s: RwSignal::new(None),
            trouble: RwSignal::new(PageTrouble::default()),
            first_image: RwSignal::new(false),
            menu: RwSignal::new(None),
            role: RwSignal::new(Role::default()),
            keys: RwSignal::new(KeyMap::default()),
            strip: RwSignal::new(true),
            controls: RwSignal::new(false),
            drop_target: RwSignal::new(None),
            tip: RwSignal::new(None),
        }
    }
}

/// Writes a signal only where the value differs, so that nothing is redrawn for nothing.
pub fn publish<T: PartialEq + Send + Sync + 'static>(signal: RwSignal<T>, value: T) {
    if signal.with_untracked(|now| *now != value) {
        signal.set(value);
    }
}
