// Step 2: interpolation between pixel centres, and averaging of the samples of one canvas pixel.
// `texel_value` and the type `Value` come from the shader of the frame's kind.

fn interpolated(point: Point) -> Value {
    if pane.nearest == 1u {
        // A point this close to a border belongs to the pixel after it, however positions are rounded.
        let settled = normalised(point.whole, point.fraction + EDGE_TOLERANCE);
        return texel_value(clamped(settled.whole));
    }
    // Pixel centres are at + 0.5.
    let from_centre = normalised(point.whole, point.fraction - 0.5);
    let first = from_centre.whole;
    let weight = from_centre.fraction;
    let top_left = texel_value(clamped(first));
    let top_right = texel_value(clamped(first + vec2<i32>(1, 0)));
    let bottom_left = texel_value(clamped(first + vec2<i32>(0, 1)));
    let bottom_right = texel_value(clamped(first + vec2<i32>(1, 1)));
    let top = top_left + (top_right - top_left) * weight.x;
    let bottom = bottom_left + (bottom_right - bottom_left) * weight.x;
    return top + (bottom - top) * weight.y;
}

fn averaged(centre: Point) -> Value {
    let side = pane.samples_per_side;
    if side == 1 {
        return interpolated(centre);
    }
    var sum = Value(0.0);
    for (var row = 0; row < side; row++) {
        for (var column = 0; column < side; column++) {
            sum += interpolated(sample_point(centre, vec2<i32>(column, row)));
        }
    }
    return sum / f32(side * side);
}
