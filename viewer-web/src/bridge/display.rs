//! The canvas, the GPU behind it, and the frames that are in GPU memory.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use leptos::prelude::{RwSignal, Update};
use negatoscope_gpu::{
    CoverDraw, CoverTexture, FrameTexture, GpuError, GpuEvent, PaneDraw, Screen, Shown, Verdict,
};
use viewer_core::display::DisplayParams;
use viewer_core::display::cover::CoverPlane;
use viewer_core::fetch::FrameKey;
use wasm_bindgen::prelude::*;
use web_sys::{Element, Event, HtmlCanvasElement};

use super::workers::DecodedFrame;
use crate::platform::dom::{Listener, document, log};
use crate::platform::time::sleep_ms;
use crate::state::view::CoverStatus;

/// How often and how long apart the outcome of the trial pictures is asked for.
const PROBE_LOOKS: u32 = 2500;
const PROBE_LOOK_MS: i32 = 4;

/// A pane to draw: rectangle in device pixels, frame, how.
pub struct PanePicture {
    /// Left, top, width and height on the canvas.
    pub rect_px: [u32; 4],
    /// Which frame; it must be in GPU memory ([`Display::load`]).
    pub key: FrameKey,
    /// How.
    pub params: DisplayParams,
    /// What of the frame's cover is drawn: flags of [`viewer_core::display::cover`].
    pub cover_shown: u8,
}

/// The canvas and what is drawn on it.
pub struct Display {
    canvas: HtmlCanvasElement,
    screen: RefCell<Screen>,
    textures: RefCell<Textures>,
    trouble: Arc<Trouble>,
    /// Size asked for, and size the canvas was last set for (which the device may have cut).
    wanted_size_px: Cell<[u32; 2]>,
    size_px: Cell<[u32; 2]>,
    _lost: Listener,
}

/// What the GPU reported since the last frame.
#[derive(Default)]
struct Trouble {
    out_of_memory: AtomicBool,
}

/// A frame in GPU memory.
struct Loaded {
    key: FrameKey,
    texture: FrameTexture,
    cover: Option<(CoverTexture, CoverStatus)>,
    /// When it was last drawn, on [`Textures::clock`].
    used: u64,
}

/// Frames in GPU memory, the one drawn longest ago goes first.
struct Textures {
    frames: Vec<Loaded>,
    budget_bytes: u64,
    used_bytes: u64,
    /// Counts drawn pictures.
    clock: u64,
}

impl Display {
    /// Opens the GPU on a canvas of its own, not yet in the page, and tries it out. `news` changes when
    /// there is a reason to draw that only the GPU knows.
    ///
    /// # Errors
    /// [`GpuError`] where this build has no GPU to draw with, or one that draws wrong pictures.
    pub async fn open(
        size_px: [u32; 2],
        budget_bytes: u64,
        news: RwSignal<u32>,
    ) -> Result<Rc<Self>, GpuError> {
        let canvas = new_canvas(size_px)?;
        let trouble = Arc::new(Trouble::default());
        let noted = Arc::clone(&trouble);
        let mut screen = Screen::open(&canvas, size_px, move |event| {
            match event {
                GpuEvent::OutOfMemory => noted.out_of_memory.store(true, Ordering::Release),
                // Seen by `Screen::is_lost` at the next frame.
                GpuEvent::DeviceLost(cause) => log(&format!("GPU device lost: {cause}")),
                GpuEvent::Error(cause) => log(&format!("GPU error: {cause}")),
            }
            news.update(|count| *count = count.wrapping_add(1));
        })
        .await?;
        try_out(&mut screen).await?;
        let textures = Textures { frames: Vec::new(), budget_bytes, used_bytes: 0, clock: 0 };
        Ok(Rc::new_cyclic(|this: &std::rc::Weak<Self>| {
            let lost = this.clone();
            let listener = Listener::new(&canvas, "webglcontextlost", true, move |_: Event| {
                if let Some(display) = lost.upgrade() {
                    display.screen.borrow().report_lost();
                }
            });
            Self {
                canvas,
                screen: RefCell::new(screen),
                textures: RefCell::new(textures),
                trouble,
                wanted_size_px: Cell::new(size_px),
                size_px: Cell::new(size_px),
                _lost: listener,
            }
        }))
    }

    /// Puts the canvas under the panes of the stage.
    pub fn attach(&self, stage: &Element) {
        // Fails only for a stage that is no element.
        stage.prepend_with_node_1(&self.canvas).ok();
    }

    /// Takes the canvas out of the page.
    pub fn detach(&self) {
        self.canvas.remove();
    }

    /// The canvas is to have this size at the next frame, device pixels.
    pub fn resize(&self, size_px: [u32; 2]) {
        self.wanted_size_px.set(size_px);
    }

    /// Makes the device go away, to try out how the page recovers.
    pub fn lose_device(&self) {
        self.screen.borrow().lose_device();
    }

    /// Whether the device is gone.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        self.screen.borrow().is_lost()
    }

    /// Sees to it that a frame is in GPU memory, where it stays at least until the next picture.
    ///
    /// # Errors
    /// As [`Screen::upload_bytes`].
    pub fn load(&self, key: FrameKey, frame: &DecodedFrame) -> Result<(), GpuError> {
        let mut textures = self.textures.borrow_mut();
        let now = textures.clock;
        if let Some(loaded) = textures.frames.iter_mut().find(|loaded| loaded.key == key) {
            loaded.used = now;
            return Ok(());
        }
        let size_px = [frame.columns, frame.rows];
        let texture =
            self.screen.borrow_mut().upload_buffer(frame.kind, size_px, &frame.samples)?;
        textures.used_bytes += texture.bytes();
        textures.frames.push(Loaded { key, texture, cover: None, used: now });
        textures.make_room();
        Ok(())
    }

    /// How far what lies over a frame is; `None` where nothing of it is in GPU memory.
    #[must_use]
    pub fn cover_status(&self, key: FrameKey) -> Option<CoverStatus> {
        let textures = self.textures.borrow();
        let loaded = textures.frames.iter().find(|loaded| loaded.key == key)?;
        loaded.cover.as_ref().map(|(_, status)| *status)
    }

    /// Puts what lies over a frame beside it, as long as the frame stays in GPU memory.
    ///
    /// # Errors
    /// As [`Screen::upload_cover`].
    pub fn load_cover(
        &self,
        key: FrameKey,
        plane: &CoverPlane,
        status: CoverStatus,
    ) -> Result<(), GpuError> {
        let cover = self.screen.borrow().upload_cover(plane)?;
        let bytes = cover.bytes();
        let mut textures = self.textures.borrow_mut();
        if let Some(loaded) = textures.frames.iter_mut().find(|loaded| loaded.key == key) {
            loaded.cover = Some((cover, status));
            textures.used_bytes += bytes;
        }
        Ok(())
    }

    /// What lies over the frames of an image (series, image) is to be put together anew.
    pub fn forget_covers(&self, series_image: [u32; 2]) {
        let mut textures = self.textures.borrow_mut();
        let mut freed = 0;
        for loaded in &mut textures.frames {
            if [loaded.key.series, loaded.key.image] == series_image
                && let Some((cover, _)) = loaded.cover.take()
            {
                freed += cover.bytes();
            }
        }
        textures.used_bytes -= freed;
    }

    /// Whether a frame is in GPU memory.
    #[must_use]
    pub fn holds(&self, key: FrameKey) -> bool {
        self.textures.borrow().frames.iter().any(|loaded| loaded.key == key)
    }

    /// Draws all panes; `false` where the canvas takes nothing now and is to be asked again.
    ///
    /// # Errors
    /// [`GpuError`] where the display has to be opened anew.
    pub fn draw(&self, pictures: &[PanePicture]) -> Result<bool, GpuError> {
        let mut screen = self.screen.borrow_mut();
        self.apply_size(&mut screen);
        let mut textures = self.textures.borrow_mut();
        let panes: Vec<PaneDraw<'_>> = pictures
            .iter()
            .map(|picture| PaneDraw {
                rect_px: picture.rect_px,
                frame: textures.texture(picture.key),
                params: &picture.params,
                cover: textures.cover(picture.key, picture.cover_shown),
            })
            .collect();
        let shown = screen.frame(&panes, 0)?;
        textures.clock += 1;
        if self.trouble.out_of_memory.swap(false, Ordering::AcqRel) {
            textures.give_back();
            return Ok(false);
        }
        Ok(shown == Shown::Yes)
    }

    fn apply_size(&self, screen: &mut Screen) {
        let wanted_px = self.wanted_size_px.get();
        if self.size_px.replace(wanted_px) == wanted_px {
            return;
        }
        screen.resize(wanted_px);
    }
}

impl Textures {
    fn texture(&self, key: FrameKey) -> Option<&FrameTexture> {
        self.frames.iter().find(|loaded| loaded.key == key).map(|loaded| &loaded.texture)
    }

    fn cover(&self, key: FrameKey, shown: u8) -> Option<CoverDraw<'_>> {
        let loaded = self.frames.iter().find(|loaded| loaded.key == key)?;
        let (texture, _) = loaded.cover.as_ref().filter(|_| shown != 0)?;
        Some(CoverDraw { texture, shown })
    }

    /// Drops frames that were not drawn lately until the budget is kept.
    fn make_room(&mut self) {
        while self.used_bytes > self.budget_bytes {
            let candidates = (0..).zip(&self.frames).filter(|(_, loaded)| loaded.used < self.clock);
            let oldest = candidates.min_by_key(|(_, loaded)| loaded.used).map(|(index, _)| index);
            let Some(index) = oldest else { return };
            let Loaded { texture, cover, .. } = self.frames.swap_remove(index);
            let cover_bytes = cover.map_or(0, |(cover, _)| cover.bytes());
            self.used_bytes -= texture.bytes() + cover_bytes;
        }
    }

    /// GPU memory ran out: everything is dropped, and less is kept from now on.
    fn give_back(&mut self) {
        self.budget_bytes = (self.used_bytes / 2).min(self.budget_bytes / 2);
        self.frames.clear();
        self.used_bytes = 0;
    }
}

/// Draws small pictures and compares them with the reference: a driver that gets them wrong must not
/// show an exam.
async fn try_out(screen: &mut Screen) -> Result<(), GpuError> {
    let probe = screen.probe()?;
    for _ in 0..PROBE_LOOKS {
        match probe.take()? {
            Some(Verdict::Right) => return Ok(()),
            Some(Verdict::Wrong(difference)) => {
                return Err(GpuError::NoDevice(format!("it draws {difference} grey levels off")));
            }
            None => sleep_ms(PROBE_LOOK_MS).await,
        }
    }
    Err(GpuError::NoDevice("no answer to a small picture".to_owned()))
}

fn new_canvas([width, height]: [u32; 2]) -> Result<HtmlCanvasElement, GpuError> {
    let canvas = document()
        .create_element("canvas")
        .ok()
        .and_then(|element| element.dyn_into::<HtmlCanvasElement>().ok())
        .ok_or(GpuError::Surface("no canvas element"))?;
    canvas.set_width(width.max(1));
    canvas.set_height(height.max(1));
    // The panes over it say what it shows.
    canvas.set_attribute("aria-hidden", "true").ok();
    Ok(canvas)
}
