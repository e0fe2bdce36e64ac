// Grey frames of R8Sint and R16Sint.
@group(0) @binding(1) var frame: texture_2d<i32>;

fn texel_value(texel: vec2<i32>) -> f32 {
    return relative_to_reference(textureLoad(frame, texel, 0).r);
}
