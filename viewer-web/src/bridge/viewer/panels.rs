//! Panels that are scripts of their own (`viewer-web/panels`), loaded by `boot/boot.js` when somebody opens them.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use js_sys::{Array, Function, Object};
use leptos::prelude::Set;
use viewer_core::geometry::Affine2;
use viewer_core::viewport::Lens;
use wasm_bindgen::prelude::*;

use super::Viewer;
use super::measures::set;
use crate::bridge::display::PanePicture;
use crate::bridge::picture::PaneNow;
use crate::bridge::stage::StageSize;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = negatoscopePanel)]
    fn open_panel(name: &str, host: &Object);
}

/// Who waits for the next picture.
pub(super) type Capture = RefCell<Option<Function>>;

/// A lens over a pane: its number, the left top corner within it in device pixels, and what is seen.
pub(super) type LensPlace = Cell<Option<(usize, [u32; 2], Lens)>>;

/// Grey beyond the edge of the image, so that the lens is not taken for the picture below.
const LENS_BACKGROUND: u8 = 48;

impl Viewer {
    /// Opens a panel by the name of its script.
    pub fn open_panel(&self, name: &str) {
        let [asked, failed, looked] = [0; 3].map(|_| Rc::downgrade(&self.0));
        let capture = Closure::<dyn Fn(Function)>::new(move |callback| {
            if let Some(viewer) = asked.upgrade().map(Self) {
                *viewer.0.capture.borrow_mut() = Some(callback);
                viewer.redraw();
            }
        });
        let failed = Closure::<dyn Fn()>::new(move || {
            if let Some(inner) = failed.upgrade() {
                inner.page.tip.set(Some(("viewer.panel_failed", "")));
            }
        });
        let lens = Closure::<dyn Fn(_, _, _, _, _, _, _)>::new(
            move |pane: usize, left: u32, top: u32, side_px: u32, x: f64, y: f64, factor: f64| {
                if let Some(viewer) = looked.upgrade().map(Self) {
                    let lens = Lens { at_px: [x, y], side_px, factor };
                    viewer.0.lens.set((side_px > 0).then_some((pane, [left, top], lens)));
                    viewer.redraw();
                }
            },
        );
        let host = self.host_of_panes();
        set(&host, "lens", &lens.into_js_value());
        set(&host, "capture", &capture.into_js_value());
        set(&host, "failed", &failed.into_js_value());
        open_panel(name, &host);
    }

    /// The picture in the lens: the frame that its pane draws, by the same steps, under a map of its own.
    pub(super) fn under_lens(
        &self,
        size: &StageSize,
        pictures: &[PanePicture],
    ) -> Option<PanePicture> {
        let (pane, [x, y], lens) = self.0.lens.get()?;
        let rect = self.rect_px(pane, size)?;
        let picture = pictures.iter().find(|picture| picture.rect_px == rect)?;
        let mut params = picture.params.clone();
        params.canvas_size_px = [lens.side_px; 2];
        params.image_from_canvas = lens.image_from_lens(&params.image_from_canvas);
        params.background = LENS_BACKGROUND;
        let rect_px = [rect[0] + x, rect[1] + y, lens.side_px, lens.side_px];
        Some(PanePicture { rect_px, params, ..*picture })
    }

    /// Tells who waits for it what is drawn, while the canvas still has its pixels: in the frame that drew them.
    pub(super) fn give_capture(&self, size: &StageSize, panes: &[(usize, PaneNow)]) {
        let Some(callback) = self.0.capture.take() else { return };
        let shown = Array::new();
        for (pane, now) in panes {
            let drawn = now.drawn.zip(now.canvas_from_image);
            if let Some((reference, map)) = drawn
                && let Some(uid) = self.uid(reference)
            {
                let one = Array::of3(&JsValue::from(*pane), &uid.into(), &reference.frame.into());
                let Affine2 { xx, xy, x0, yx, yy, y0 } = size.css_map(&map);
                for value in [xx, xy, x0, yx, yy, y0] {
                    one.push(&value.into());
                }
                shown.push(&one);
            }
        }
        callback.call1(&JsValue::NULL, &shown).ok();
    }
}
