// Grey frames of R32Float.
@group(0) @binding(1) var frame: texture_2d<f32>;

// Far beyond any table, and far from overflow.
const LARGEST_STORED: f32 = 1.0e9;

fn texel_value(texel: vec2<i32>) -> f32 {
    let stored = textureLoad(frame, texel, 0).r;
    if pane.modality_lut == 1u {
        // Halves away from zero; `round` would take the even neighbour.
        let magnitude = floor(min(abs(stored), LARGEST_STORED) + 0.5);
        let nearest = select(magnitude, -magnitude, stored < 0.0);
        return f32(modality_entry(i32(nearest)) - pane.reference);
    }
    return stored - pane.reference_float;
}
