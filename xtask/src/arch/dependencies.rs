//! Who may know whom: the dependency table, checked on the graph that cargo resolves.

use std::process::Command;

use anyhow::Result;

use super::metadata::Metadata;
use crate::process;
use crate::setup::wasm::TARGET;
use crate::workspace::Workspace;

/// What one crate, compiled one way, may pull in.
struct Rule {
    package: &'static str,
    features: &'static str,
    /// For the browser, else for the machine this runs on.
    browser: bool,
    /// Crates of ours that may be pulled in; all others may not.
    ours: &'static [&'static str],
    /// Foreign crates that may not be pulled in, at any depth; `*` at the end stands for anything.
    forbidden: &'static [&'static str],
}

const SERVER_ONLY: &[&str] =
    &["axum*", "tokio", "sqlx*", "reqwest", "hyper*", "object_store", "rustls"];
const CORE_MUST_NOT: &[&str] = &["wgpu*", "web-sys", "leptos*", "tokio", "axum*"];
const BARE_CORE_MUST_NOT: &[&str] = &[
    "dicom-*",
    "flate2",
    "jpeg-*",
    "jxl*",
    "libjpeg-*",
    "web-sys",
    "js-sys",
    "wasm-bindgen",
    "wgpu*",
    "leptos*",
    "tokio",
    "chrono",
];
const PROTOCOL_MUST_NOT: &[&str] =
    &["dicom-*", "flate2", "jpeg-*", "jxl*", "libjpeg-*", "web-sys", "wgpu*", "leptos*", "tokio"];
const GPU_MUST_NOT: &[&str] = &["wgpu*", "naga", "leptos*", "dicom-*", "tokio"];
const CODECS_AND_DICOM: &[&str] =
    &["wgpu*", "dicom-*", "jpeg-decoder", "jxl*", "libjpeg-*", "axum*", "sqlx*"];

const RULES: &[Rule] = &[
    Rule::browser("viewer-core", "", &[], BARE_CORE_MUST_NOT),
    Rule::native("viewer-core", "dicom,codecs", &[], CORE_MUST_NOT),
    Rule::native("negatoscope-text", "", &[], CORE_MUST_NOT),
    Rule::browser("negatoscope-protocol", "", &["viewer-core"], PROTOCOL_MUST_NOT),
    Rule::browser("negatoscope-gpu", "webgpu", &["viewer-core"], GPU_MUST_NOT),
    Rule::browser("negatoscope-gpu", "webgl", &["viewer-core"], GPU_MUST_NOT),
    Rule::browser("negatoscope-gpu", "canvas", &["viewer-core"], GPU_MUST_NOT),
    Rule::browser(
        "negatoscope-worker",
        "",
        &["viewer-core", "negatoscope-protocol"],
        &["leptos*", "wgpu*", "naga", "dicom-*", "tokio"],
    ),
    Rule::browser(
        "negatoscope-video",
        "",
        &["viewer-core", "negatoscope-protocol"],
        &["leptos*", "wgpu*", "naga", "dicom-*", "hayro-*", "libjpeg-*", "tokio"],
    ),
    Rule::browser(
        "negatoscope-tools",
        "",
        &["viewer-core", "negatoscope-protocol", "negatoscope-text"],
        &["leptos*", "wgpu*", "naga", "dicom-*", "web-sys", "tokio"],
    ),
    Rule::browser(
        "negatoscope-compare",
        "",
        &["viewer-core", "negatoscope-protocol"],
        &["leptos*", "wgpu*", "naga", "dicom-*", "web-sys", "tokio"],
    ),
    Rule::browser(
        "negatoscope-local",
        "",
        &["viewer-core"],
        &["leptos*", "wgpu*", "naga", "web-sys", "jxl*", "hayro-*", "libjpeg-*", "tokio"],
    ),
    Rule::browser("viewer-web", "webgpu", VIEWER_USES, CODECS_AND_DICOM),
    Rule::browser("viewer-web", "webgl", VIEWER_USES, CODECS_AND_DICOM),
    Rule::browser("viewer-web", "canvas", VIEWER_USES, CODECS_AND_DICOM),
    Rule::native(
        "server",
        "",
        &["viewer-core", "negatoscope-text"],
        &["leptos*", "wgpu*", "naga", "web-sys", "openssl", "openssl-sys", "native-tls"],
    ),
    Rule::native("negatoscope-phantom", "", &[], SERVER_ONLY),
    Rule::native("xtask", "", &["negatoscope-phantom"], SERVER_ONLY),
];

const VIEWER_USES: &[&str] =
    &["viewer-core", "negatoscope-protocol", "negatoscope-gpu", "negatoscope-text"];

impl Rule {
    const fn browser(
        package: &'static str,
        features: &'static str,
        ours: &'static [&'static str],
        forbidden: &'static [&'static str],
    ) -> Self {
        Self { package, features, browser: true, ours, forbidden }
    }

    const fn native(
        package: &'static str,
        features: &'static str,
        ours: &'static [&'static str],
        forbidden: &'static [&'static str],
    ) -> Self {
        Self { browser: false, ..Self::browser(package, features, ours, forbidden) }
    }

    /// Why `name` may not be below this crate; `None` where it may.
    fn objection(&self, name: &str, members: &[&str]) -> Option<&'static str> {
        if name == self.package {
            None
        } else if members.contains(&name) {
            (!self.ours.contains(&name)).then_some("a crate of ours it may not know")
        } else {
            matches_any(self.forbidden, name).then_some("forbidden")
        }
    }

    fn title(&self) -> String {
        let features = if self.features.is_empty() { "no features" } else { self.features };
        format!("{} ({features}{})", self.package, if self.browser { ", browser" } else { "" })
    }
}

/// Violations, each with the path that leads to it.
pub(crate) fn check(workspace: &Workspace, metadata: &Metadata) -> Result<Vec<String>> {
    let members: Vec<&str> = metadata.members().map(|package| package.name.as_str()).collect();
    let mut violations = Vec::new();
    for member in members.iter().filter(|name| !RULES.iter().any(|rule| rule.package == **name)) {
        violations.push(format!("{member} has no rule in xtask/src/arch/dependencies.rs"));
    }
    for rule in RULES {
        let tree = dependency_tree(workspace, rule)?;
        violations.extend(
            offending_paths(&tree, |name| rule.objection(name, &members))
                .into_iter()
                .map(|(path, why)| format!("{}: {} ({why})", rule.title(), path.join(" → "))),
        );
    }
    Ok(violations)
}

fn matches_any(patterns: &[&str], name: &str) -> bool {
    patterns.iter().any(|pattern| match pattern.strip_suffix('*') {
        Some(start) => name.starts_with(start),
        None => name == *pattern,
    })
}

/// `cargo tree`, one line per crate: its depth and its name.
fn dependency_tree(workspace: &Workspace, rule: &Rule) -> Result<String> {
    let mut cargo = Command::new(Workspace::cargo());
    cargo.current_dir(&workspace.root).args([
        "tree",
        "--package",
        rule.package,
        "--edges",
        "normal,no-proc-macro",
    ]);
    cargo.args(["--prefix", "depth", "--format", " {p}", "--no-default-features"]);
    if !rule.features.is_empty() {
        cargo.args(["--features", rule.features]);
    }
    if rule.browser {
        cargo.args(["--target", TARGET]);
    }
    process::output_of(&mut cargo)
}

/// Paths from the top of the tree to every crate that is objected to.
fn offending_paths(
    tree: &str,
    objection: impl Fn(&str) -> Option<&'static str>,
) -> Vec<(Vec<&str>, &'static str)> {
    let mut path: Vec<&str> = Vec::new();
    let mut found: Vec<(Vec<&str>, &'static str)> = Vec::new();
    for line in tree.lines() {
        let mut words = line.split(' ');
        let (Some(depth), Some(name)) =
            (words.next().and_then(|depth| depth.parse::<usize>().ok()), words.next())
        else {
            continue;
        };
        path.truncate(depth);
        path.push(name);
        if let Some(why) = objection(name)
            && !found.iter().any(|(known, _)| known.last() == Some(&name))
        {
            found.push((path.clone(), why));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const TREE: &str = "0 viewer v0.1.0 (/somewhere)\n1 core v0.1.0\n2 serde v1.0.0\n1 gpu v0.1.0\n2 web-sys v0.3.0 (*)\n2 serde v1.0.0 (*)\n";

    #[test]
    fn the_path_to_a_forbidden_crate_is_named() {
        let found = offending_paths(TREE, |name| (name == "web-sys").then_some("forbidden"));
        assert_eq!(found, [(vec!["viewer", "gpu", "web-sys"], "forbidden")]);
    }

    #[test]
    fn a_crate_is_reported_once() {
        let found = offending_paths(TREE, |name| (name == "serde").then_some("forbidden"));
        assert_eq!(found, [(vec!["viewer", "core", "serde"], "forbidden")]);
    }

    #[test]
    fn crates_of_ours_need_permission() {
        let rule = Rule::native("a", "", &["b"], &["dicom-*"]);
        let members = ["a", "b", "c"];
        assert_eq!(rule.objection("b", &members), None);
        assert!(rule.objection("c", &members).is_some());
        assert!(rule.objection("dicom-core", &members).is_some());
        assert_eq!(rule.objection("serde", &members), None);
    }
}
