// Step 2: interpolation between pixel centres. `neighbour`, the value of a pixel, and its type `Value`
// come from the shader of the frame's kind. The numbers are those of `interpolation` in src/uniforms.rs.
const NEAREST: u32 = 1u;
const CUBIC: u32 = 2u;

// The pixel a point lies in. One this close to a border belongs to the pixel after it, however positions
// are rounded.
fn pixel_under(point: Point) -> vec2<i32> {
    return normalised(point.whole, point.fraction + EDGE_TOLERANCE).whole;
}

// Catmull-Rom: of the four pixels around a point that lies `t` of the way from the second to the third.
fn cubic_weights(t: f32) -> vec4<f32> {
    let t2 = t * t;
    let t3 = t2 * t;
    return 0.5 * vec4<f32>(2.0 * t2 - t3 - t, 3.0 * t3 - 5.0 * t2 + 2.0, 4.0 * t2 - 3.0 * t3 + t, t3 - t2);
}

fn interpolated(point: Point) -> Value {
    if pane.interpolation == NEAREST {
        return neighbour(pixel_under(point));
    }
    // Pixel centres are at + 0.5.
    let from_centre = normalised(point.whole, point.fraction - 0.5);
    let first = from_centre.whole;
    let weight = from_centre.fraction;
    let top_left = neighbour(first);
    let top_right = neighbour(first + vec2<i32>(1, 0));
    let bottom_left = neighbour(first + vec2<i32>(0, 1));
    let bottom_right = neighbour(first + vec2<i32>(1, 1));
    if pane.interpolation == CUBIC {
        let across = cubic_weights(weight.x);
        let down = cubic_weights(weight.y);
        // Differences are summed, because they are small where the picture is smooth.
        var sum = Value(0.0);
        for (var j = 0; j < 4; j++) {
            for (var i = 0; i < 4; i++) {
                sum += (neighbour(first + vec2<i32>(i - 1, j - 1)) - top_left) * (across[i] * down[j]);
            }
        }
        let low = min(min(top_left, top_right), min(bottom_left, bottom_right));
        let high = max(max(top_left, top_right), max(bottom_left, bottom_right));
        return clamp(top_left + sum, low, high);
    }
    let top = top_left + (top_right - top_left) * weight.x;
    let bottom = bottom_left + (bottom_right - bottom_left) * weight.x;
    return top + (bottom - top) * weight.y;
}
