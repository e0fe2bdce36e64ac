// Grey frames of R32Float.
@group(0) @binding(1) var frame: texture_2d<f32>;

alias Stored = f32;

// Where a pixel has no value there is a number beyond all others: `NO_VALUE` of src/frame_texture.rs.
fn is_padding(stored: f32) -> bool {
    return stored > 2.0e30;
}

fn is_colour(stored: f32) -> bool {
    return false;
}

fn whole(stored: f32) -> i32 {
    // Halves away from zero; `round` would take the even neighbour.
    let magnitude = floor(min(abs(stored), f32(FARTHEST_STORED)) + 0.5);
    return i32(select(magnitude, -magnitude, stored < 0.0));
}

fn value_of(stored: f32) -> f32 {
        if pane.modality_last >= 0 {
        return f32(modality_entry(whole(stored)) - pane.reference);
    }
    return stored - pane.reference_float;
}
