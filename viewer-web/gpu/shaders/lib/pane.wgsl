// One pane of the canvas: where its pixels lie in the image, and how values become grey.
// `PaneUniforms` of src/uniforms.rs, byte for byte.
struct Pane {
    map_high: vec4<f32>,
    map_low: vec4<f32>,
    plain_anchor: vec4<f32>,
    plain_frame: vec4<f32>,
    plain_tone: vec4<f32>,
    anchor_image_whole: vec2<i32>,
    anchor_image_fraction: vec2<f32>,
    anchor_px: vec2<i32>,
    frame_size: vec2<i32>,
    samples_per_side: i32,
    interpolation: u32,
    invert: u32,
    background: f32,
    level_scale: f32,
    voi: u32,
    voi_scale: f32,
    voi_offset: f32,
    reference_float: f32,
    reference: i32,
    padding_first: i32,
    padding_last: i32,
    modality_first: i32,
    modality_last: i32,
    voi_at: i32,
    voi_last: i32,
    voi_max: f32,
    palette_first: i32,
    palette_at: i32,
    palette_last: i32,
    output_at: i32,
    output_last: i32,
    plain_padding: vec2<f32>,
}

@group(0) @binding(0) var<uniform> pane: Pane;

// A triangle that covers the target; the scissor rectangle cuts the pane out of it.
@vertex
fn cover(@builtin(vertex_index) index: u32) -> @builtin(position) vec4<f32> {
    let corner = vec2<f32>(vec2<u32>(index & 1u, index >> 1u)) * 4.0 - 1.0;
    return vec4<f32>(corner, 0.0, 1.0);
}
