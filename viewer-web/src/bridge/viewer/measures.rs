//! The measuring tools: a script and a module of their own (`viewer-web/tools`), loaded when the reader first chooses
//! to measure, or has measured before in this tab. They are told what is drawn, in the animation frame that draws
//! it, and ask for samples and for other images.

use std::cell::{Cell, OnceCell, RefCell};
use std::rc::Rc;

use js_sys::{Function, Object, Reflect, Uint8Array};
use leptos::prelude::{GetUntracked, Set};
use negatoscope_text::Lang;
use viewer_core::command::{Command, Tool};
use viewer_core::geometry::Affine2;
use viewer_core::viewport::ViewReference;
use wasm_bindgen::prelude::*;
use web_sys::{CustomEvent, Event};

use super::Viewer;
use crate::bridge::picture::PaneNow;
use crate::bridge::stage::StageSize;
use crate::platform::dom::{Listener, document, log, window};
use crate::platform::storage;
use crate::state::page::MOST_PANES;

#[wasm_bindgen]
extern "C" {
    /// What `measure.js` gives; its head says what is what.
    type Tools;
    #[wasm_bindgen(method)]
    fn active(this: &Tools, is_on: bool);
    #[wasm_bindgen(method)]
    fn language(this: &Tools, code: &str);
    #[wasm_bindgen(method)]
    fn hide(this: &Tools, pane: usize);
    #[wasm_bindgen(method)]
    fn show(this: &Tools, pane: usize, uid: &str, frame: u32, map: Vec<f64>);
}

/// The tools, as far as they are there.
pub(super) struct Measures {
    script: String,
    is_asked: Cell<bool>,
    /// Whether this tab was asked for what was measured before.
    has_looked: Cell<bool>,
    tries: Cell<u32>,
    tools: OnceCell<Tools>,
    loading: RefCell<Vec<Listener>>,
}

impl Measures {
    pub(super) fn new(script: String) -> Self {
        let [is_asked, has_looked] = [(); 2].map(|()| Cell::new(false));
        let tries = Cell::new(0);
        Self {
            script,
            is_asked,
            has_looked,
            tries,
            tools: OnceCell::new(),
            loading: RefCell::default(),
        }
    }

    pub(super) fn set_language(&self, lang: Lang) {
        if let Some(tools) = self.tools.get() {
            tools.language(lang.code());
        }
    }
}

impl Viewer {
    /// Under which measurements are kept in this tab, by `measure.js`.
    pub(super) fn measures_name(&self) -> String {
        format!("negatoscope.measures.{}.{}", self.0.visit, self.0.page.exams.shown)
    }

    /// The reader measures, or does something else.
    pub(super) fn choose_measures(&self, is_chosen: bool) {
        if let Some(tools) = self.0.measures.tools.get() {
            tools.active(is_chosen);
        } else if is_chosen && self.0.page.first_image.get_untracked() {
            self.load_measures();
        }
    }

    /// Tells what is drawn.
    pub(super) fn show_measures(&self, size: &StageSize, panes: &[(usize, PaneNow)]) {
        let measures = &self.0.measures;
        let Some(tools) = measures.tools.get() else {
            // Not before the first image, which everybody waits for.
            let has_image = panes.iter().any(|(_, now)| now.drawn.is_some());
            if has_image && !measures.is_asked.get() && self.has_measures() {
                self.load_measures();
            }
            return;
        };
        for pane in 0..MOST_PANES {
            let now = panes.iter().find(|(number, _)| *number == pane);
            let drawn = now.and_then(|(_, now)| now.drawn.zip(now.canvas_from_image));
            match drawn.and_then(|(reference, map)| Some((self.uid(reference)?, reference, map))) {
                Some((uid, reference, map)) => {
                    let Affine2 { xx, xy, x0, yx, yy, y0 } = size.css_map(&map);
                    tools.show(pane, &uid, reference.frame, vec![xx, xy, x0, yx, yy, y0]);
                }
                None => tools.hide(pane),
            }
        }
    }

    /// Whether measuring is chosen, or something was measured in this tab.
    fn has_measures(&self) -> bool {
        let is_first_look = !self.0.measures.has_looked.replace(true);
        self.0.page.tool.get_untracked() == Tool::Measure
            || (is_first_look && storage::read(&self.measures_name()).is_some())
    }

    pub(super) fn uid(&self, reference: ViewReference) -> Option<String> {
        let exam = self.exam();
        let series = exam.series.get(reference.series as usize)?;
        Some(series.images.get(reference.image as usize)?.sop_instance_uid.clone())
    }

    fn load_measures(&self) {
        if self.0.measures.is_asked.replace(true) {
            return;
        }
        let (loaded, failed) = (Rc::downgrade(&self.0), Rc::downgrade(&self.0));
        let came =
            Listener::new(&window(), "negatoscope-measure", true, move |event: CustomEvent| {
                if let Some(inner) = loaded.upgrade() {
                    Self(inner).measures_came(&event.detail());
                }
            });
        let Some(script) = document().create_element("script").ok() else { return };
        let error = Listener::new(&script, "error", true, move |_: Event| {
            if let Some(inner) = failed.upgrade() {
                Self(inner).measures_came(&JsValue::NULL);
            }
        });
        *self.0.measures.loading.borrow_mut() = vec![came, error];
        script.set_attribute("type", "module").ok();
        // A script that failed is run again only under another address.
        let measures = &self.0.measures;
        let address = match measures.tries.replace(measures.tries.get() + 1) {
            0 => measures.script.clone(),
            tries => format!("{}?{tries}", measures.script),
        };
        script.set_attribute("src", &address).ok();
        if let Some(root) = document().document_element() {
            root.append_child(&script).ok();
        }
    }

    fn measures_came(&self, attach: &JsValue) {
        let attach = attach.dyn_ref::<Function>();
        let tools = attach.and_then(|attach| attach.call1(&JsValue::NULL, &self.host()).ok());
        let Some(tools) = tools else {
            self.0.measures.is_asked.set(false);
            self.0.page.tip.set(Some(("viewer.measure_failed", "")));
            if self.0.page.tool.get_untracked() == Tool::Measure {
                self.command(Command::SelectTool(Tool::Scroll));
            }
            return;
        };
        let tools: Tools = tools.unchecked_into();
        tools.active(self.0.page.tool.get_untracked() == Tool::Measure);
        self.0.measures.tools.set(tools).ok();
        self.redraw();
    }

    /// What the tools may ask of the page.
    fn host(&self) -> Object {
        let [asked, gone, left] = [0; 3].map(|_| Rc::downgrade(&self.0));
        let samples = Closure::<dyn Fn(String, u32) -> JsValue>::new(move |uid: String, frame| {
            let found = asked.upgrade().and_then(|inner| Self(inner).samples(&uid, frame));
            found.map_or(JsValue::UNDEFINED, JsValue::from)
        });
        let go = Closure::<dyn Fn(String, u32)>::new(move |uid: String, frame| {
            if let Some(viewer) = gone.upgrade().map(Self)
                && let Some(reference) = viewer.reference_of(&uid, frame)
            {
                let pane = viewer.0.page.active.get_untracked();
                viewer.command(Command::Show { pane, reference });
            }
        });
        let leave = Closure::<dyn Fn()>::new(move || {
            if let Some(inner) = left.upgrade() {
                Self(inner).command(Command::SelectTool(Tool::Scroll));
            }
        });
        let host = Object::new();
        let functions = [
            ("samples", samples.into_js_value()),
            ("go", go.into_js_value()),
            ("leave", leave.into_js_value()),
        ];
        for (name, function) in functions {
            set(&host, name, &function);
        }
        host
    }

    /// The samples of a frame, if it is decoded.
    fn samples(&self, uid: &str, frame: u32) -> Option<Object> {
        let reference = self.reference_of(uid, frame)?;
        let decoded = self.loader().decoded(reference.into())?;
        let row_bytes =
            u32::try_from(decoded.kind.bytes_per_pixel()).ok()?.checked_mul(decoded.columns)?;
        let samples = decoded.plain(&mut None)?;
        let found = Object::new();
        set(&found, "kind", &format!("{:?}", decoded.kind).into());
        set(&found, "columns", &decoded.columns.into());
        set(&found, "row_bytes", &row_bytes.into());
        set(&found, "bytes", &Uint8Array::new(&samples));
        Some(found)
    }

    fn reference_of(&self, uid: &str, frame: u32) -> Option<ViewReference> {
        (0..).zip(&self.exam().series).find_map(|(series, found)| {
            let image = found.images.iter().position(|image| image.sop_instance_uid == uid)?;
            Some(ViewReference { series, image: u32::try_from(image).ok()?, frame })
        })
    }
}

pub(super) fn set(object: &Object, name: &str, value: &JsValue) {
    if Reflect::set(object, &JsValue::from_str(name), value).is_err() {
        log("an object takes no property");
    }
}
