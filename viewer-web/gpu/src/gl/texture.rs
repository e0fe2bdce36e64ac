use js_sys::{
    ArrayBuffer, Float32Array, Int8Array, Int16Array, Int32Array, Object, Uint8Array, Uint16Array,
    Uint32Array,
};
use viewer_core::pixel::PixelKind;
use wasm_bindgen::JsValue;
use web_sys::WebGlTexture;

use super::Gl;
use crate::GpuError;
use crate::frame_bytes::{check_bytes, check_size, frame_bytes};
use crate::lookup::{ENTRIES_PER_ROW, folded};
use crate::texels::cleaned;

/// One frame in GPU memory, its stored values exact.
///
/// The memory is given back when this is dropped, without waiting for the garbage collector of the browser.
#[derive(Debug)]
pub struct FrameTexture {
    kind: PixelKind,
    size_px: [u32; 2],
    texture: Texture,
}

/// A texture that is deleted with its last owner.
#[derive(Debug)]
pub(super) struct Texture {
    gl: Gl,
    handle: WebGlTexture,
}

/// How texels are stored and given (OpenGL ES 3.0, table 3.2).
#[derive(Clone, Copy)]
struct Format {
    internal: u32,
    format: u32,
    ty: u32,
}

impl FrameTexture {
    /// Copies the samples of a frame, as the browser holds them: native-endian, row by row, no padding. What
    /// lies behind them in the buffer is not looked at.
    pub(super) fn from_buffer(
        gl: &Gl,
        largest_px: u32,
        kind: PixelKind,
        size_px: [u32; 2],
        samples: &ArrayBuffer,
    ) -> Result<Self, GpuError> {
        check_size(largest_px, size_px[0], size_px[1])?;
        let texels = texels(kind, size_px, samples)?;
        let texture = Texture::new(gl, format_of(kind), size_px, &texels)?;
        Ok(Self { kind, size_px, texture })
    }

    /// Copies another frame of the same kind and size over the one it holds: no memory is asked for.
    pub(super) fn refill(&self, samples: &ArrayBuffer) -> Result<(), GpuError> {
        let texels = texels(self.kind, self.size_px, samples)?;
        self.texture.fill(format_of(self.kind), self.size_px, &texels)
    }

    /// What its pixels are.
    #[must_use]
    pub fn kind(&self) -> PixelKind {
        self.kind
    }

    /// Columns and rows.
    #[must_use]
    pub fn size_px(&self) -> [u32; 2] {
        self.size_px
    }

    /// GPU memory its pixels take, for a cache that keeps a budget.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        frame_bytes(self.kind, self.size_px)
    }

    pub(super) fn texture(&self) -> &Texture {
        &self.texture
    }
}

impl Texture {
    fn new(gl: &Gl, format: Format, size_px: [u32; 2], texels: &Object) -> Result<Self, GpuError> {
        let handle = gl.create_texture().ok_or(GpuError::DeviceLost)?;
        let [width, height] = size_px.map(u32::cast_signed);
        gl.active_texture(Gl::TEXTURE0);
        gl.bind_texture(Gl::TEXTURE_2D, Some(&handle));
        gl.tex_storage_2d(Gl::TEXTURE_2D, 1, format.internal, width, height);
        // Integer textures cannot be filtered, and one that asks for it reads as black.
        for parameter in [Gl::TEXTURE_MIN_FILTER, Gl::TEXTURE_MAG_FILTER] {
            gl.tex_parameteri(Gl::TEXTURE_2D, parameter, Gl::NEAREST.cast_signed());
        }
        let texture = Self { gl: gl.clone(), handle };
        texture.fill(format, size_px, texels)?;
        Ok(texture)
    }

    fn fill(&self, format: Format, size_px: [u32; 2], texels: &Object) -> Result<(), GpuError> {
        self.bind(0);
        let gl = &self.gl;
        let [width, height] = size_px.map(u32::cast_signed);
        gl.pixel_storei(Gl::UNPACK_ALIGNMENT, 1);
        gl.tex_sub_image_2d_with_i32_and_i32_and_u32_and_type_and_opt_array_buffer_view(
            Gl::TEXTURE_2D,
            0,
            0,
            0,
            width,
            height,
            format.format,
            format.ty,
            Some(texels),
        )
        .map_err(|_refused| GpuError::Surface("a texture was refused"))
    }

    /// A lookup table, folded into rows.
    pub(super) fn of_table(gl: &Gl, entries: &[u16]) -> Result<Self, GpuError> {
        let (padded, rows) = folded(entries);
        let format = format_of(PixelKind::GrayU16);
        Self::new(gl, format, [ENTRIES_PER_ROW, rows], &Uint16Array::from(padded.as_slice()))
    }

    /// Lets the shader's texture `binding` read it.
    pub(super) fn bind(&self, binding: u32) {
        self.gl.active_texture(Gl::TEXTURE0 + binding);
        self.gl.bind_texture(Gl::TEXTURE_2D, Some(&self.handle));
    }
}

impl Drop for Texture {
    fn drop(&mut self) {
        self.gl.delete_texture(Some(&self.handle));
    }
}

/// Integer formats hold stored values exactly and are in the core of WebGL2.
fn format_of(kind: PixelKind) -> Format {
    let (internal, format, ty) = match kind {
        PixelKind::GrayU8 => (Gl::R8UI, Gl::RED_INTEGER, Gl::UNSIGNED_BYTE),
        PixelKind::GrayI8 => (Gl::R8I, Gl::RED_INTEGER, Gl::BYTE),
        PixelKind::GrayU16 => (Gl::R16UI, Gl::RED_INTEGER, Gl::UNSIGNED_SHORT),
        PixelKind::GrayI16 => (Gl::R16I, Gl::RED_INTEGER, Gl::SHORT),
        PixelKind::GrayU32 => (Gl::R32UI, Gl::RED_INTEGER, Gl::UNSIGNED_INT),
        PixelKind::GrayI32 => (Gl::R32I, Gl::RED_INTEGER, Gl::INT),
        PixelKind::GrayF32 => (Gl::R32F, Gl::RED, Gl::FLOAT),
        PixelKind::Rgba8 => (Gl::RGBA8UI, Gl::RGBA_INTEGER, Gl::UNSIGNED_BYTE),
        PixelKind::Rgba16 => (Gl::RGBA16UI, Gl::RGBA_INTEGER, Gl::UNSIGNED_SHORT),
    };
    Format { internal, format, ty }
}

/// WebGL takes texels as an array of their own type; only float samples are copied, to be cleaned.
fn texels(kind: PixelKind, size_px: [u32; 2], samples: &ArrayBuffer) -> Result<Object, GpuError> {
    let bytes = frame_bytes(kind, size_px).min(samples.byte_length().into());
    check_bytes(kind, size_px, bytes)?;
    let (buffer, bytes): (&JsValue, u32) = (samples, bytes as u32);
    Ok(match kind {
        PixelKind::GrayU8 | PixelKind::Rgba8 => {
            Uint8Array::new_with_byte_offset_and_length(buffer, 0, bytes).into()
        }
        PixelKind::GrayI8 => Int8Array::new_with_byte_offset_and_length(buffer, 0, bytes).into(),
        PixelKind::GrayU16 | PixelKind::Rgba16 => {
            Uint16Array::new_with_byte_offset_and_length(buffer, 0, bytes / 2).into()
        }
        PixelKind::GrayI16 => {
            Int16Array::new_with_byte_offset_and_length(buffer, 0, bytes / 2).into()
        }
        PixelKind::GrayU32 => {
            Uint32Array::new_with_byte_offset_and_length(buffer, 0, bytes / 4).into()
        }
        PixelKind::GrayI32 => {
            Int32Array::new_with_byte_offset_and_length(buffer, 0, bytes / 4).into()
        }
        PixelKind::GrayF32 => {
            let bytes = Uint8Array::new_with_byte_offset_and_length(buffer, 0, bytes).to_vec();
            let clean = Uint8Array::from(&*cleaned(kind, &bytes));
            Float32Array::new(&clean.buffer()).into()
        }
    })
}
