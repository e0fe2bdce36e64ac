//! Writes the shaders as the browser takes them: for WebGPU without what is meant for readers, for WebGL2 translated
//! to GLSL ES 3.00, so that no translator has to be sent to the browser.

use std::error::Error;
use std::fmt::Write as _;
use std::path::Path;

use shader_kind::ShaderKind;
use shader_text::COVER;

#[expect(unreachable_pub, reason = "the crate exports it")]
#[path = "src/shader_kind.rs"]
mod shader_kind;
#[path = "src/shader_text.rs"]
mod shader_text;

/// Writes `shaders.rs`: a shader per kind, in the order of `ShaderKind::ALL`, then that of covers.
fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=shaders");
    println!("cargo::rerun-if-changed=src/shader_kind.rs");
    println!("cargo::rerun-if-changed=src/shader_text.rs");
    let mut code = String::from("const SHADERS: &[&str] = &[\n");
    let panes = ShaderKind::ALL.map(ShaderKind::source);
    for source in panes.into_iter().chain([COVER.to_owned()]) {
        #[cfg(feature = "webgl")]
        let source = webgl::fragment_shader(&source)?;
        writeln!(code, "    {:?},", compact(&source))?;
    }
    code.push_str("];\n");
    std::fs::write(Path::new(&std::env::var("OUT_DIR")?).join("shaders.rs"), code)?;
    Ok(())
}

/// Without comments and indentation.
fn compact(source: &str) -> String {
    let lines = source.lines().map(|line| line.split("//").next().unwrap_or_default().trim());
    lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

#[cfg(feature = "webgl")]
mod webgl {
    use std::error::Error;

    use naga::back::glsl;
    use naga::valid::{Capabilities, ValidationFlags, Validator};

    pub(crate) fn fragment_shader(source: &str) -> Result<String, Box<dyn Error>> {
        let module =
            naga::front::wgsl::parse_str(source).map_err(|error| error.emit_to_string(source))?;
        let info = Validator::new(ValidationFlags::all(), Capabilities::empty())
            .validate(&module)
            .map_err(|error| error.emit_to_string(source))?;
        let options = glsl::Options {
            version: glsl::Version::Embedded { version: 300, is_webgl: true },
            writer_flags: glsl::WriterFlags::empty(),
            ..glsl::Options::default()
        };
        let entry = glsl::PipelineOptions {
            shader_stage: naga::ShaderStage::Fragment,
            entry_point: "draw".to_owned(),
            multiview: None,
        };
        let policies = naga::proc::BoundsCheckPolicies::default();
        let mut text = String::new();
        glsl::Writer::new(&mut text, &module, &info, &options, &entry, policies)?.write()?;
        counted_from_the_top(&text)
    }

    /// WebGL counts rows of pixels from the bottom, the shaders (as WebGPU) from the top.
    fn counted_from_the_top(text: &str) -> Result<String, Box<dyn Error>> {
        let turned = "vec4(gl_FragCoord.x, target_rows - gl_FragCoord.y, gl_FragCoord.zw)";
        let (version, rest) = text.split_once('\n').ok_or("no first line")?;
        if !rest.contains("gl_FragCoord") {
            return Err("the shader does not know where it is".into());
        }
        let rest = rest.replace("gl_FragCoord", turned);
        let precision = rest.rfind("precision highp").ok_or("no precision")?;
        let line =
            precision + rest[precision..].find('\n').ok_or("no line after the precision")? + 1;
        let (head, body) = rest.split_at(line);
        Ok(format!("{version}\n{head}uniform float target_rows;\n{body}"))
    }
}
