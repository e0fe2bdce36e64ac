//! Small pictures of images that are still on their way, drawn by the server: on a slow network the reader who
//! stops scrolling sees at once where they are. What they look like is what the pane would show; they are marked, and
//! go when the image itself is here.

use std::cell::RefCell;
use std::rc::{Rc, Weak};

use leptos::prelude::{RwSignal, Update};
use viewer_core::display::{ColourMap, DisplayParams, Voi};
use viewer_core::exam::{ExamSummary, VoiFunction};
use viewer_core::geometry::Affine2;
use viewer_core::viewport::{DataPresentation, ViewReference, VoiChoice};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Element, HtmlImageElement};

use super::url;
use super::viewer::FIRST_PICTURE;
use crate::platform::dom::document;
use crate::platform::time::{sleep_ms, spawn};
use crate::report::format;
use crate::state::page::MOST_PANES;

/// Longest side of a preview, pixels: about a tenth of the bytes of a CT slice.
const SIDE_PX: u32 = 192;
/// Who scrolls on is not shown what they have passed, ms (a key that is held down comes every 33); images that come sooner
/// have none.
const REST_MS: i32 = 40;

/// One for each pane.
pub struct Previews {
    panes: RefCell<[Slot; MOST_PANES]>,
    /// Changes when one has come.
    news: RwSignal<u32>,
    is_off: bool,
}

/// What one pane has.
#[derive(Default)]
struct Slot {
    asked: Option<Preview>,
    shown: Option<(Preview, HtmlImageElement)>,
}

/// A picture of a frame under a window.
#[derive(Clone, Debug, PartialEq)]
struct Preview {
    reference: ViewReference,
    address: String,
}

impl Previews {
    /// None are asked for where the visitor pays for bytes.
    #[must_use]
    pub fn new(saves_data: bool, news: RwSignal<u32>) -> Rc<Self> {
        Rc::new(Self { panes: RefCell::default(), news, is_off: saves_data })
    }

    /// Asks for the picture of a frame, and for no other any more.
    pub fn ask(self: &Rc<Self>, pane: usize, reference: ViewReference, address: String) {
        let wanted = Preview { reference, address };
        let mut panes = self.panes.borrow_mut();
        let Some(slot) = panes.get_mut(pane).filter(|_| !self.is_off) else { return };
        if slot.asked.as_ref() != Some(&wanted) {
            slot.asked = Some(wanted.clone());
            spawn(fetch(Rc::downgrade(self), pane, wanted));
        }
    }

    /// The frame whose picture a pane has, and its address.
    #[must_use]
    pub fn shown(&self, pane: usize) -> Option<(ViewReference, String)> {
        let panes = self.panes.borrow();
        let (shown, _) = panes.get(pane)?.shown.as_ref()?;
        Some((shown.reference, shown.address.clone()))
    }

    /// Lays the picture over the canvas in `section`, by a map from image pixels to its CSS pixels.
    pub fn place(&self, pane: usize, section: &Element, size_px: [u32; 2], map: &Affine2) {
        let panes = self.panes.borrow();
        let Some((_, picture)) = panes.get(pane).and_then(|slot| slot.shown.as_ref()) else {
            return;
        };
        let [width, height] = size_px;
        let map = [map.xx, map.yx, map.xy, map.yy, map.x0, map.y0];
        let map = map.map(|value| format::decimal(value, 6)).join(",");
        let (width, height) = (format!("{width}px"), format!("{height}px"));
        let transform = format!("matrix({map})");
        // Fails only for names that are none. (A `style` attribute is what the page's policy forbids.)
        for (name, value) in [("width", width), ("height", height), ("transform", transform)] {
            picture.style().set_property(name, &value).ok();
        }
        if !picture.is_connected() {
            section.prepend_with_node_1(picture).ok();
        }
    }

    /// Takes the picture of a pane away; one that is asked for may still come.
    pub fn hide(&self, pane: usize) {
        if let Some(slot) = self.panes.borrow_mut().get_mut(pane) {
            slot.hide();
        }
    }

    /// Takes the picture of a pane away, and asks for none any more.
    pub fn clear(&self, pane: usize) {
        if let Some(slot) = self.panes.borrow_mut().get_mut(pane) {
            slot.asked = None;
            slot.hide();
        }
    }

    fn came(&self, pane: usize, preview: Preview, picture: HtmlImageElement) {
        if let Some(slot) = self.panes.borrow_mut().get_mut(pane) {
            slot.hide();
            slot.shown = Some((preview, picture));
        }
        self.news.update(|count| *count = count.wrapping_add(1));
    }

    fn is_asked(&self, pane: usize, preview: &Preview) -> bool {
        self.panes.borrow().get(pane).is_some_and(|slot| slot.asked.as_ref() == Some(preview))
    }
}

impl Slot {
    fn hide(&mut self) {
        if let Some((_, picture)) = self.shown.take() {
            picture.remove();
        }
    }
}

/// Fetches and decodes one, unless it is no longer wanted. One that fails is missed by nobody.
async fn fetch(previews: Weak<Previews>, pane: usize, preview: Preview) {
    sleep_ms(REST_MS).await;
    let is_asked = || previews.upgrade().filter(|previews| previews.is_asked(pane, &preview));
    // The first image is there as a picture already.
    if is_asked().is_none() || document().get_element_by_id(FIRST_PICTURE).is_some() {
        return;
    }
    let Some(picture) = document().create_element("img").ok() else { return };
    let picture: HtmlImageElement = picture.unchecked_into();
    picture.set_class_name("preview");
    picture.set_alt("");
    picture.set_attribute("fetchpriority", "high").ok();
    picture.set_src(&preview.address);
    let is_decoded = JsFuture::from(picture.decode()).await.is_ok();
    match is_asked() {
        Some(previews) if is_decoded => previews.came(pane, preview, picture),
        // Its bytes are not wanted any more.
        _ => picture.set_src(""),
    }
}

/// Address of a frame as the server draws it with this window; `None` where the reader sees it in a way the server
/// does not draw.
#[must_use]
pub fn address(
    exam: &ExamSummary,
    reference: ViewReference,
    data: &DataPresentation,
    params: &DisplayParams,
) -> Option<String> {
    let is_as_stored = !data.invert
        && !data.overlays_hidden
        && !data.shutter_open
        && data.colours == ColourMap::default();
    if !is_as_stored || url::video(exam, reference.into()).is_some() {
        return None;
    }
    let frame = url::frame(exam, reference.into()).filter(|frame| !url::is_local(frame))?;
    let window = match (&data.voi, &params.voi) {
        // The server chooses as the page does.
        (VoiChoice::Default, _) => String::new(),
        (_, Voi::Window { center, width, function }) => {
            let function = match function {
                VoiFunction::Linear => "linear",
                VoiFunction::LinearExact => "linear-exact",
                VoiFunction::Sigmoid => "sigmoid",
            };
            let [center, width] = [center, width].map(|value| format::decimal(*value, 6));
            format!("&window={center},{width},{function}")
        }
        (_, Voi::Lut(_)) => return None,
    };
    Some(format!("{frame}/rendered?accept=image/jpeg&viewport={SIDE_PX},{SIDE_PX}{window}"))
}
