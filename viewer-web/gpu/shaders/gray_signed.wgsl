// Grey frames of R8Sint, R16Sint and R32Sint.
@group(0) @binding(1) var frame: texture_2d<i32>;

alias Stored = i32;

fn whole(stored: i32) -> i32 {
    return clamp(stored, -FARTHEST_STORED, FARTHEST_STORED);
}
