//! Comparing panes: a script and a module of their own (`viewer-web/compare`), loaded after the first image where there
//! is more than one pane, and for exams that may be hung. They are told each change of the view, and say how the other
//! panes follow.

use std::cell::{Cell, OnceCell, RefCell};
use std::rc::Rc;

use js_sys::{Function, Object, Promise};
use leptos::prelude::Set;
use negatoscope_protocol::json;
use negatoscope_text::Lang;
use viewer_core::command::{Command, Comparing, Layout, Tool};
use viewer_core::exam::{ExamSummary, Series};
use viewer_core::geometry::Affine2;
use viewer_core::session::Snapshot;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::Viewer;
use super::measures::set;
use crate::bridge::picture::PaneNow;
use crate::bridge::stage::StageSize;
use crate::platform::dom::log;
use crate::platform::time::spawn;
use crate::state::page::MOST_PANES;

#[wasm_bindgen]
extern "C" {
    /// What `compare.js` gives; its head says what is what. A panel that is attached has the first two and the last.
    #[derive(Clone)]
    type Compare;
    #[wasm_bindgen(method)]
    fn changed(this: &Compare, view: &str, sizes_px: Vec<u32>) -> Option<String>;
    #[wasm_bindgen(method)]
    fn draw(this: &Compare, panes: Vec<f64>);
    #[wasm_bindgen(method)]
    fn toggle(this: &Compare, name: &str);
    #[wasm_bindgen(method)]
    fn menu(this: &Compare);
    #[wasm_bindgen(method)]
    fn language(this: &Compare, code: &str);
}

/// The script, as far as it is there.
pub(super) struct Comparison {
    /// Imports a script by its name.
    load: Function,
    is_asked: Cell<bool>,
    script: OnceCell<Compare>,
    /// Panels that are told what the script is told, and may change the view before it.
    attached: RefCell<Vec<Compare>>,
    /// What the reader wants of it as soon as it is there.
    wanted: RefCell<Vec<Wanted>>,
}

#[derive(Clone, Copy)]
enum Wanted {
    Menu,
    Toggle(Comparing),
}

impl Comparison {
    pub(super) fn new(load: Function) -> Self {
        let is_asked = Cell::new(false);
        Self {
            load,
            is_asked,
            script: OnceCell::new(),
            attached: RefCell::default(),
            wanted: RefCell::default(),
        }
    }

    pub(super) fn set_language(&self, lang: Lang) {
        for script in self.all() {
            script.language(lang.code());
        }
    }

    fn all(&self) -> Vec<Compare> {
        let attached = self.attached.borrow();
        attached.iter().chain(self.script.get()).cloned().collect()
    }
}

impl Viewer {
    /// Under which choices are kept in this tab, by `compare.js`.
    pub(super) fn comparison_name(&self) -> String {
        format!("negatoscope.compare.{}.{}", self.0.visit, self.0.page.exams.shown)
    }

    /// Fills the part of an open menu that is about comparing.
    pub fn comparison_menu(&self) {
        self.compare(Wanted::Menu);
    }

    pub(super) fn toggle_comparing(&self, comparing: Comparing) {
        self.compare(Wanted::Toggle(comparing));
    }

    fn compare(&self, wanted: Wanted) {
        self.0.comparison.wanted.borrow_mut().push(wanted);
        if self.0.comparison.script.get().is_some() {
            self.serve_wanted();
        } else {
            self.load_comparison();
        }
    }

    fn serve_wanted(&self) {
        let Some(script) = self.0.comparison.script.get() else { return };
        for wanted in self.0.comparison.wanted.take() {
            match wanted {
                Wanted::Menu => script.menu(),
                Wanted::Toggle(comparing) => script.toggle(comparing.name()),
            }
        }
    }

    /// The view has changed: the other panes follow.
    pub(super) fn let_follow(&self) {
        for script in self.0.comparison.all() {
            let snapshot = self.0.session.borrow().snapshot();
            let sizes = self.0.session.borrow().canvas_sizes_px().as_flattened().to_vec();
            let view = json::write(&snapshot).ok();
            if let Some(view) = view.and_then(|view| script.changed(&view, sizes)) {
                self.adopt(&view);
            }
        }
    }

    fn adopt(&self, view: &str) {
        let adopted =
            json::read::<Snapshot>(view).map_err(|error| error.to_string()).and_then(|view| {
                self.0.session.borrow_mut().adopt(&view).map_err(|error| error.to_string())
            });
        if let Err(error) = adopted {
            log(&error);
        }
    }

    /// Tells what is drawn.
    pub(super) fn show_comparison(&self, size: &StageSize, panes: &[(usize, PaneNow)]) {
        if self.0.comparison.script.get().is_none() {
            // What is to be drawn may be of an exam that the script brings.
            let is_partial = self.0.is_partial.get();
            let has_image = is_partial || panes.iter().any(|(_, now)| now.drawn.is_some());
            let is_of_use = || {
                is_partial
                    || self.0.session.borrow().layout() != Layout::ONE
                    || (self.is_untouched() && may_be_hung(&self.exam()))
            };
            // Not before the first image, which everybody waits for.
            if has_image && !self.0.comparison.is_asked.get() && is_of_use() {
                self.load_comparison();
            }
        }
        let scripts = self.0.comparison.all();
        if scripts.is_empty() {
            return;
        }
        let mut numbers = Vec::with_capacity(MOST_PANES * 9);
        for pane in 0..MOST_PANES {
            let now = panes.iter().find(|(number, _)| *number == pane);
            match now.and_then(|(_, now)| now.drawn.zip(now.canvas_from_image)) {
                Some((at, map)) => {
                    numbers.extend([at.series, at.image, at.frame].map(f64::from));
                    let Affine2 { xx, xy, x0, yx, yy, y0 } = size.css_map(&map);
                    numbers.extend([xx, xy, x0, yx, yy, y0]);
                }
                None => numbers.extend([-1.0; 9]),
            }
        }
        for script in scripts {
            script.draw(numbers.clone());
        }
    }

    /// Whether the exam is as it was opened, for the first time in this tab.
    fn is_untouched(&self) -> bool {
        let session = self.0.session.borrow();
        self.0.is_fresh
            && session.layout() == Layout::ONE
            && !session.can_undo()
            && session.position(0) == Some(0)
    }

    fn load_comparison(&self) {
        if self.0.comparison.is_asked.replace(true) {
            return;
        }
        let viewer = self.clone();
        spawn(async move {
            match viewer.attach_comparison().await {
                Ok(script) => {
                    viewer.0.comparison.script.set(script.unchecked_into()).ok();
                    viewer.session_changed();
                    viewer.serve_wanted();
                }
                Err(_told_by_script) => {
                    viewer.0.comparison.is_asked.set(false);
                    if !viewer.0.comparison.wanted.take().is_empty() {
                        viewer.0.page.tip.set(Some(("viewer.compare_failed", "")));
                    }
                }
            }
        });
    }

    async fn attach_comparison(&self) -> Result<JsValue, JsValue> {
        let promise = self.0.comparison.load.call2(
            &JsValue::NULL,
            &"compare.js".into(),
            &self.host_of_panes(),
        );
        JsFuture::from(Promise::resolve(&promise?)).await
    }

    /// What this script and panels may ask of the page.
    pub(super) fn host_of_panes(&self) -> Object {
        let [adopting, attaching, closing, leaving, asked, joining] =
            [0; 6].map(|_| Rc::downgrade(&self.0));
        let adopt = Closure::<dyn Fn(String)>::new(move |view: String| {
            if let Some(viewer) = adopting.upgrade().map(Self) {
                viewer.0.session.borrow_mut().apply(Command::BeginGesture);
                viewer.adopt(&view);
                viewer.0.session.borrow_mut().apply(Command::EndGesture);
                viewer.session_changed();
            }
        });
        let attach = Closure::<dyn Fn(JsValue)>::new(move |script: JsValue| {
            if let Some(viewer) = attaching.upgrade().map(Self) {
                viewer.0.comparison.attached.borrow_mut().push(script.unchecked_into());
                viewer.session_changed();
            }
        });
        let close = Closure::<dyn Fn()>::new(move || {
            if let Some(inner) = closing.upgrade() {
                inner.page.menu.set(None);
            }
        });
        let leave = Closure::<dyn Fn()>::new(move || {
            if let Some(inner) = leaving.upgrade() {
                Self(inner).command(Command::SelectTool(Tool::Scroll));
            }
        });
        let is_untouched = Closure::<dyn Fn() -> bool>::new(move || {
            asked.upgrade().is_some_and(|inner| Self(inner).is_untouched())
        });
        let join = Closure::<dyn Fn(String) -> bool>::new(move |summary: String| {
            joining.upgrade().is_some_and(|inner| Self(inner).join(&summary))
        });
        let host = Object::new();
        set(&host, "join", &join.into_js_value());
        set(&host, "adopt", &adopt.into_js_value());
        set(&host, "attach", &attach.into_js_value());
        set(&host, "close", &close.into_js_value());
        set(&host, "leave", &leave.into_js_value());
        set(&host, "isUntouched", &is_untouched.into_js_value());
        set(&host, "name", &self.comparison_name().into());
        host
    }
}

/// Whether it is worth asking for a hanging protocol: several images of one modality, no single stack.
fn may_be_hung(exam: &ExamSummary) -> bool {
    let mut drawn = exam.series.iter().filter(|series| !series.images.is_empty());
    let Some(first) = drawn.next() else { return false };
    let is_projection = matches!(first.modality.as_str(), "MG" | "CR" | "DX");
    let rest: Vec<&Series> = drawn.collect();
    let has_several = !rest.is_empty() || (is_projection && first.images.len() > 1);
    has_several && rest.iter().all(|series| is_projection || series.modality == first.modality)
}
