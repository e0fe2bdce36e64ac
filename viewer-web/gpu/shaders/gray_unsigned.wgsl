// Grey frames of R8Uint and R16Uint.
@group(0) @binding(1) var frame: texture_2d<u32>;

fn texel_value(texel: vec2<i32>) -> f32 {
    return relative_to_reference(i32(textureLoad(frame, texel, 0).r));
}
