use std::rc::Rc;

use web_sys::{WebGlProgram, WebGlShader, WebGlUniformLocation};

use super::Gl;
use crate::GpuError;

include!(concat!(env!("OUT_DIR"), "/shaders.rs"));

/// A triangle that covers the target; the scissor rectangle cuts the pane out of it.
const VERTEX: &str = "#version 300 es
void main() {
    vec2 corner = vec2(gl_VertexID & 1, gl_VertexID >> 1) * 4.0 - 1.0;
    gl_Position = vec4(corner, 0.0, 1.0);
}";

/// Textures by binding number of the shaders; binding 0 is the uniform block.
pub(super) const TEXTURE_BINDINGS: [u32; 2] = [1, 2];

/// A linked program, its textures bound to units of the same number as in the shaders.
#[derive(Debug)]
pub(super) struct Program {
    program: WebGlProgram,
    target_rows: Option<WebGlUniformLocation>,
}

impl Program {
    /// Program number `index` of the build script's list.
    ///
    /// # Errors
    /// [`GpuError::NoDevice`] with the driver's words where it refuses the shader.
    pub(super) fn new(gl: &Gl, index: usize) -> Result<Rc<Self>, GpuError> {
        let refused = || GpuError::NoDevice(format!("no shader {index}"));
        let fragment = SHADERS.get(index).ok_or_else(refused)?;
        let program = gl.create_program().ok_or(GpuError::DeviceLost)?;
        let shaders =
            [compile(gl, Gl::VERTEX_SHADER, VERTEX)?, compile(gl, Gl::FRAGMENT_SHADER, fragment)?];
        for shader in &shaders {
            gl.attach_shader(&program, shader);
        }
        gl.link_program(&program);
        // The first question waits for the GPU process: the shaders are asked about only where this failed.
        if !gl.get_program_parameter(&program, Gl::LINK_STATUS).is_truthy() {
            let of_shaders = shaders.iter().filter_map(|shader| gl.get_shader_info_log(shader));
            let mut logs = of_shaders.chain(gl.get_program_info_log(&program));
            return Err(failure(gl, logs.rfind(|log| !log.is_empty())));
        }
        for shader in &shaders {
            // Goes with the program.
            gl.delete_shader(Some(shader));
        }
        bind_names(gl, &program);
        let target_rows = gl.get_uniform_location(&program, "target_rows");
        Ok(Rc::new(Self { program, target_rows }))
    }

    /// Makes it the one that draws, on a target of so many rows.
    #[expect(clippy::cast_precision_loss, reason = "targets have some thousand rows")]
    pub(super) fn activate(&self, gl: &Gl, target_rows: u32) {
        gl.use_program(Some(&self.program));
        gl.uniform1f(self.target_rows.as_ref(), target_rows as f32);
    }
}

fn compile(gl: &Gl, kind: u32, source: &str) -> Result<WebGlShader, GpuError> {
    let shader = gl.create_shader(kind).ok_or(GpuError::DeviceLost)?;
    gl.shader_source(&shader, source);
    gl.compile_shader(&shader);
    Ok(shader)
}

/// A lost context fails in the same way as a bad shader.
fn failure(gl: &Gl, log: Option<String>) -> GpuError {
    if gl.is_context_lost() {
        return GpuError::DeviceLost;
    }
    GpuError::NoDevice(log.unwrap_or_else(|| "the driver refuses a shader".to_owned()))
}

/// The translator names resources after their binding; a name that a shader does not use has no place.
fn bind_names(gl: &Gl, program: &WebGlProgram) {
    gl.use_program(Some(program));
    for binding in TEXTURE_BINDINGS {
        let name = format!("_group_0_binding_{binding}_fs");
        let place = gl.get_uniform_location(program, &name);
        gl.uniform1i(place.as_ref(), binding.cast_signed());
    }
    // The only block there is.
    gl.uniform_block_binding(program, 0, 0);
}
