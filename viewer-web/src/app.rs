//! Starts the viewer on the page.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;

use leptos::mount::mount_to;
use leptos::prelude::{AnyView, RwSignal};
use negatoscope_text::{Lang, text};
use viewer_core::exam::ExamSummary;
use viewer_core::tool::BINDINGS;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Element, HtmlElement, Response};

use crate::bridge::display::Display;
use crate::bridge::net::text_of;
use crate::bridge::summary;
use crate::bridge::viewer::{FIRST_PICTURE, Viewer, ViewerParts};
use crate::bridge::workers::{ModuleScripts, WorkerScripts};
use crate::platform::device::{DeviceHints, DeviceLimits};
use crate::platform::dom::{document, log, window};
use crate::platform::time::sleep_ms;
use crate::state::page::{ExamCount, Page};
use crate::ui::{PARTS, StartTrouble, Ui, frame, trouble};

/// Starts the viewer and returns what runs a command by its name, nothing where there is no exam; `options`
/// is what `boot/boot.js` gives: `visit`, `assets`, `exam` (a promise of the answer to
/// `GET /api/examen/{visit}`), `isHere` (whether it has begun to come), `decoder` (a promise of the compiled module `decode`), `isSlow` (of the network),
/// `worker` (one that runs `worker.js`, or nothing), `adapter` (a `GPUAdapter` that has not given a device yet).
///
/// # Errors
/// Where this build cannot draw on this device: nothing has been put on the page then, and the loader
/// tries another build.
#[wasm_bindgen]
pub async fn start(options: JsValue) -> Result<JsValue, JsValue> {
    console_error_panic_hook::set_once();
    let limits = DeviceLimits::of(&DeviceHints::read());
    let lang = language();
    let gpu_news = RwSignal::new(0);
    let adapter = property(&options, "adapter")?;
    let mut open = Box::pin(Display::open([1, 1], limits.gpu_cache_bytes, adapter, gpu_news));
    // An archive that is waited for leaves time to open the GPU. Where the exam is here, its frames are asked for first.
    let is_here = property(&options, "isHere")?.is_truthy();
    let mut display = None;
    let mut coming = pin!(exam(&options));
    let came = poll_fn(|context| {
        if !is_here
            && display.is_none()
            && let Poll::Ready(opened) = open.as_mut().poll(context)
        {
            display = Some(opened);
        }
        coming.as_mut().poll(context)
    })
    .await;
    let visit = text_property(&options, "visit").unwrap_or_default();
    let (exam, exams) = match came {
        Ok(found) => found,
        Err(why) => {
            mount_in(&app()?, Box::new(move || trouble(lang, &why, &visit)));
            return Ok(JsValue::UNDEFINED);
        }
    };
    // Reading the summary, starting and the page itself are tasks of their own: in one, the browser would hear nothing
    // for as long as they take together.
    sleep_ms(0).await;
    let page = Page::new(lang, exams, gpu_news);
    let scripts = scripts(&options).await?;
    // Fetches and decodes the first frames while the GPU is being opened, which takes as long.
    let assets = property(&options, "assets")?;
    let measure_script = text_property(&assets, "measure.js").unwrap_or_default();
    let load = property(&options, "load")?.dyn_into()?;
    let is_slow = property(&options, "isSlow")?.is_truthy();
    let parts = ViewerParts { visit, exam, page, limits, is_slow, scripts, measure_script, load };
    let viewer = Viewer::start(parts);
    let display = match display {
        Some(opened) => opened,
        None => open.await,
    };
    let display = display.map_err(|error| JsError::new(&error.to_string()))?;
    viewer.draw_on(display);
    sleep_ms(0).await;
    document().set_title(&text(lang, "viewer.title"));
    let first_picture = document().get_element_by_id(FIRST_PICTURE);
    let running = viewer.clone();
    let run = Closure::<dyn Fn(String)>::new(move |name: String| running.run(&name));
    let stage = lay_out(Ui::new(page, viewer.clone())).await?;
    // The loader's picture stays, over the canvas that is still empty, until the viewer has drawn its own.
    if let Some(picture) = first_picture {
        stage.prepend_with_node_1(&picture).ok();
    }
    viewer.attach(&stage);
    Ok(run.into_js_value())
}

/// Puts the page together part by part, aside, so that the browser hears what happens in between, and shows it as a whole;
/// answers where the pictures go.
async fn lay_out(ui: Ui) -> Result<Element, JsValue> {
    let aside: HtmlElement = document().create_element("div")?.unchecked_into();
    mount_in(&aside, Box::new(move || frame(ui)));
    let page: HtmlElement = aside.first_element_child().ok_or_else(no_app)?.unchecked_into();
    for part in PARTS {
        mount_in(&page, Box::new(move || part(ui)));
        sleep_ms(0).await;
    }
    app()?.append_child(&page)?;
    page.query_selector(".stage")?.ok_or_else(no_app)
}

/// Every key: lines of a command's name, a tab, and the key.
#[wasm_bindgen]
#[must_use]
pub fn keys() -> String {
    let lines = BINDINGS.iter().map(|binding| [binding.name, &binding.chord()].join("\t"));
    lines.collect::<Vec<_>>().join("\n")
}

fn mount_in(element: &HtmlElement, view: Box<dyn FnOnce() -> AnyView>) {
    mount_to(element.clone(), view).forget();
}

/// The element of the viewer, emptied.
fn app() -> Result<HtmlElement, JsValue> {
    let app = document().get_element_by_id("app").ok_or_else(no_app)?;
    app.set_inner_html("");
    Ok(app.unchecked_into())
}

fn no_app() -> JsValue {
    JsError::new("no #app").into()
}

/// The language the server chose by the reader's wish, or the browser's.
fn language() -> Lang {
    let of_page = document().document_element().and_then(|root| root.get_attribute("lang"));
    of_page.as_deref().and_then(Lang::from_tag).unwrap_or_default()
}

async fn exam(options: &JsValue) -> Result<(ExamSummary, ExamCount), StartTrouble> {
    let promise = property(options, "exam").map_err(|_js| StartTrouble::Unreachable)?;
    let answer = JsFuture::from(js_sys::Promise::resolve(&promise)).await;
    let response: Response =
        answer.ok().and_then(|answer| answer.dyn_into().ok()).ok_or(StartTrouble::Unreachable)?;
    match response.status() {
        200..=299 => {}
        401 => return Err(StartTrouble::Expired),
        403 | 404 | 410 => return Err(StartTrouble::Missing),
        _ => return Err(StartTrouble::Unreachable),
    }
    let total = response.headers().get("x-studies").ok().flatten();
    let exams = ExamCount {
        shown: exam_number(&window().location().hash().unwrap_or_default()),
        total: total.and_then(|total| total.parse().ok()).unwrap_or(1),
    };
    let text = text_of(&response).await.map_err(|_failure| StartTrouble::Unreachable)?;
    let exam = summary::read(&text).await.map_err(|error| {
        log(&format!("exam summary: {error}"));
        StartTrouble::Unreadable
    })?;
    Ok((exam, exams))
}

/// `#2` is the second exam of the link.
fn exam_number(hash: &str) -> usize {
    hash.strip_prefix('#').and_then(|number| number.parse().ok()).unwrap_or(1).max(1)
}

/// The scripts of the workers that decode, and of the one that plays videos.
async fn scripts(options: &JsValue) -> Result<[WorkerScripts; 2], JsValue> {
    // Asked for before this module: it is nearly always there.
    let decoder = JsFuture::from(js_sys::Promise::resolve(&property(options, "decoder")?)).await;
    let assets = property(options, "assets")?;
    let address = |name: &str| {
        text_property(&assets, name).ok_or_else(|| JsValue::from(JsError::new("asset is missing")))
    };
    let module = |name: &'static str, file: &str| -> Result<_, JsValue> {
        let (glue, wasm) = (address(&format!("{file}.js"))?, address(&format!("{file}_bg.wasm"))?);
        Ok(ModuleScripts { name, glue, wasm, compiled: JsValue::UNDEFINED })
    };
    let mut images = vec![
        module("base", "decode")?,
        module("common", "decode-common")?,
        module("rare", "decode-rare")?,
    ];
    if let (Some(base), Ok(decoder)) = (images.first_mut(), decoder) {
        base.compiled = decoder;
    }
    let videos = vec![module("video", "decode-video")?];
    let running = property(options, "worker")?.dyn_into().ok();
    Ok([
        WorkerScripts { worker: address("worker.js")?, modules: images, running },
        WorkerScripts { worker: address("video.js")?, modules: videos, running: None },
    ])
}

fn property(object: &JsValue, name: &str) -> Result<JsValue, JsValue> {
    js_sys::Reflect::get(object, &JsValue::from_str(name))
}

fn text_property(object: &JsValue, name: &str) -> Option<String> {
    property(object, name).ok()?.as_string()
}
