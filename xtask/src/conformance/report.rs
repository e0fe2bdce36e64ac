//! What is printed in the end: a table of transfer syntaxes, then every deviation.

use std::collections::BTreeMap;
use std::fmt;

use super::manifest::Row;
use super::outcome::Verdict;
use super::renders::Renders;

/// Everything that was found.
#[derive(Default)]
pub(super) struct Report {
    pub(super) native: Decoded,
    pub(super) wasm: Decoded,
    pub(super) renders: Option<Renders>,
}

/// Files decoded in one way.
#[derive(Default)]
pub(super) struct Decoded {
    by_syntax: BTreeMap<String, Counts>,
    deviations: Vec<String>,
}

/// Files of one transfer syntax.
#[derive(Clone, Copy, Default)]
struct Counts {
    exact: usize,
    within: usize,
    refused: usize,
    no_reference: usize,
    deviations: usize,
}

impl Decoded {
    pub(super) fn add(&mut self, row: &Row, verdict: Verdict) {
        let counts = self.by_syntax.entry(row.get("transfer_syntax").to_owned()).or_default();
        match verdict {
            Verdict::Exact => counts.exact += 1,
            Verdict::Within => counts.within += 1,
            Verdict::Refused => counts.refused += 1,
            Verdict::NoReference => counts.no_reference += 1,
            Verdict::Deviation(what) => {
                counts.deviations += 1;
                self.deviations.push(format!("{}: {what}", row.get("path")));
            }
        }
    }
}

impl Counts {
    fn all(self) -> [usize; 5] {
        [self.exact, self.within, self.refused, self.no_reference, self.deviations]
    }
}

impl Report {
    pub(super) fn deviations(&self) -> usize {
        let drawn = self.renders.as_ref().map_or(0, |renders| renders.deviations.len());
        self.native.deviations.len() + self.wasm.deviations.len() + drawn
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, decoded) in [("native", &self.native), ("WebAssembly", &self.wasm)] {
            if !decoded.by_syntax.is_empty() {
                writeln!(f, "\nDecoded, {name}:")?;
                decoded.fmt(f)?;
            }
        }
        if let Some(renders) = &self.renders {
            let Renders { agreed, refused, explained, deviations } = renders;
            writeln!(
                f,
                "\nDrawn: {agreed} agree, {refused} refused, {} explained, {} deviate",
                explained.len(),
                deviations.len()
            )?;
            write_lines(f, "explained", explained)?;
            write_lines(f, "DEVIATION", deviations)?;
        }
        Ok(())
    }
}

impl fmt::Display for Decoded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "| transfer syntax | files | exact | lossy, within | refused | no reference | deviate |"
        )?;
        writeln!(f, "|---|--:|--:|--:|--:|--:|--:|")?;
        let mut total = [0; 5];
        for (syntax, counts) in &self.by_syntax {
            let syntax = if syntax.is_empty() { "none stated" } else { syntax };
            write_row(f, syntax, counts.all())?;
            total.iter_mut().zip(counts.all()).for_each(|(total, count)| *total += count);
        }
        write_row(f, "all", total)?;
        write_lines(f, "DEVIATION", &self.deviations)
    }
}

fn write_row(f: &mut fmt::Formatter<'_>, name: &str, counts: [usize; 5]) -> fmt::Result {
    let [exact, within, refused, no_reference, deviations] = counts;
    let files: usize = counts.iter().sum();
    writeln!(
        f,
        "| {name} | {files} | {exact} | {within} | {refused} | {no_reference} | {deviations} |"
    )
}

fn write_lines(f: &mut fmt::Formatter<'_>, kind: &str, lines: &[String]) -> fmt::Result {
    lines.iter().try_for_each(|line| writeln!(f, "{kind}  {line}"))
}
