//! One browser module: compiled, given its JavaScript glue, optimised.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use wasm_bindgen_cli_support::{Bindgen, Output};

use super::digest::hex_digest_of;
use crate::process;
use crate::setup::wasm::{TARGET, Toolchain};
use crate::workspace::Workspace;

/// What to compile and how.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Module {
    /// Name of its files: `NAME.js`, `NAME_bg.wasm`.
    pub(crate) name: &'static str,
    package: &'static str,
    /// The library as cargo names its file.
    library: &'static str,
    features: &'static str,
    profile: &'static str,
    target_features: &'static [&'static str],
    /// Options of `wasm-opt`.
    optimise: &'static [&'static str],
}

/// The user interface for WebGPU, for WebGL2 and without a GPU, the decoders, what videos need, the measuring tools, comparing, and
/// what reads the reader's own media.
///
/// Each is compiled by a cargo call of its own: in one call cargo would unite the features of the
/// crates they share, and every module would carry both back ends and the codecs.
pub(crate) const MODULES: [Module; 10] = [
    user_interface("ui-webgpu", "webgpu"),
    user_interface("ui-webgl", "webgl"),
    // What draws is to be fast here: see the profile.
    Module {
        profile: "web-canvas",
        optimise: &["-O3", "--enable-simd"],
        ..user_interface("ui-canvas", "canvas")
    },
    decoder("decode", "base"),
    decoder("decode-common", "common"),
    // What is rare is to be small first: see docs/adr/0010, and the profile `web-decode`.
    Module { optimise: &["-Oz", "--enable-simd"], ..decoder("decode-rare", "rare") },
    Module {
        package: "negatoscope-video",
        library: "negatoscope_video",
        ..decoder("decode-video", "")
    },
    Module {
        package: "negatoscope-tools",
        library: "negatoscope_tools",
        ..user_interface("tools", "")
    },
    Module {
        package: "negatoscope-compare",
        library: "negatoscope_compare",
        ..user_interface("compare-desk", "")
    },
    Module {
        package: "negatoscope-local",
        library: "negatoscope_local",
        ..user_interface("local-reader", "")
    },
];

/// Some of the decoders: the small ones, which every exam waits for, or those of some more families, fetched
/// when a frame needs them.
const fn decoder(name: &'static str, feature: &'static str) -> Module {
    Module {
        name,
        package: "negatoscope-worker",
        library: "negatoscope_worker",
        features: feature,
        profile: DECODERS,
        target_features: &["+simd128"],
        optimise: &["-O3", "--enable-simd"],
    }
}

const fn user_interface(name: &'static str, feature: &'static str) -> Module {
    Module {
        name,
        package: "viewer-web",
        library: "viewer_web",
        features: feature,
        profile: "web-ui",
        // Browsers without it cannot decode either.
        target_features: &["+simd128"],
        optimise: &["-Oz", "--enable-simd"],
    }
}

/// WebAssembly features that the compiler uses by itself and every browser with WebGL2 and modules has.
const COMMON_FEATURES: [&str; 6] = [
    "--enable-bulk-memory",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

/// The profile of the decoders.
const DECODERS: &str = "web-decode";
/// The quick profile for work on the viewer.
const DEV_PROFILE: &str = "web-dev";

/// How modules are built in this run.
pub(crate) struct Builder<'a> {
    /// Where.
    pub(crate) workspace: &'a Workspace,
    /// By which compiler.
    pub(crate) toolchain: Toolchain,
    /// Quick profile, no optimiser.
    pub(crate) dev: bool,
    /// Keep the names of functions.
    pub(crate) names: bool,
    /// The optimiser; `None` where it could not be had.
    pub(crate) wasm_opt: Option<PathBuf>,
}

impl Builder<'_> {
    /// Builds a module and returns the folder with `NAME.js` and `NAME_bg.wasm`.
    pub(crate) fn build(&self, module: &Module) -> Result<PathBuf> {
        let compiled = process::step(format!("compile {}", module.name), || self.compile(module))?;
        let folder = self.folder(module);
        let options = format!("{module:?} {} {} {:?}", self.dev, self.names, self.wasm_opt);
        let digest = hex_digest_of(&[&compiled, options.as_bytes()]);
        let stamp = folder.join("digest");
        if fs::read_to_string(&stamp).is_ok_and(|done| done == digest) {
            return Ok(folder);
        }
        process::step(format!("bind {}", module.name), || self.bind(module, compiled, &folder))?;
        if let Some(wasm_opt) = &self.wasm_opt {
            process::step(format!("optimise {}", module.name), || {
                self.optimise(module, wasm_opt, &folder)
            })?;
        }
        fs::write(stamp, digest)?;
        Ok(folder)
    }

    /// The folder of an earlier build, if there was one.
    pub(crate) fn built(&self, module: &Module) -> Option<PathBuf> {
        Some(self.folder(module)).filter(|folder| folder.join("digest").exists())
    }

    fn folder(&self, module: &Module) -> PathBuf {
        let variant = if self.dev { "modules-dev" } else { "modules" };
        self.workspace.target.join(self.kind()).join(variant).join(module.name)
    }

    fn compile(&self, module: &Module) -> Result<Vec<u8>> {
        let profile = if self.dev { DEV_PROFILE } else { module.profile };
        // Modules apart: two builds of one library write the same file, and cargo would make each of them
        // again at every change from one to the other.
        let target = self.target(module);
        self.begin(module, &target)?;
        let mut cargo = self.toolchain.cargo("rustc", &self.flags(module));
        cargo
            .current_dir(&self.workspace.root)
            .args(["--package", module.package, "--lib", "--crate-type", "cdylib"])
            .arg("--no-default-features")
            .args(["--profile", profile, "--target-dir"])
            .arg(&target);
        if !self.dev {
            cargo.arg("--locked");
        }
        if !module.features.is_empty() {
            cargo.args(["--features", module.features]);
        }
        process::run(&mut cargo)?;
        let file = target.join(TARGET).join(profile).join(format!("{}.wasm", module.library));
        fs::read(&file).with_context(|| format!("cargo made no {}", file.display()))
    }

    /// Where cargo compiles a module.
    fn target(&self, module: &Module) -> PathBuf {
        self.workspace.target.join(self.kind()).join(module.name)
    }

    /// Begins a module's folder with what was compiled for one that is compiled alike: what both depend on
    /// is then there, and copying takes seconds where compiling takes minutes.
    fn begin(&self, module: &Module, target: &Path) -> Result<()> {
        let is_alike = |other: &&Module| {
            other.profile == module.profile && self.flags(other) == self.flags(module)
        };
        let folders = MODULES.iter().filter(is_alike).map(|other| self.target(other));
        let mut there = folders.filter(|folder| folder.is_dir());
        let Some(alike) = (if target.exists() { None } else { there.next() }) else {
            return Ok(());
        };
        // Under another name until it is whole.
        let copy = target.with_extension("copy");
        if copy.exists() {
            fs::remove_dir_all(&copy)?;
        }
        // `cp` keeps the times of files, by which cargo knows what is still good.
        process::run(Command::new("cp").arg("--archive").args([&alike, &copy]))?;
        Ok(fs::rename(copy, target)?)
    }

    /// Folder name of everything made by this compiler.
    fn kind(&self) -> &'static str {
        self.toolchain.name()
    }

    fn flags(&self, module: &Module) -> Vec<String> {
        let features = module.target_features.join(",");
        let mut flags = Vec::new();
        if !features.is_empty() {
            flags.push(format!("-Ctarget-feature={features}"));
        }
        if module.profile != DECODERS {
            // leptos then shares code between components instead of writing it out for each: 5 % less. Others
            // do not mind, and share what they depend on with the user interface.
            flags.push("--cfg=erase_components".to_owned());
        }
        // Panic messages hold source paths: those of this machine do not belong into a public file.
        flags.push(format!("--remap-path-prefix={}=", self.workspace.root.display()));
        if let Some(cargo_home) = cargo_home() {
            flags.push(format!(
                "--remap-path-prefix={}=",
                cargo_home.join("registry/src").display()
            ));
        }
        flags
    }

    fn bind(&self, module: &Module, compiled: Vec<u8>, folder: &Path) -> Result<()> {
        if folder.exists() {
            fs::remove_dir_all(folder)?;
        }
        fs::create_dir_all(folder)?;
        let mut output = Bindgen::new()
            .input_bytes(module.name, compiled)
            .web(true)?
            .typescript(false)
            // The page says where the module lies (its name has a digest in it).
            .omit_default_module_path(true)
            .remove_name_section(!self.dev && !self.names)
            .remove_producers_section(true)
            .generate_output()?;
        let has_snippets = output.snippets().values().any(|texts| !texts.is_empty());
        if has_snippets || !output.local_modules().is_empty() {
            bail!("{} has JavaScript snippets, which the site has no place for", module.name);
        }
        let names = shorten_imports(&mut output);
        output.emit(folder)?;
        let glue = folder.join(format!("{}.js", module.name));
        Ok(fs::write(&glue, with_names(fs::read_to_string(&glue)?, &names)?)?)
    }

    fn optimise(&self, module: &Module, wasm_opt: &Path, folder: &Path) -> Result<()> {
        let file = folder.join(format!("{}_bg.wasm", module.name));
        let mut command = Command::new(wasm_opt);
        command.args(module.optimise).args(COMMON_FEATURES).arg(&file).arg("--output").arg(&file);
        if self.names {
            command.arg("--debuginfo");
        }
        process::run_quietly(&mut command)
    }
}

/// Gives short names to what the module asks for: wasm-bindgen's have a digest in them, which no compression makes
/// smaller, and stand in both files. Returns the new by the old. (A module can ask for one thing twice.)
fn shorten_imports(output: &mut Output) -> BTreeMap<String, String> {
    let mut short = BTreeMap::new();
    for import in output.wasm_mut().imports.iter_mut() {
        let number = short.len();
        let name = short.entry(import.name.clone()).or_insert_with(|| format!("i{number}"));
        import.name.clone_from(name);
    }
    short
}

/// The glue, giving what the module asks for under its new names.
fn with_names(mut glue: String, names: &BTreeMap<String, String>) -> Result<String> {
    for (old, new) in names {
        let given = format!("\n        {old}: ");
        if glue.matches(&given).count() != 1 {
            bail!("the glue does not give {old} in the usual way");
        }
        glue = glue.replace(&given, &format!("\n        {new}: "));
    }
    Ok(glue)
}

fn cargo_home() -> Option<PathBuf> {
    std::env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cargo")))
}
