// Grey frames. Values are relative to the pane's reference, in modality LUT entries or stored values.
alias Value = f32;

@fragment
fn draw(@builtin(position) position: vec4<f32>) -> @location(0) vec4<f32> {
    let centre = image_point(position.xy);
    if !is_inside(centre) {
        return rounded(vec3<f32>(pane.background));
    }
    let output = inverted(voi_output(averaged(centre)));
    return rounded(vec3<f32>(output * 255.0));
}
