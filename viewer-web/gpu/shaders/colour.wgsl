// Colour frames of Rgba8Uint: no modality and no VOI step. Values are 0 … 255.
@group(0) @binding(1) var frame: texture_2d<u32>;

alias Value = vec3<f32>;

fn texel_value(texel: vec2<i32>) -> vec3<f32> {
    return vec3<f32>(textureLoad(frame, texel, 0).rgb);
}

@fragment
fn draw(@builtin(position) position: vec4<f32>) -> @location(0) vec4<f32> {
    let centre = image_point(position.xy);
    if !is_inside(centre) {
        return rounded(vec3<f32>(pane.background));
    }
    let colour = averaged(centre);
    return rounded(select(colour, 255.0 - colour, pane.invert == 1u));
}
