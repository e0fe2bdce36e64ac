use std::rc::Rc;

use bytemuck::Pod;
use js_sys::{ArrayBuffer, Uint8Array};
use viewer_core::display::cover::CoverPlane;
use viewer_core::pixel::{PixelFrame, PixelKind};
use web_sys::WebGlBuffer;

use super::program::Program;
use super::texture::Texture;
use super::{FrameTexture, Gl, ReadBack};
use crate::GpuError;
use crate::ShaderKind;
use crate::cover::{CoverTexture, CoverUniforms};
use crate::lookup::{LookupTextures, Tables};
use crate::pane::CoverDraw;
use crate::pane::{PaneDraw, covered, scissor};
use crate::uniforms::PaneUniforms;

/// Number of the covers' program: after those of the shader kinds.
const COVER: usize = ShaderKind::ALL.len();

/// Draws frames into panes of a render target.
///
/// Agrees with [`viewer_core::display`]'s CPU renderer to 1/255 on every pixel.
#[derive(Debug)]
pub struct Renderer {
    gl: Gl,
    largest_px: u32,
    uniforms: WebGlBuffer,
    /// One per shader, made when first needed: compiling takes time.
    programs: [Option<Rc<Program>>; COVER + 1],
    tables: LookupTextures<Rc<Texture>>,
}

impl Renderer {
    pub(super) fn new(gl: &Gl, largest_px: u32) -> Result<Self, GpuError> {
        Ok(Self {
            gl: gl.clone(),
            largest_px,
            uniforms: gl.create_buffer().ok_or(GpuError::DeviceLost)?,
            programs: [const { None }; COVER + 1],
            tables: LookupTextures::default(),
        })
    }

    /// Copies `frame` to the GPU.
    ///
    /// # Errors
    /// [`GpuError::TooLarge`], [`GpuError::Empty`], [`GpuError::DeviceLost`].
    pub fn upload(&self, frame: &PixelFrame) -> Result<FrameTexture, GpuError> {
        let pixels = frame.pixels();
        let samples = Uint8Array::from(pixels.as_bytes()).buffer();
        self.upload_buffer(pixels.kind(), [frame.columns(), frame.rows()], &samples)
    }

    /// Copies `columns × rows` pixels, native-endian, row by row without padding, to the GPU.
    ///
    /// # Errors
    /// As [`Self::upload`], and [`GpuError::ByteCount`].
    pub fn upload_buffer(
        &self,
        kind: PixelKind,
        size_px: [u32; 2],
        samples: &ArrayBuffer,
    ) -> Result<FrameTexture, GpuError> {
        FrameTexture::from_buffer(&self.gl, self.largest_px, kind, size_px, samples)
    }

    /// Copies what lies over a frame to the GPU.
    ///
    /// # Errors
    /// As [`Self::upload`].
    pub fn upload_cover(&self, plane: &CoverPlane) -> Result<CoverTexture, GpuError> {
        let cells = Uint8Array::from(plane.cells()).buffer();
        let cells = self.upload_buffer(PixelKind::GrayU8, plane.size(), &cells)?;
        Ok(CoverTexture::new(cells, plane))
    }

    /// Draws on the canvas: clears it to grey level `background` and draws every pane.
    ///
    /// A pane whose parameters are not finite numbers shows its background only.
    ///
    /// # Errors
    /// [`GpuError::NoDevice`] where the driver refuses a shader, [`GpuError::DeviceLost`].
    pub(super) fn draw(
        &mut self,
        size_px: [u32; 2],
        panes: &[PaneDraw<'_>],
        background: u8,
    ) -> Result<(), GpuError> {
        let level = f32::from(background) / 255.0;
        let gl = self.gl.clone();
        gl.viewport(0, 0, size_px[0].cast_signed(), size_px[1].cast_signed());
        gl.disable(Gl::SCISSOR_TEST);
        gl.clear_color(level, level, level, 1.0);
        gl.clear(Gl::COLOR_BUFFER_BIT);
        gl.enable(Gl::SCISSOR_TEST);
        for pane in panes {
            self.draw_pane(size_px, pane, background)?;
        }
        Ok(())
    }

    /// As [`Self::draw`], off screen, the pixels read back.
    ///
    /// # Errors
    /// As there, and [`GpuError::ReadBack`].
    pub fn draw_and_read_back(
        &mut self,
        size_px: [u32; 2],
        panes: &[PaneDraw<'_>],
        background: u8,
    ) -> Result<ReadBack, GpuError> {
        let gl = self.gl.clone();
        let (width, height) = (size_px[0].cast_signed(), size_px[1].cast_signed());
        let target = gl.create_renderbuffer().ok_or(GpuError::DeviceLost)?;
        let frame_buffer = gl.create_framebuffer().ok_or(GpuError::DeviceLost)?;
        gl.bind_renderbuffer(Gl::RENDERBUFFER, Some(&target));
        gl.renderbuffer_storage(Gl::RENDERBUFFER, Gl::RGBA8, width, height);
        gl.bind_framebuffer(Gl::FRAMEBUFFER, Some(&frame_buffer));
        gl.framebuffer_renderbuffer(
            Gl::FRAMEBUFFER,
            Gl::COLOR_ATTACHMENT0,
            Gl::RENDERBUFFER,
            Some(&target),
        );
        let mut rows = vec![0; size_px[0] as usize * size_px[1] as usize * 4];
        let drawn = self.draw(size_px, panes, background);
        let read = gl.read_pixels_with_opt_u8_array(
            0,
            0,
            width,
            height,
            Gl::RGBA,
            Gl::UNSIGNED_BYTE,
            Some(&mut rows),
        );
        gl.bind_framebuffer(Gl::FRAMEBUFFER, None);
        gl.delete_framebuffer(Some(&frame_buffer));
        gl.delete_renderbuffer(Some(&target));
        drawn?;
        read.map_err(|_refused| GpuError::ReadBack("refused".to_owned()))?;
        Ok(ReadBack::from_the_bottom(&rows, size_px[0]))
    }

    fn draw_pane(
        &mut self,
        size_px: [u32; 2],
        pane: &PaneDraw<'_>,
        background: u8,
    ) -> Result<(), GpuError> {
        let (Some(frame), Some(place)) = (pane.frame, scissor(pane.rect_px, size_px)) else {
            return Ok(());
        };
        self.cut(size_px, covered(place, pane, frame.size_px(), background));
        let tables = Tables::of(frame.kind(), pane.params);
        let uniforms = PaneUniforms::new(pane.rect_px, frame, pane.params, &tables);
        let kind = ShaderKind::of(frame.kind(), &uniforms);
        self.gl.disable(Gl::BLEND);
        frame.texture().bind(1);
        self.fill(&uniforms);
        if kind.has_tables() {
            self.table(tables.entries)?.bind(2);
        }
        self.draw_with(kind as usize, size_px)?;
        self.cut(size_px, place);
        pane.cover.map_or(Ok(()), |cover| self.draw_cover(size_px, pane, cover))
    }

    fn cut(&self, size_px: [u32; 2], place: [u32; 4]) {
        let [left, top, width, height] = place.map(u32::cast_signed);
        self.gl.scissor(left, size_px[1].cast_signed() - top - height, width, height);
    }

    fn draw_cover(
        &mut self,
        size_px: [u32; 2],
        pane: &PaneDraw<'_>,
        cover: CoverDraw<'_>,
    ) -> Result<(), GpuError> {
        let map = &pane.params.image_from_canvas;
        let Some(uniforms) = CoverUniforms::new(pane.rect_px, map, cover) else { return Ok(()) };
        // Colours come multiplied by their opacity.
        self.gl.enable(Gl::BLEND);
        self.gl.blend_func(Gl::ONE, Gl::ONE_MINUS_SRC_ALPHA);
        cover.texture.cells().texture().bind(1);
        self.fill(&uniforms);
        self.draw_with(COVER, size_px)
    }

    fn draw_with(&mut self, program: usize, size_px: [u32; 2]) -> Result<(), GpuError> {
        self.program(program)?.activate(&self.gl, size_px[1]);
        self.gl.draw_arrays(Gl::TRIANGLES, 0, 3);
        Ok(())
    }

    fn program(&mut self, number: usize) -> Result<Rc<Program>, GpuError> {
        let place = &mut self.programs[number];
        match place {
            Some(program) => Ok(Rc::clone(program)),
            None => Ok(Rc::clone(place.insert(Program::new(&self.gl, number)?))),
        }
    }

    fn fill<T: Pod>(&self, values: &T) {
        self.gl.bind_buffer_base(Gl::UNIFORM_BUFFER, 0, Some(&self.uniforms));
        let bytes = bytemuck::bytes_of(values);
        self.gl.buffer_data_with_u8_array(Gl::UNIFORM_BUFFER, bytes, Gl::STREAM_DRAW);
    }

    fn table(&mut self, entries: Vec<u16>) -> Result<Rc<Texture>, GpuError> {
        let gl = &self.gl;
        self.tables.texture(entries, |entries| Texture::of_table(gl, entries).map(Rc::new))
    }
}
