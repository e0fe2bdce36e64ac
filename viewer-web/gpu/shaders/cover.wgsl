// What lies over a frame: shutter and overlays, blended over the drawn pane. The rule is that of
// viewer_core::display::cover. Needs lib/position.wgsl.

// `CoverUniforms` of src/cover.rs, byte for byte.
struct CoverPane {
    map_high: vec4<f32>,
    map_low: vec4<f32>,
    anchor_image_whole: vec2<i32>,
    anchor_image_fraction: vec2<f32>,
    anchor_px: vec2<i32>,
    frame_size: vec2<i32>,
    samples_per_side: i32,
    shown: u32,
    region_opacity: f32,
    padding: u32,
    shutter: vec4<f32>,
    graphic: vec4<f32>,
    region: vec4<f32>,
}

@group(0) @binding(0) var<uniform> pane: CoverPane;
@group(0) @binding(1) var cells: texture_2d<u32>;

// A triangle that covers the target; the scissor rectangle cuts the pane out of it.
@vertex
fn cover(@builtin(vertex_index) index: u32) -> @builtin(position) vec4<f32> {
    let corner = vec2<f32>(vec2<u32>(index & 1u, index >> 1u)) * 4.0 - 1.0;
    return vec4<f32>(corner, 0.0, 1.0);
}

// Flags of the image pixel a point lies in, as 0 or 1: shutter, graphics, region.
fn flags_at(point: Point) -> vec3<f32> {
    let settled = normalised(point.whole, point.fraction + EDGE_TOLERANCE);
    let flags = textureLoad(cells, clamped(settled.whole), 0).r & pane.shown;
    return vec3<f32>(vec3<u32>(flags, flags >> 1u, flags >> 2u) & vec3<u32>(1u));
}

// Colour, multiplied by its opacity.
@fragment
fn draw(@builtin(position) position: vec4<f32>) -> @location(0) vec4<f32> {
    let centre = image_point(position.xy);
    if !is_inside(centre) {
        return vec4<f32>(0.0);
    }
    let side = pane.samples_per_side;
    var hits = vec3<f32>(0.0);
    for (var i = 0; i < side * side; i++) {
        hits += flags_at(sample_point(centre, i));
    }
    let shutter = hits.x / f32(side * side);
    let lines = min(hits.yz / f32(side), vec2<f32>(1.0));
    let region = lines.y * pane.region_opacity;
    let below = mix(pane.shutter.rgb * shutter, pane.region.rgb, region);
    let colour = mix(below, pane.graphic.rgb, lines.x);
    return vec4<f32>(colour, 1.0 - (1.0 - shutter) * (1.0 - region) * (1.0 - lines.x));
}
