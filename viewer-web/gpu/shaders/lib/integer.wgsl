// Whole numbers are subtracted from before they become floats, so that none of their bits is lost.
fn relative_to_reference(stored: i32) -> f32 {
    if pane.modality_lut == 1u {
        return f32(modality_entry(stored) - pane.reference);
    }
    return f32(stored - pane.reference);
}
