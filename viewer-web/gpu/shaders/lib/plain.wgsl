// Where a target pixel lies among the pixels of a frame, for the plain shaders: drivers that draw with the processor
// take as long as there are operations. Whole parts stay below 2²², so that they are exact as floats.

// The pixel (column, row) up and to the left, and how far the point lies from its centre to the next ones', 0 … 1.
struct Spot {
    first: vec2<f32>,
    weight: vec2<f32>,
}

// As `image_point` of position.wgsl, counted from pixel centres.
fn spot(position: vec2<f32>) -> Spot {
    let high = pane.map_high;
    let low = pane.map_low;
    let anchor = pane.plain_anchor;
    let steps = floor(position) - anchor.zw;
    let by_x = high.xz * steps.x;
    let by_y = high.yw * steps.y;
    let whole_x = floor(by_x);
    let whole_y = floor(by_y);
    let small = low.xz * steps.x + low.yw * steps.y + pane.plain_frame.zw;
    let fraction = (by_x - whole_x) + (by_y - whole_y) + small;
    let carry = floor(fraction);
    return Spot(whole_x + whole_y + anchor.xy + carry, fraction - carry);
}

// How far beyond its edge a point still counts as inside the image, in image pixels:
// `EDGE_TOLERANCE` of viewer_core::display.
const EDGE_TOLERANCE: f32 = 1.0 / 512.0;

// Sums are of small numbers near an edge, where they matter.
fn is_inside(at: Spot, last: vec2<f32>) -> bool {
    let from_first = max(at.first, vec2<f32>(-2.0)) + at.weight >= vec2<f32>(-0.5 - EDGE_TOLERANCE);
    let past_last = max(at.first - last, vec2<f32>(-1.0)) + at.weight;
    return all(from_first & (past_last < vec2<f32>(0.5 + EDGE_TOLERANCE)));
}

// Sample `index`, row by row, of `samples_per_side` × `samples_per_side` in the canvas pixel whose centre is `centre`:
// `sample_point` of position.wgsl.
fn sample(centre: Spot, index: i32) -> Spot {
    let side = pane.samples_per_side;
    let cell = vec2<i32>(index % side, index / side);
    let offset = vec2<f32>(2 * cell + 1 - side) / f32(2 * side);
    let map = pane.map_high + pane.map_low;
    let fraction = centre.weight + map.xz * offset.x + map.yw * offset.y;
    let carry = floor(fraction);
    return Spot(centre.first + carry, fraction - carry);
}

// Columns and rows of the pixels around a point: the first two, then the ones after them. Where there is none the
// nearest one that exists.
fn around(at: Spot, last: vec2<f32>) -> vec4<i32> {
    return vec4<i32>(vec4<f32>(clamp(at.first, vec2<f32>(0.0), last), clamp(at.first + 1.0, vec2<f32>(0.0), last)));
}
