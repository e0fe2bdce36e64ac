//! Many viewers page through a CT at once: `cargo xtask bench server` runs this.
//!
//! The server runs on a processor of its own, as does this client. In the same run a bare server (rustls and hyper,
//! which sends as many bytes out of memory) answers the same client: what the machine, the protocol and the client allow.

#![expect(clippy::unwrap_used, reason = "a measurement that cannot go on stops")]

mod bare;
mod client;
mod paging;
mod process;
mod stand;
mod table;

use std::path::PathBuf;

use clap::Parser;

use paging::{Load, Pace};
use stand::{Exam, Stand};
use table::Row;

/// How to measure.
#[derive(Parser)]
struct Arguments {
    /// The `negatoscope` program, compiled for release.
    #[arg(long)]
    server: PathBuf,
    /// Folder of the exam.
    #[arg(long)]
    exam: PathBuf,
    /// Its Study Instance UID.
    #[arg(long)]
    study: String,
    /// The patient's birth date, `YYYYMMDD`.
    #[arg(long)]
    birth_date: String,
    /// Viewers at once.
    #[arg(long)]
    viewers: usize,
    /// Seconds of each measurement.
    #[arg(long)]
    seconds: u64,
    /// How often everything is measured, in turn; medians are printed.
    #[arg(long)]
    rounds: usize,
    /// Frames each viewer asks for in a second, in the paced measurement.
    #[arg(long)]
    pace: f64,
    /// Frames as the archive has them, where viewers would rather have them packed.
    #[arg(long)]
    stored: bool,
}

/// Only as a bare server: how many bytes of body it sends.
const BARE: &str = "bare";

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().collect();
    rustls::crypto::aws_lc_rs::default_provider().install_default().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    match arguments.get(1).is_some_and(|mode| mode == BARE) {
        true => runtime.block_on(bare::serve(&arguments[2..])),
        false => runtime.block_on(measure(&Arguments::parse())),
    }
}

async fn measure(arguments: &Arguments) -> anyhow::Result<()> {
    let exam = Exam {
        folder: &arguments.exam,
        study: &arguments.study,
        birth_date: &arguments.birth_date,
    };
    let stand = Stand::start(&arguments.server, &exam)?;
    let accept =
        if arguments.stored { client::AS_STORED.to_owned() } else { client::rather_packed() };
    let viewers = stand.viewers(arguments.viewers, &accept).await;
    let frames = stand.frames(&viewers[0]).await;
    let bytes = viewers[0].fetch(&frames[0]).await.bytes;
    let bare = bare::Bare::start(bytes)?;
    let others = bare.viewers(arguments.viewers).await;
    let bare_frames = vec!["/".to_owned()];
    let mut rows = Row::all();
    for _ in 0..arguments.rounds {
        for row in &mut rows {
            let load = Load {
                seconds: arguments.seconds,
                pace: if row.paced { Pace::Each(arguments.pace) } else { Pace::AsFastAsItGoes },
            };
            let measured = match row.ours {
                true => paging::page(&viewers, &frames, &load, stand.process()).await,
                false => paging::page(&others, &bare_frames, &load, bare.process()).await,
            };
            row.rounds.push(measured);
        }
    }
    table::print(&rows, arguments.viewers, bytes, arguments.pace);
    Ok(())
}
