// Steps 3 to 5: VOI, inversion and output table, 8-bit rounding. The cases are those of `VoiStep` in
// src/tone.rs.
const VOI_RAMP: u32 = 0u;
const VOI_STEP: u32 = 1u;
const VOI_SIGMOID: u32 = 2u;

// `value` is relative to the pane's reference.
fn voi_output(value: f32) -> f32 {
    let t = pane.voi_scale * value + pane.voi_offset;
    switch pane.voi {
        case VOI_RAMP: {}
        case VOI_STEP: {
            return select(1.0, 0.0, t <= 0.0);
        }
        case VOI_SIGMOID: {
            return 1.0 / (1.0 + exp(clamp(t, -80.0, 80.0)));
        }
        default: {
            return voi_entry(t);
        }
    }
    return clamp(t, 0.0, 1.0);
}

// The levels that a grey of 0 … 1 is shown as.
fn light(output: f32) -> vec3<f32> {
    let grey = select(output, 1.0 - output, pane.invert == 1u);
    if pane.output_last >= 0 {
        let last = pane.output_last;
        return colour_entry(pane.output_at, last, nearest_index(grey * f32(last), last));
    }
    return vec3<f32>(grey * 255.0);
}

// To the nearest of 256 levels, here and not by the driver.
fn rounded(level: vec3<f32>) -> vec4<f32> {
    return vec4<f32>(floor(level + 0.5) / 255.0, 1.0);
}
