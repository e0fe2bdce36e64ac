//! `cargo xtask bench`: the viewer in a browser, it or the decoders beside others; tables, no pass or fail.

mod codecs;
mod peers;
mod viewer;

use anyhow::Result;
use clap::{Args, Subcommand};

use crate::workspace::Workspace;

/// What to measure: the viewer, unless said otherwise.
#[derive(Args, Clone, Debug)]
#[command(args_conflicts_with_subcommands = true)]
// The viewer's options are a group of this name already.
#[group(skip)]
pub(crate) struct Options {
    #[command(subcommand)]
    what: Option<What>,
    #[command(flatten)]
    viewer: viewer::Options,
}

#[derive(Subcommand, Clone, Debug)]
enum What {
    /// Our decode module beside Cornerstone3D's codecs, on the same frames in one Node process.
    Codecs(codecs::Options),
    /// The viewer beside others, by a harness that runs them in the same browser.
    Peers(peers::Options),
}

/// Sets up what is needed, measures, prints a table.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    match &options.what {
        Some(What::Codecs(codecs)) => codecs::run(workspace, codecs),
        Some(What::Peers(peers)) => peers::run(workspace, peers),
        None => viewer::run(workspace, options.viewer),
    }
}
