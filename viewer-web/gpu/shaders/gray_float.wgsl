// Grey frames of R32Float.
@group(0) @binding(1) var frame: texture_2d<f32>;

// Whole numbers that an f32 holds exactly.
const LARGEST_STORED: f32 = 1.0e9;

fn texel_value(texel: vec2<i32>) -> f32 {
    let stored = textureLoad(frame, texel, 0).r;
    if pane.modality_lut == 1u {
        let nearest = floor(clamp(stored, -LARGEST_STORED, LARGEST_STORED) + 0.5);
        return f32(modality_entry(i32(nearest)) - pane.reference);
    }
    return stored - pane.reference_float;
}
