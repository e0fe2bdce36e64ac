// Plain colour frames of Rgba8Uint and Rgba16Uint: linear interpolation.
@group(0) @binding(1) var frame: texture_2d<u32>;

fn stored_at(column: i32, row: i32) -> vec3<f32> {
    return vec3<f32>(textureLoad(frame, vec2<i32>(column, row), 0).rgb);
}

fn sampled(at: Spot) -> vec3<f32> {
    let pixels = around(at, pane.plain_frame.xy);
    let top_left = stored_at(pixels.x, pixels.y);
    let bottom_left = stored_at(pixels.x, pixels.w);
    let top = top_left + (stored_at(pixels.z, pixels.y) - top_left) * at.weight.x;
    let bottom = bottom_left + (stored_at(pixels.z, pixels.w) - bottom_left) * at.weight.x;
    return top + (bottom - top) * at.weight.y;
}

@fragment
fn draw(@builtin(position) position: vec4<f32>) -> @location(0) vec4<f32> {
    let centre = spot(position.xy);
    let tone = pane.plain_tone;
    let side = pane.samples_per_side;
    var sum = vec3<f32>(0.0);
    if side == 1 {
        sum = sampled(centre);
    } else {
        for (var i = 0; i < side * side; i++) {
            sum += sampled(sample(centre, i));
        }
        sum /= f32(side * side);
    }
    let colour = tone.x * sum + tone.y;
    // To the nearest of 256 levels, here and not by the driver.
    let level = floor(select(vec3<f32>(tone.w), colour, is_inside(centre, pane.plain_frame.xy)) + 0.5) / 255.0;
    return vec4<f32>(level, 1.0);
}
