use js_sys::Array;
use wasm_bindgen::JsValue;

use super::bindings::{BindGroup, Device, RenderPipeline, TextureView, object};

include!(concat!(env!("OUT_DIR"), "/shaders.rs"));

/// Number of the covers' shader: after those of the shader kinds.
pub(super) const COVER: usize = crate::ShaderKind::ALL.len();

/// Shader number `index` of the build script's list, drawing one triangle that covers the target.
///
/// A shader that the driver refuses is an uncaptured error of the device, and draws nothing.
pub(super) fn new(device: &Device, index: usize, format: &str) -> RenderPipeline {
    let code = SHADERS.get(index).copied().unwrap_or_default();
    let module = device.create_shader_module(&object([("code", code.into())]));
    let format = ("format", JsValue::from_str(format));
    let target = if index == COVER {
        object([format, ("blend", premultiplied())])
    } else {
        object([format])
    };
    let stage = |entry: &str| [("module", module.clone()), ("entryPoint", entry.into())];
    let [fragment_module, fragment_entry] = stage("draw");
    let fragment =
        object([fragment_module, fragment_entry, ("targets", Array::of1(&target).into())]);
    device.create_render_pipeline(&object([
        ("layout", "auto".into()),
        ("vertex", object(stage("cover")).into()),
        ("fragment", fragment.into()),
    ]))
}

/// What a draw reads, in the order of its shader's bindings.
pub(super) fn bind(
    device: &Device,
    pipeline: &RenderPipeline,
    uniforms: JsValue,
    textures: &[&TextureView],
) -> BindGroup {
    let entries = Array::new();
    let textures = textures.iter().map(|texture| JsValue::from(*texture));
    for (binding, resource) in (0_u32..).zip(std::iter::once(uniforms).chain(textures)) {
        entries.push(&object([("binding", binding.into()), ("resource", resource)]));
    }
    device.create_bind_group(&object([
        ("layout", pipeline.bind_group_layout(0)),
        ("entries", entries.into()),
    ]))
}

/// Colours come multiplied by their opacity.
fn premultiplied() -> JsValue {
    let factors =
        object([("srcFactor", "one".into()), ("dstFactor", "one-minus-src-alpha".into())]);
    object([("color", factors.clone().into()), ("alpha", factors.into())]).into()
}
