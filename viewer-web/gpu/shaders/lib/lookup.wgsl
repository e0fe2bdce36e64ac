// Lookup tables are one R16Uint texture, folded into rows; `ENTRIES_PER_ROW` of src/lookup.rs is the same.
const ENTRIES_PER_ROW_LOG2: u32 = 10u;

@group(0) @binding(2) var tables: texture_2d<u32>;

fn entry(at: i32) -> u32 {
    let row = at >> ENTRIES_PER_ROW_LOG2;
    return textureLoad(tables, vec2<i32>(at - (row << ENTRIES_PER_ROW_LOG2), row), 0).r;
}

// Stored value → modality value (PS3.3 C.11.1): inputs beyond the table take its first or last entry.
fn modality_entry(stored: i32) -> i32 {
    return i32(entry(clamp(stored - pane.modality_first, 0, pane.modality_last)));
}

// `index` rounded to nearest, halves upwards, with the tolerance of the CPU renderer.
fn nearest_index(index: f32, last: i32) -> i32 {
    return i32(clamp(floor(index + 0.5 + EDGE_TOLERANCE), 0.0, f32(last)));
}

// Entry number `index` of the VOI LUT (PS3.3 C.11.2.1.1), as 0 … 1.
fn voi_entry(index: f32) -> f32 {
    return min(f32(entry(pane.voi_at + nearest_index(index, pane.voi_last))) / pane.voi_max, 1.0);
}

// Levels of a table of red, then green, then blue entries.
fn colour_entry(first: i32, last: i32, index: i32) -> vec3<f32> {
    let at = first + min(index, last);
    let step = last + 1;
    return vec3<f32>(vec3<u32>(entry(at), entry(at + step), entry(at + 2 * step))) * (255.0 / 65535.0);
}
