//! What a command took, for those who hold it against its limits.

use std::{fs, time::Instant};

/// Option to print what a command took.
#[derive(Debug, clap::Args)]
pub(super) struct Measure {
    /// Print the seconds and, on Linux, the most memory it took, to standard error.
    #[arg(long = "measure")]
    wanted: bool,
    #[arg(skip = Instant::now())]
    began: Instant,
}

impl Measure {
    /// Prints `measured: 0.012 s, 14520 kB`.
    pub(super) fn print(&self) {
        if self.wanted {
            let seconds = self.began.elapsed().as_secs_f64();
            let memory = peak_memory().map_or(String::new(), |memory| format!(", {memory}"));
            eprintln!("measured: {seconds:.3} s{memory}");
        }
    }
}

/// The largest resident set so far, as the kernel writes it.
fn peak_memory() -> Option<String> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().to_owned())
}
