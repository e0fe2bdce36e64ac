// Integer frames: `Stored` is i32 or u32, and uniforms are read as that, bit for bit.

fn is_padding(stored: Stored) -> bool {
    return stored >= Stored(pane.padding_first) && stored <= Stored(pane.padding_last);
}

fn is_colour(stored: Stored) -> bool {
    return pane.palette_last >= 0 && whole(stored) >= pane.palette_first;
}

// Whole numbers are subtracted from before they become floats, so that none of their bits is lost.
fn value_of(stored: Stored) -> f32 {
    if pane.modality_last >= 0 {
        return f32(modality_entry(whole(stored)) - pane.reference);
    }
    // The lesser from the greater: the difference of any two values fits 32 bits.
    let reference = Stored(pane.reference);
    if stored < reference {
        return -f32(u32(reference) - u32(stored));
    }
    return f32(u32(stored) - u32(reference));
}
