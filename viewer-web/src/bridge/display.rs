//! The canvas, the GPU behind it, and the frames that are in GPU memory.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use js_sys::Uint16Array;
use leptos::prelude::{RwSignal, Update};
use negatoscope_gpu::{
    CoverDraw, CoverTexture, FrameTexture, GpuError, GpuEvent, PaneDraw, Probe, Screen, ShaderKind,
    Shown, Verdict, around,
};
use viewer_core::display::DisplayParams;
use viewer_core::display::cover::CoverPlane;
use viewer_core::fetch::FrameKey;
use viewer_core::pixel::PixelKind;
use wasm_bindgen::prelude::*;
use web_sys::{Element, Event, HtmlCanvasElement};

use super::decoded::DecodedFrame;
use crate::platform::dom::{Listener, device_pixel_ratio, document, log};
use crate::state::view::CoverStatus;

/// A device that is lost before it has drawn so many pictures cannot be relied on.
const FEW_PICTURES: u64 = 10;

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
    /// Packed frames are unpacked into it, one after the other.
    unpacked: RefCell<Option<Uint16Array>>,
    trouble: Arc<Trouble>,
    /// What this device was tried out with; `None`: it draws right.
    trials: RefCell<Vec<(ShaderKind, Option<Probe>)>>,
    given_up_on_purpose: Cell<bool>,
    /// Size asked for, and size the canvas was last set for (which the device may have cut).
    wanted_size_px: Cell<[u32; 2]>,
    size_px: Cell<[u32; 2]>,
    /// Outside of it nothing is drawn.
    clipped_px: Cell<Option<[u32; 4]>>,
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
    /// Opens the GPU on a canvas of its own, not yet in the page, by an adapter that nobody has used yet (or by
    /// one that is asked for, where it is undefined). `news` changes when there is a reason to draw that only the
    /// GPU knows.
    ///
    /// # Errors
    /// [`GpuError`] where this build has no GPU to draw with.
    pub async fn open(
        size_px: [u32; 2],
        budget_bytes: u64,
        adapter: JsValue,
        news: RwSignal<u32>,
    ) -> Result<Rc<Self>, GpuError> {
        let canvas = new_canvas(size_px)?;
        let trouble = Arc::new(Trouble::default());
        let noted = Arc::clone(&trouble);
        let screen = Screen::open(&canvas, size_px, adapter, move |event| {
            match event {
                GpuEvent::OutOfMemory => noted.out_of_memory.store(true, Ordering::Release),
                // Seen by `Screen::is_lost` at the next frame.
                GpuEvent::DeviceLost(cause) => log(&format!("GPU device lost: {cause}")),
                GpuEvent::Error(cause) => log(&format!("GPU error: {cause}")),
            }
            news.update(|count| *count = count.wrapping_add(1));
        })
        .await?;
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
                unpacked: RefCell::default(),
                trouble,
                trials: RefCell::default(),
                given_up_on_purpose: Cell::new(false),
                wanted_size_px: Cell::new(size_px),
                size_px: Cell::new(size_px),
                clipped_px: Cell::new(None),
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
        self.given_up_on_purpose.set(true);
        self.screen.borrow().lose_device();
    }

    /// Whether the device is gone.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        self.screen.borrow().is_lost()
    }

    /// Whether the device went away by itself before it had drawn much: opening it again would end in the same way.
    #[must_use]
    pub fn is_hopeless(&self) -> bool {
        self.textures.borrow().clock < FEW_PICTURES && !self.given_up_on_purpose.get()
    }

    /// Whether this shader draws right on this device, which is tried out with a small picture, once; `false` as long
    /// as that is not known.
    ///
    /// # Errors
    /// [`GpuError::Wrong`], [`GpuError::DeviceLost`], [`GpuError::ReadBack`].
    fn is_right(&self, screen: &mut Screen, shader: ShaderKind) -> Result<bool, GpuError> {
        let mut trials = self.trials.borrow_mut();
        let Some((_, trial)) = trials.iter_mut().find(|(tried, _)| *tried == shader) else {
            trials.push((shader, Some(screen.probe(shader)?)));
            return Ok(false);
        };
        let Some(probe) = trial else { return Ok(true) };
        match probe.take()? {
            Some(Verdict::Right) => *trial = None,
            Some(Verdict::Wrong(difference)) => return Err(GpuError::Wrong(difference)),
            None => {}
        }
        Ok(trial.is_none())
    }

    /// Sees to it that a frame is in GPU memory, where it stays at least until the next picture.
    ///
    /// # Errors
    /// As [`Screen::upload_buffer`]; [`GpuError::ByteCount`] also where packed samples are not whole.
    pub fn load(&self, key: FrameKey, frame: &DecodedFrame) -> Result<(), GpuError> {
        let mut textures = self.textures.borrow_mut();
        let now = textures.clock;
        if let Some(loaded) = textures.frames.iter_mut().find(|loaded| loaded.key == key) {
            loaded.used = now;
            return Ok(());
        }
        let size_px = [frame.columns, frame.rows];
        let samples = frame.plain(&mut self.unpacked.borrow_mut()).ok_or_else(|| {
            let [expected, found] = [frame.sample_bytes(), frame.samples.byte_length()];
            GpuError::ByteCount { expected: expected.into(), found: found.into() }
        })?;
        let texture = match textures.take_like(frame.kind, size_px) {
            Some(texture) => {
                self.screen.borrow().refill(&texture, &samples)?;
                texture
            }
            None => self.screen.borrow_mut().upload_buffer(frame.kind, size_px, &samples)?,
        };
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

    /// Draws all panes; `false` where the canvas takes nothing now, or the device is still being tried out, and is to
    /// be asked again.
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
        for shader in panes.iter().filter_map(ShaderKind::of_pane) {
            if !self.is_right(&mut screen, shader)? {
                return Ok(false);
            }
        }
        // A canvas drawn by the processor lies there only, without that.
        if !cfg!(feature = "canvas") {
            let places = panes.iter().filter_map(|pane| pane.place_px(screen.size_px(), 0));
            self.clip(screen.size_px(), places.reduce(around));
        }
        let shown = screen.frame(&panes, 0)?;
        textures.clock += 1;
        if self.trouble.out_of_memory.swap(false, Ordering::AcqRel) {
            textures.give_back();
            return Ok(false);
        }
        Ok(shown == Shown::Yes)
    }

    /// Tells the browser where the canvas is not black, as the stage under it is: it puts together no more than that, which
    /// takes a browser without GPU as long as drawing does.
    fn clip(&self, size_px: [u32; 2], place: Option<[u32; 4]>) {
        if self.clipped_px.replace(place) == place {
            return;
        }
        let [left, top, width, height] = place.unwrap_or([0; 4]).map(f64::from);
        let [right, bottom] =
            [f64::from(size_px[0]) - left - width, f64::from(size_px[1]) - top - height];
        // Outwards to whole pixels of the style sheet; a canvas that the device cut is stretched to the stage.
        let wanted_px = self.wanted_size_px.get();
        let [across, down] = [0, 1].map(|axis: usize| {
            f64::from(wanted_px[axis]) / (f64::from(size_px[axis].max(1)) * device_pixel_ratio())
        });
        let [top, right, bottom, left] = [top * down, right * across, bottom * down, left * across]
            .map(|side| side.floor() as i32);
        let shape = format!("inset({top}px {right}px {bottom}px {left}px)");
        self.canvas.style().set_property("clip-path", &shape).ok();
    }

    fn apply_size(&self, screen: &mut Screen) {
        let wanted_px = self.wanted_size_px.get();
        if self.size_px.replace(wanted_px) == wanted_px {
            return;
        }
        screen.resize(wanted_px);
        self.clipped_px.set(None);
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
            if self.take_oldest(|_| true).is_none() {
                return;
            }
        }
    }

    /// Where the budget is used up: the texture of the frame of this kind and size that was drawn longest ago, to
    /// be filled anew.
    fn take_like(&mut self, kind: PixelKind, size_px: [u32; 2]) -> Option<FrameTexture> {
        let is_like =
            |texture: &FrameTexture| texture.kind() == kind && texture.size_px() == size_px;
        let bytes = self.frames.iter().find(|loaded| is_like(&loaded.texture))?.texture.bytes();
        (self.used_bytes + bytes > self.budget_bytes).then(|| self.take_oldest(is_like))?
    }

    fn take_oldest(&mut self, is_wanted: impl Fn(&FrameTexture) -> bool) -> Option<FrameTexture> {
        let candidates = (0..).zip(&self.frames).filter(|(_, loaded)| loaded.used < self.clock);
        let candidates = candidates.filter(|(_, loaded)| is_wanted(&loaded.texture));
        let (oldest, _) = candidates.min_by_key(|(_, loaded)| loaded.used)?;
        let Loaded { texture, cover, .. } = self.frames.swap_remove(oldest);
        let cover_bytes = cover.map_or(0, |(cover, _)| cover.bytes());
        self.used_bytes -= texture.bytes() + cover_bytes;
        Some(texture)
    }

    /// GPU memory ran out: everything is dropped, and less is kept from now on.
    fn give_back(&mut self) {
        self.budget_bytes = (self.used_bytes / 2).min(self.budget_bytes / 2);
        self.frames.clear();
        self.used_bytes = 0;
    }
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
