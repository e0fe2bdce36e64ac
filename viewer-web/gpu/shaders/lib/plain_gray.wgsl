// Grey frames of 8 and 16 bits, which are exact as floats: linear interpolation, and a window that is a ramp.
fn stored_at(column: i32, row: i32) -> f32 {
    // By way of `i32`: processors have no quick way from unsigned whole numbers to floats.
    return f32(i32(textureLoad(frame, vec2<i32>(column, row), 0).r));
}

fn is_padding(stored: f32) -> bool {
    return stored >= pane.plain_padding.x && stored <= pane.plain_padding.y;
}

// Of two neighbours the one that `pixel_under` of sampling.wgsl takes.
fn under(weight: f32, first: f32, second: f32) -> f32 {
    return select(first, second, weight + EDGE_TOLERANCE >= 0.5);
}

// The value of the frame there, above the pane's reference, and 1; zeros where there is none.
fn sampled(at: Spot) -> vec2<f32> {
    let pixels = around(at, pane.plain_frame.xy);
    var top = vec2<f32>(stored_at(pixels.x, pixels.y), stored_at(pixels.z, pixels.y));
    var bottom = vec2<f32>(stored_at(pixels.x, pixels.w), stored_at(pixels.z, pixels.w));
    var count = 1.0;
    if pane.plain_padding.x <= pane.plain_padding.y {
        let own = under(at.weight.y, under(at.weight.x, top.x, top.y), under(at.weight.x, bottom.x, bottom.y));
        // Neighbours that have no value take that of the pixel that the point lies in.
        let padding = pane.plain_padding;
        top = select(top, vec2<f32>(own), (top >= padding.xx) & (top <= padding.yy));
        bottom = select(bottom, vec2<f32>(own), (bottom >= padding.xx) & (bottom <= padding.yy));
        count = select(1.0, 0.0, is_padding(own));
    }
    let reference = pane.plain_tone.z;
    let left = top.x - reference + (top.y - top.x) * at.weight.x;
    let right = bottom.x - reference + (bottom.y - bottom.x) * at.weight.x;
    return vec2<f32>(left + (right - left) * at.weight.y, 1.0) * count;
}

@fragment
fn draw(@builtin(position) position: vec4<f32>) -> @location(0) vec4<f32> {
    let centre = spot(position.xy);
    let tone = pane.plain_tone;
    let side = pane.samples_per_side;
    var sum = vec2<f32>(0.0);
    if side == 1 {
        sum = sampled(centre);
    } else {
        for (var i = 0; i < side * side; i++) {
            sum += sampled(sample(centre, i));
        }
    }
    let grey = clamp(tone.x * (sum.x / max(sum.y, 1.0)) + tone.y, 0.0, 255.0);
    let is_shown = sum.y > 0.0 && is_inside(centre, pane.plain_frame.xy);
    // To the nearest of 256 levels, here and not by the driver.
    let level = floor(select(tone.w, grey, is_shown) + 0.5) / 255.0;
    return vec4<f32>(level, level, level, 1.0);
}
