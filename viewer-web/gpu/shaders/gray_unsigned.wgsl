// Grey frames of R8Uint, R16Uint and R32Uint.
@group(0) @binding(1) var frame: texture_2d<u32>;

alias Stored = u32;

fn whole(stored: u32) -> i32 {
    return i32(min(stored, u32(FARTHEST_STORED)));
}
