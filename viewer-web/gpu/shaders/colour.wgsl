// Colour frames of Rgba8Uint and Rgba16Uint: no modality and no VOI step. Values are levels of 0 … 255.
@group(0) @binding(1) var frame: texture_2d<u32>;

alias Value = vec3<f32>;

fn neighbour(texel: vec2<i32>) -> vec3<f32> {
    return vec3<f32>(textureLoad(frame, clamped(texel), 0).rgb) * pane.level_scale;
}

@fragment
fn draw(@builtin(position) position: vec4<f32>) -> @location(0) vec4<f32> {
    let centre = image_point(position.xy);
    if !is_inside(centre) {
        return rounded(vec3<f32>(pane.background));
    }
    let side = pane.samples_per_side;
    var sum = vec3<f32>(0.0);
    for (var i = 0; i < side * side; i++) {
        sum += interpolated(sample_point(centre, i));
    }
    let colour = sum / f32(side * side);
    return rounded(select(colour, 255.0 - colour, pane.invert == 1u));
}
