//! The size of the stage, in CSS and in device pixels.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::Array;
use viewer_core::geometry::Affine2;
use wasm_bindgen::prelude::*;
use web_sys::{
    Element, ResizeObserver, ResizeObserverBoxOptions, ResizeObserverEntry, ResizeObserverOptions,
    ResizeObserverSize,
};

use crate::platform::dom::device_pixel_ratio;

/// The size of the stage.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StageSize {
    /// Width and height of the canvas, device pixels.
    pub device_px: [u32; 2],
    /// Device pixels per CSS pixel, in each direction as it really is.
    pub ratio: [f64; 2],
}

impl StageSize {
    /// The size of an element now.
    #[must_use]
    pub fn of(element: &Element) -> Self {
        let ratio = device_pixel_ratio();
        let rect = element.get_bounding_client_rect();
        Self::new([rect.width(), rect.height()], [rect.width() * ratio, rect.height() * ratio])
    }

    fn new(css_px: [f64; 2], device_px: [f64; 2]) -> Self {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "sizes of elements are small and not negative; the cast saturates"
        )]
        let device_px = device_px.map(|side| side.round() as u32);
        let ratio = [0, 1].map(|axis: usize| {
            let ratio = f64::from(device_px[axis]) / css_px[axis];
            if ratio.is_finite() && ratio > 0.0 { ratio } else { device_pixel_ratio() }
        });
        Self { device_px, ratio }
    }

    /// A map to device pixels, to CSS pixels instead.
    #[must_use]
    pub fn css_map(&self, map: &Affine2) -> Affine2 {
        let [across, down] = self.ratio;
        Affine2 {
            xx: map.xx / across,
            xy: map.xy / across,
            x0: map.x0 / across,
            yx: map.yx / down,
            yy: map.yy / down,
            y0: map.y0 / down,
        }
    }

    /// A rectangle of the canvas in CSS pixels.
    #[must_use]
    pub fn css_rect(&self, [left, top, width, height]: [u32; 4]) -> [f64; 4] {
        let [across, down] = self.ratio;
        [
            f64::from(left) / across,
            f64::from(top) / down,
            f64::from(width) / across,
            f64::from(height) / down,
        ]
    }
}

/// Watches the size of an element for as long as it is kept.
pub struct StageObserver {
    observer: ResizeObserver,
    _callback: Closure<dyn FnMut(Array)>,
}

impl StageObserver {
    /// Calls `resized` with every new size; `None` where the browser cannot observe.
    #[must_use]
    pub fn new(element: &Element, resized: impl Fn(StageSize) + 'static) -> Option<Self> {
        let resized = Rc::new(RefCell::new(resized));
        let callback = Closure::<dyn FnMut(Array)>::new(move |entries: Array| {
            let last = entries.get(entries.length().saturating_sub(1));
            if let Some(size) = size_of(&last.unchecked_into()) {
                (resized.borrow())(size);
            }
        });
        let observer = ResizeObserver::new(callback.as_ref().unchecked_ref()).ok()?;
        let options = ResizeObserverOptions::new();
        options.set_box(ResizeObserverBoxOptions::DevicePixelContentBox);
        if has_device_pixels() {
            observer.observe_with_options(element, &options);
        } else {
            observer.observe(element);
        }
        Some(Self { observer, _callback: callback })
    }
}

impl Drop for StageObserver {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}

/// Whether the browser tells sizes in device pixels; observing with an unknown box throws.
fn has_device_pixels() -> bool {
    let name = JsValue::from_str("ResizeObserverEntry");
    js_sys::Reflect::get(&js_sys::global(), &name)
        .and_then(|class| js_sys::Reflect::get(&class, &JsValue::from_str("prototype")))
        .and_then(|prototype| {
            js_sys::Reflect::has(&prototype, &JsValue::from_str("devicePixelContentBoxSize"))
        })
        .unwrap_or(false)
}

fn size_of(entry: &ResizeObserverEntry) -> Option<StageSize> {
    let content = entry.content_rect();
    let css_px = [content.width(), content.height()];
    if !has_device_pixels() {
        let ratio = device_pixel_ratio();
        return Some(StageSize::new(css_px, css_px.map(|side| side * ratio)));
    }
    let size: ResizeObserverSize = entry.device_pixel_content_box_size().get(0).dyn_into().ok()?;
    Some(StageSize::new(css_px, [size.inline_size(), size.block_size()]))
}
