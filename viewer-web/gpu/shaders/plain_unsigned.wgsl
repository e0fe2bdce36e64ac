// Plain frames of R8Uint and R16Uint.
@group(0) @binding(1) var frame: texture_2d<u32>;
