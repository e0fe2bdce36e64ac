//! `cargo xtask bench`: the viewer in a browser, it or the decoders beside others, the server under load; tables, no pass
//! or fail.

mod codecs;
mod consultation;
mod consulted;
mod peers;
mod server;
mod viewer;

use anyhow::Result;
use clap::{Args, Subcommand};

use crate::build;
use crate::stand::server::Profile;
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
    /// From the exam's address to the first length, ours beside OHIF, by the same harness.
    Tasks(peers::TaskOptions),
    /// The viewer over a slow network, until the whole series is there.
    Slow(viewer::SlowOptions),
    /// Minutes of random use of the viewer, with what it holds on the way.
    Soak(viewer::SoakOptions),
    /// An exam of another centre through the server, beside curl and beside a local exam.
    Consultation(consultation::Options),
    /// The same in a browser, beside a local exam.
    Consulted(consulted::Options),
    /// The server on one processor, with many viewers who page through a CT.
    Server(server::Options),
}

/// What is not made as for people, where time is short and the figures do not depend on it.
#[derive(Args, Clone, Copy, Debug, Default)]
pub(crate) struct Haste {
    /// Serve by the server's debug build: first image and loading take longer.
    #[arg(long)]
    debug_server: bool,
    /// Compile no browser module: with those of the last build.
    #[arg(long)]
    sources_only: bool,
}

impl Haste {
    fn profile(self) -> Profile {
        if self.debug_server { Profile::Debug } else { Profile::Release }
    }

    fn build(self) -> build::Options {
        build::Options { sources_only: self.sources_only, ..build::Options::default() }
    }
}

/// Sets up what is needed, measures, prints a table.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    match &options.what {
        Some(What::Codecs(codecs)) => codecs::run(workspace, codecs),
        Some(What::Peers(peers)) => peers::run(workspace, peers),
        Some(What::Tasks(tasks)) => peers::tasks(workspace, tasks),
        Some(What::Slow(slow)) => viewer::slow(workspace, *slow),
        Some(What::Soak(soak)) => viewer::soak(workspace, soak),
        Some(What::Consultation(consultation)) => consultation::run(workspace, *consultation),
        Some(What::Consulted(consulted)) => consulted::run(workspace, *consulted),
        Some(What::Server(server)) => server::run(workspace, *server),
        None => viewer::run(workspace, &options.viewer),
    }
}
