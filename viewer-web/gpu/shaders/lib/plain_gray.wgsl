// Grey frames of 8 and 16 bits, which are exact as floats: linear interpolation, and a window that is a ramp.
fn stored_at(column: i32, row: i32) -> f32 {
    // By way of `i32`: processors have no quick way from unsigned whole numbers to floats.
    return f32(i32(textureLoad(frame, vec2<i32>(column, row), 0).r));
}

@fragment
fn draw(@builtin(position) position: vec4<f32>) -> @location(0) vec4<f32> {
    let at = spot(position.xy);
    let last = pane.plain_frame.xy;
    let pixels = around(at, last);
    let tone = pane.plain_tone;
    let top_left = stored_at(pixels.x, pixels.y);
    let bottom_left = stored_at(pixels.x, pixels.w);
    let top = top_left - tone.z + (stored_at(pixels.z, pixels.y) - top_left) * at.weight.x;
    let bottom = bottom_left - tone.z + (stored_at(pixels.z, pixels.w) - bottom_left) * at.weight.x;
    let grey = clamp(tone.x * (top + (bottom - top) * at.weight.y) + tone.y, 0.0, 255.0);
    // To the nearest of 256 levels, here and not by the driver.
    let level = floor(select(tone.w, grey, is_inside(at, last)) + 0.5) / 255.0;
    return vec4<f32>(level, level, level, 1.0);
}
