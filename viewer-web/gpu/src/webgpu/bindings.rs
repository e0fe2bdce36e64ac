//! The parts of the browser's WebGPU interface that are used: <https://www.w3.org/TR/webgpu/>. What is described
//! to it (textures, pipelines, passes) goes as plain objects. (web-sys has all of the interface, but only where
//! the whole build says that it may change.)

use js_sys::{Array, ArrayBuffer, Function, Object, Promise, Reflect};
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// Fails where the browser has no WebGPU at all; `null` where it has none for this machine.
    #[wasm_bindgen(catch, js_namespace = ["navigator", "gpu"], js_name = requestAdapter)]
    pub(super) async fn request_adapter() -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, js_namespace = ["navigator", "gpu"], js_name = getPreferredCanvasFormat)]
    pub(super) fn preferred_canvas_format() -> Result<String, JsValue>;

    pub(super) type Adapter;
    #[wasm_bindgen(method, getter)]
    pub(super) fn limits(this: &Adapter) -> Limits;
    #[wasm_bindgen(method, catch, js_name = requestDevice)]
    pub(super) async fn request_device(
        this: &Adapter,
        descriptor: &Object,
    ) -> Result<JsValue, JsValue>;

    pub(super) type Limits;
    #[wasm_bindgen(method, getter, js_name = maxTextureDimension2D)]
    pub(super) fn max_texture_dimension_2d(this: &Limits) -> u32;

    #[derive(Clone, Debug)]
    pub(super) type Device;
    #[wasm_bindgen(method, getter)]
    pub(super) fn queue(this: &Device) -> Queue;
    /// Resolves to an object with a `message` once the device is gone.
    #[wasm_bindgen(method, getter)]
    pub(super) fn lost(this: &Device) -> Promise;
    #[wasm_bindgen(method, setter)]
    pub(super) fn set_onuncapturederror(this: &Device, listener: Option<&Function>);
    #[wasm_bindgen(method)]
    pub(super) fn destroy(this: &Device);
    #[wasm_bindgen(method, js_name = createShaderModule)]
    pub(super) fn create_shader_module(this: &Device, descriptor: &Object) -> JsValue;
    #[wasm_bindgen(method, js_name = createRenderPipeline)]
    pub(super) fn create_render_pipeline(this: &Device, descriptor: &Object) -> RenderPipeline;
    #[wasm_bindgen(method, js_name = createBindGroup)]
    pub(super) fn create_bind_group(this: &Device, descriptor: &Object) -> BindGroup;
    #[wasm_bindgen(method, js_name = createBuffer)]
    pub(super) fn create_buffer(this: &Device, descriptor: &Object) -> Buffer;
    #[wasm_bindgen(method, js_name = createTexture)]
    pub(super) fn create_texture(this: &Device, descriptor: &Object) -> GpuTexture;
    #[wasm_bindgen(method, js_name = createCommandEncoder)]
    pub(super) fn create_command_encoder(this: &Device) -> CommandEncoder;

    #[derive(Clone, Debug)]
    pub(super) type Queue;
    #[wasm_bindgen(method, js_name = writeBuffer)]
    pub(super) fn write_buffer(this: &Queue, buffer: &Buffer, offset: u32, data: &[u8]);
    #[wasm_bindgen(method, catch, js_name = writeTexture)]
    pub(super) fn write_texture(
        this: &Queue,
        destination: &Object,
        data: &ArrayBuffer,
        layout: &Object,
        size: &Array,
    ) -> Result<(), JsValue>;
    #[wasm_bindgen(method)]
    pub(super) fn submit(this: &Queue, commands: &Array);

    #[derive(Clone, Debug)]
    pub(super) type RenderPipeline;
    #[wasm_bindgen(method, js_name = getBindGroupLayout)]
    pub(super) fn bind_group_layout(this: &RenderPipeline, group: u32) -> JsValue;

    #[derive(Debug)]
    pub(super) type BindGroup;

    #[derive(Clone, Debug)]
    pub(super) type Buffer;
    #[wasm_bindgen(method, js_name = mapAsync)]
    pub(super) fn map_async(this: &Buffer, mode: u32) -> Promise;
    #[wasm_bindgen(method, catch, js_name = getMappedRange)]
    pub(super) fn mapped_range(this: &Buffer) -> Result<ArrayBuffer, JsValue>;
    #[wasm_bindgen(method, js_name = destroy)]
    pub(super) fn destroy_buffer(this: &Buffer);

    #[derive(Debug)]
    pub(super) type GpuTexture;
    #[wasm_bindgen(method, js_name = createView)]
    pub(super) fn create_view(this: &GpuTexture) -> TextureView;
    #[wasm_bindgen(method, js_name = destroy)]
    pub(super) fn destroy_texture(this: &GpuTexture);

    #[derive(Debug)]
    pub(super) type TextureView;

    pub(super) type CommandEncoder;
    #[wasm_bindgen(method, js_name = beginRenderPass)]
    pub(super) fn begin_render_pass(this: &CommandEncoder, descriptor: &Object) -> RenderPass;
    #[wasm_bindgen(method, js_name = copyTextureToBuffer)]
    pub(super) fn copy_texture_to_buffer(
        this: &CommandEncoder,
        source: &Object,
        destination: &Object,
        size: &Array,
    );
    #[wasm_bindgen(method)]
    pub(super) fn finish(this: &CommandEncoder) -> JsValue;

    pub(super) type RenderPass;
    #[wasm_bindgen(method, js_name = setPipeline)]
    pub(super) fn set_pipeline(this: &RenderPass, pipeline: &RenderPipeline);
    #[wasm_bindgen(method, js_name = setBindGroup)]
    pub(super) fn set_bind_group(this: &RenderPass, index: u32, group: &BindGroup);
    #[wasm_bindgen(method, js_name = setScissorRect)]
    pub(super) fn set_scissor_rect(this: &RenderPass, left: u32, top: u32, width: u32, height: u32);
    #[wasm_bindgen(method)]
    pub(super) fn draw(this: &RenderPass, vertices: u32);
    #[wasm_bindgen(method)]
    pub(super) fn end(this: &RenderPass);

    pub(super) type CanvasContext;
    #[wasm_bindgen(method, catch)]
    pub(super) fn configure(this: &CanvasContext, descriptor: &Object) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch, js_name = getCurrentTexture)]
    pub(super) fn current_texture(this: &CanvasContext) -> Result<GpuTexture, JsValue>;

    pub(super) type UncapturedError;
    #[wasm_bindgen(method, getter)]
    pub(super) fn error(this: &UncapturedError) -> JsValue;

    #[wasm_bindgen(js_name = GPUOutOfMemoryError)]
    pub(super) type OutOfMemoryError;
}

/// A plain object.
pub(super) fn object<const N: usize>(entries: [(&str, JsValue); N]) -> Object {
    let object = Object::new();
    for (name, value) in entries {
        // Fails only for what is no object.
        Reflect::set(&object, &JsValue::from_str(name), &value).ok();
    }
    object
}

/// The `message` of an error or of a lost device.
pub(super) fn message_of(value: &JsValue) -> String {
    let message = Reflect::get(value, &JsValue::from_str("message")).ok();
    message.and_then(|message| message.as_string()).unwrap_or_default()
}

/// Width and height, as the interface takes them.
pub(super) fn extent([width, height]: [u32; 2]) -> Array {
    Array::of2(&width.into(), &height.into())
}
