// A point of the image: pixel (column, row) `whole` plus `fraction`, each coordinate of which is in 0 … 1.
// Kept apart so that a point far from the origin is as exact as one near it.
struct Point {
    whole: vec2<i32>,
    fraction: vec2<f32>,
}

// Anything farther than this is outside whatever the frame.
const FARTHEST: f32 = 5.0e8;

fn normalised(whole: vec2<i32>, fraction: vec2<f32>) -> Point {
    let carry = floor(clamp(fraction, vec2<f32>(-FARTHEST), vec2<f32>(FARTHEST)));
    return Point(whole + vec2<i32>(carry), fraction - carry);
}

// The image point under the centre of the target pixel that has `position`.
//
// `map_high` has 12 significant bits and `steps` at most 12, so the products are exact;
// their whole parts are summed as integers and only small remainders are ever rounded.
fn image_point(position: vec2<f32>) -> Point {
    let steps = floor(position) - vec2<f32>(pane.anchor_px);
    let limit = vec2<f32>(FARTHEST);
    let by_x = clamp(pane.map_high.xz * steps.x, -limit, limit);
    let by_y = clamp(pane.map_high.yw * steps.y, -limit, limit);
    let whole = vec2<i32>(floor(by_x)) + vec2<i32>(floor(by_y)) + pane.anchor_image_whole;
    let small = pane.map_low.xz * steps.x + pane.map_low.yw * steps.y;
    let fraction = (by_x - floor(by_x)) + (by_y - floor(by_y)) + pane.anchor_image_fraction + small;
    return normalised(whole, fraction);
}

// Sample `index`, row by row, of `samples_per_side` × `samples_per_side` in the canvas pixel whose centre is
// `centre`.
fn sample_point(centre: Point, index: i32) -> Point {
    let side = pane.samples_per_side;
    let cell = vec2<i32>(index % side, index / side);
    let offset = vec2<f32>(2 * cell + 1 - side) / f32(2 * side);
    let map = pane.map_high + pane.map_low;
    let shift = vec2<f32>(dot(map.xy, offset), dot(map.zw, offset));
    return normalised(centre.whole, centre.fraction + shift);
}

// How far beyond its edge a point still counts as inside the image, in image pixels:
// `EDGE_TOLERANCE` of viewer_core::display.
const EDGE_TOLERANCE: f32 = 1.0 / 512.0;

fn is_inside(point: Point) -> bool {
    let just_before = (point.whole == vec2<i32>(-1))
        & (point.fraction >= vec2<f32>(1.0 - EDGE_TOLERANCE));
    let just_after = (point.whole == pane.frame_size)
        & (point.fraction < vec2<f32>(EDGE_TOLERANCE));
    let from_first = (point.whole >= vec2<i32>(0)) | just_before;
    let to_last = (point.whole < pane.frame_size) | just_after;
    return all(from_first & to_last);
}

// The nearest pixel that exists.
fn clamped(texel: vec2<i32>) -> vec2<i32> {
    return clamp(texel, vec2<i32>(0), pane.frame_size - 1);
}
