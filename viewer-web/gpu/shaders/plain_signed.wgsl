// Plain frames of R8Sint and R16Sint.
@group(0) @binding(1) var frame: texture_2d<i32>;
