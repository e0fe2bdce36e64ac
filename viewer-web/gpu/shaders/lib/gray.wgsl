// Grey frames. Values are relative to the pane's reference, in modality LUT entries or stored values.
alias Value = f32;

// Stored values farther out are those here: far beyond any table, and far from overflow.
const FARTHEST_STORED: i32 = 1000000000;

// The value of the pixel that a sample lies in: neighbours that have none take it.
var<private> own: f32;

fn stored_at(texel: vec2<i32>) -> Stored {
    return textureLoad(frame, clamped(texel), 0).r;
}

fn neighbour(texel: vec2<i32>) -> f32 {
    let stored = stored_at(texel);
    if is_padding(stored) || is_colour(stored) {
        return own;
    }
    return value_of(stored);
}

@fragment
fn draw(@builtin(position) position: vec4<f32>) -> @location(0) vec4<f32> {
    let centre = image_point(position.xy);
    let side = select(0, pane.samples_per_side, is_inside(centre));
    var grey = 0.0;
    var greys = 0.0;
    var colour = vec3<f32>(0.0);
    var colours = 0.0;
    for (var i = 0; i < side * side; i++) {
        let point = sample_point(centre, i);
        let stored = stored_at(pixel_under(point));
        if is_padding(stored) {
            continue;
        }
        if is_colour(stored) {
            colour += colour_entry(pane.palette_at, pane.palette_last, whole(stored) - pane.palette_first);
            colours += 1.0;
        } else {
            own = value_of(stored);
            grey += interpolated(point);
            greys += 1.0;
        }
    }
    if greys + colours == 0.0 {
        return rounded(vec3<f32>(pane.background));
    }
    if greys > 0.0 {
        colour += light(voi_output(grey / greys)) * greys;
    }
    return rounded(colour / (greys + colours));
}
