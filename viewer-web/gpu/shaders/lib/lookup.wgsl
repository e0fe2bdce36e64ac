// Lookup tables are R16Uint textures, folded into rows; `ENTRIES_PER_ROW` of src/lookup.rs is the same.
const ENTRIES_PER_ROW_LOG2: u32 = 10u;

@group(0) @binding(2) var modality_table: texture_2d<u32>;
@group(0) @binding(3) var voi_table: texture_2d<u32>;

fn cell(index: i32) -> vec2<i32> {
    let row = index >> ENTRIES_PER_ROW_LOG2;
    return vec2<i32>(index - (row << ENTRIES_PER_ROW_LOG2), row);
}

// Stored value → modality value (PS3.3 C.11.1): inputs beyond the table take its first or last entry.
fn modality_entry(stored: i32) -> i32 {
    let index = clamp(stored - pane.modality_first, 0, pane.modality_last);
    return i32(textureLoad(modality_table, cell(index), 0).r);
}

// Entry number `index`, rounded to nearest (halves upwards, with the tolerance of the CPU renderer), of the VOI LUT (PS3.3 C.11.2.1.1), as 0 … 1.
fn voi_entry(index: f32) -> f32 {
    let nearest = clamp(floor(index + 0.5 + EDGE_TOLERANCE), 0.0, f32(pane.voi_last));
    let entry = textureLoad(voi_table, cell(i32(nearest)), 0).r;
    return min(f32(entry) / pane.voi_max, 1.0);
}
