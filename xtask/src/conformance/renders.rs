//! The reference renderer against pictures made by others.

use std::fs::{self, File};
use std::io::BufReader;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use super::manifest::{self, Row};
use super::native;
use crate::workspace::Workspace;

/// Share of the pixels that must be within one level.
const SHARE: f64 = 0.999;

/// Colour of overlay graphics: `viewer_core::display::cover::GRAPHIC_RGB`.
const OVERLAY_RGB: [u8; 3] = [255, 200, 0];

/// How the pictures compare.
#[derive(Debug, Default)]
pub(super) struct Renders {
    /// Pictures that agree.
    pub(super) agreed: usize,
    /// Pictures of files that are refused, as the statement says.
    pub(super) refused: usize,
    /// Pictures that differ for a known reason: path and reason.
    pub(super) explained: Vec<String>,
    /// Pictures that differ.
    pub(super) deviations: Vec<String>,
}

pub(super) fn check(workspace: &Workspace, program: &Path, dir: &Path) -> Result<Renders> {
    let folder = dir.join("reference-render");
    let mut found = Renders::default();
    if !folder.join("RENDERS.tsv").is_file() {
        return Ok(found);
    }
    let known = manifest::read(&workspace.root.join("xtask/tools/known-differences.tsv"))?;
    let drawn = workspace.target.join("conformance.png");
    for row in manifest::read(&folder.join("RENDERS.tsv"))? {
        let source = row.get("source");
        let known = known.iter().find(|known| known.get("source") == source);
        match draw(program, &dir.join(source), row.get("voi"), &drawn)? {
            Drawn::Unsupported => found.refused += 1,
            Drawn::Failed(said) => found.deviations.push(format!("{source}: {said}")),
            Drawn::Picture => {
                let pair = [read_png(&drawn)?, read_png(&folder.join(row.get("png")))?];
                found.add(source, &pair, known);
            }
        }
    }
    if drawn.exists() {
        fs::remove_file(drawn)?;
    }
    Ok(found)
}

impl Renders {
    fn add(&mut self, source: &str, [found, expected]: &[Picture; 2], known: Option<&Row>) {
        let share = found.share(expected, |a, b| is_within(a, b, 1));
        let explained = known.filter(|known| {
            let how = known.get("differs");
            found.share(expected, |a, b| is_within(a, b, 1) || differs(how, a, b)) >= SHARE
        });
        match (share >= SHARE, known, explained) {
            (true, None, _) => self.agreed += 1,
            (true, Some(_), _) => {
                self.deviations.push(format!("{source}: agrees, and is said not to"));
            }
            (false, _, Some(known)) => {
                self.explained.push(format!("{source}: {}", known.get("reason")));
            }
            (false, ..) => {
                self.deviations.push(format!("{source}: {:.2} % within 1", share * 100.0));
            }
        }
    }
}

enum Drawn {
    Picture,
    Unsupported,
    Failed(String),
}

fn draw(program: &Path, file: &Path, voi: &str, png: &Path) -> Result<Drawn> {
    let mut command = Command::new(program);
    command.arg("render").arg(file).arg("--output").arg(png);
    match voi {
        "window 1" => command.args(["--voi", "1"]),
        "VOI LUT 1" => command.args(["--voi", "lut1"]),
        "min-max of the frame" => command.args(["--voi", "range"]),
        _ => &mut command,
    };
    let (status, said) = native::run(&mut command, |_output| {})?;
    Ok(match status {
        Some(0) => Drawn::Picture,
        Some(3) => Drawn::Unsupported,
        _ => Drawn::Failed(said),
    })
}

/// RGB, 8 bits a channel.
struct Picture {
    size: [u32; 2],
    rgb: Vec<u8>,
}

impl Picture {
    /// Share of the pixels that agree; 0 where the sizes differ.
    fn share(&self, other: &Self, agree: impl Fn(&[u8], &[u8]) -> bool) -> f64 {
        if self.size != other.size {
            return 0.0;
        }
        let pixels = self.rgb.chunks_exact(3).zip(other.rgb.chunks_exact(3));
        let count = pixels.filter(|(ours, theirs)| agree(ours, theirs)).count();
        count as f64 / (self.rgb.len() / 3).max(1) as f64
    }
}

/// Whether all channels are this close.
fn is_within(ours: &[u8], theirs: &[u8], levels: u8) -> bool {
    ours.iter().zip(theirs).all(|(a, b)| a.abs_diff(*b) <= levels)
}

/// Whether two pixels differ in the way the table says: by at most so many levels, an `overlay` (ours in its
/// colour, theirs white), or `colour` in ours (the darkest of which are black).
fn differs(how: &str, ours: &[u8], theirs: &[u8]) -> bool {
    match how {
        "overlay" => ours == OVERLAY_RGB && theirs == [u8::MAX; 3],
        "colour" => ours.windows(2).any(|pair| pair[0] != pair[1]) || is_within(ours, &[0; 3], 1),
        levels => levels.parse().is_ok_and(|levels| is_within(ours, theirs, levels)),
    }
}

fn read_png(file: &Path) -> Result<Picture> {
    let context = || format!("cannot read {}", file.display());
    let mut decoder = png::Decoder::new(BufReader::new(File::open(file).with_context(context)?));
    decoder.set_transformations(png::Transformations::EXPAND | png::Transformations::STRIP_16);
    let mut reader = decoder.read_info().with_context(context)?;
    let mut bytes = vec![0; reader.output_buffer_size().with_context(context)?];
    let info = reader.next_frame(&mut bytes).with_context(context)?;
    bytes.truncate(info.buffer_size());
    let channels = info.color_type.samples();
    let rgb = bytes.chunks_exact(channels).flat_map(|pixel| match pixel {
        [r, g, b, ..] => [*r, *g, *b],
        _ => [pixel[0]; 3],
    });
    Ok(Picture { size: [info.width, info.height], rgb: rgb.collect() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(rgb: &[u8]) -> Picture {
        Picture { size: [rgb.len() as u32 / 3, 1], rgb: rgb.to_vec() }
    }

    #[test]
    fn every_channel_counts() {
        let (a, b) = (picture(&[1, 2, 3, 9, 9, 9]), picture(&[1, 2, 5, 9, 9, 10]));
        let share = |levels| a.share(&b, |a, b| is_within(a, b, levels));
        assert_eq!([0, 1, 2].map(share), [0.0, 0.5, 1.0]);
        assert_eq!(a.share(&picture(&[1, 2, 3]), |_, _| true), 0.0);
    }

    #[test]
    fn pixels_differ_as_the_table_says_or_are_not_explained() {
        let (grey, red, white) = ([7; 3], [9, 0, 0], [255; 3]);
        assert!(differs("overlay", &OVERLAY_RGB, &white) && !differs("overlay", &grey, &white));
        assert!(!differs("overlay", &OVERLAY_RGB, &grey));
        assert!(differs("colour", &red, &grey) && !differs("colour", &grey, &red));
        assert!(differs("2", &grey, &[9, 7, 5]) && !differs("2", &grey, &red));
        assert!(!differs("", &grey, &white));
    }

    #[test]
    fn a_known_difference_must_be_one() {
        let mut found = Renders::default();
        let same = [picture(&[7; 3]), picture(&[7; 3])];
        let known = Row::default();
        found.add("a", &same, Some(&known));
        found.add("b", &same, None);
        found.add("c", &[picture(&[7; 3]), picture(&[17; 3])], None);
        assert_eq!((found.agreed, found.deviations.len()), (1, 2));
    }
}
