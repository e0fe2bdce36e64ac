//! What was measured, as a table.

use crate::paging::Measured;

/// One line: a server under a load.
pub(crate) struct Row {
    pub(crate) ours: bool,
    pub(crate) paced: bool,
    pub(crate) rounds: Vec<Measured>,
}

impl Row {
    /// In the order they are measured.
    pub(crate) fn all() -> Vec<Self> {
        let row = |(paced, ours)| Self { ours, paced, rounds: Vec::new() };
        [(false, false), (false, true), (true, false), (true, true)].map(row).into()
    }

    fn median(&self, of: impl Fn(&Measured) -> f64) -> f64 {
        let mut values: Vec<f64> = self.rounds.iter().map(of).collect();
        values.sort_by(f64::total_cmp);
        values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
    }
}

pub(crate) fn print(rows: &[Row], viewers: usize, bytes: usize, pace: f64) {
    println!(
        "{viewers} viewers, first frame {bytes} bytes, HTTP/2 over TLS 1.3, the server on one processor\n"
    );
    println!(
        "| load | server | Gbit/s | frames/s | first byte: median, p99 (ms) | processor ms/GB | processor used | peak memory (MB) |"
    );
    println!("|---|---|--:|--:|--:|--:|--:|--:|");
    for row in rows {
        let load = if row.paced {
            format!("{pace} frames/s each")
        } else {
            "as fast as it goes".to_owned()
        };
        println!(
            "| {load} | {} | {:.2} | {:.0} | {:.1}, {:.1} | {:.0} | {:.0} % | {:.0} |",
            if row.ours { "negatoscope" } else { "bare" },
            row.median(|m| m.gigabits_per_second),
            row.median(|m| m.frames_per_second),
            row.median(|m| m.first_byte_ms[0]),
            row.median(|m| m.first_byte_ms[1]),
            row.median(|m| m.processor_ms_per_gigabyte),
            row.median(|m| m.processor_share * 100.0),
            row.median(|m| m.peak_memory as f64 / 1e6),
        );
    }
    for pair in rows.chunks(2) {
        let [bare, ours] = pair else { continue };
        println!(
            "\n{}: {:.2} of the bare server's bytes, {:.2} of its processor time for each",
            if ours.paced { "paced" } else { "as fast as it goes" },
            ours.median(|m| m.gigabits_per_second) / bare.median(|m| m.gigabits_per_second),
            ours.median(|m| m.processor_ms_per_gigabyte)
                / bare.median(|m| m.processor_ms_per_gigabyte),
        );
    }
}
