//! `negatoscope decode`

use std::{
    fmt::Write as _,
    fs::{self, File},
    io::{self, Write},
    ops::RangeInclusive,
    path::PathBuf,
};

use anyhow::Context;
use sha2::{Digest, Sha256};

use super::{
    image_file::{Refused, open_image},
    measure::Measure,
};

/// Decode a DICOM file and print the digest of its samples, or write them.
///
/// The samples are the stored ones: little endian, in the container of Bits Allocated (1-bit data: one
/// byte a pixel), colour interleaved by pixel, rows from the top, frames one after the other; no modality,
/// VOI, palette or colour step.
///
/// Exit status: 0 every frame asked for is decoded, 1 the file cannot be read, 2 wrong arguments,
/// 3 unsupported, 4 malformed.
#[derive(Debug, clap::Args)]
#[command(group(clap::ArgGroup::new("what").required(true).multiple(true).args(["sha256", "output"])))]
pub(super) struct Decode {
    /// DICOM file.
    file: PathBuf,
    /// Only this frame, counted from 1.
    #[arg(long, value_name = "N")]
    frame: Option<u32>,
    /// Print the SHA-256 of the samples, in hexadecimal.
    #[arg(long)]
    sha256: bool,
    /// One line a frame: its SHA-256 and its number.
    #[arg(long, requires = "sha256", conflicts_with = "frame")]
    per_frame: bool,
    /// Write the samples into this file (`-`: to standard output).
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    measure: Measure,
}

pub(super) fn run(command: &Decode) -> anyhow::Result<()> {
    let outcome = decode(command);
    command.measure.print();
    if outcome.is_err()
        && let Some(written) = command.output.as_ref().filter(|path| path.is_file())
    {
        // Half a picture must not be taken for a whole one.
        fs::remove_file(written).context("cannot remove the unfinished output")?;
    }
    outcome
}

fn decode(command: &Decode) -> anyhow::Result<()> {
    let mut image = open_image(&command.file)?;
    let mut output = command.open_output()?;
    let mut whole = Sha256::new();
    for number in command.frames(image.frame_count()) {
        let frame = image.stored(number).map_err(Refused::of(&command.file))?;
        let bytes = frame.samples.to_le_bytes();
        if let Some(output) = &mut output {
            output.write_all(&bytes).context("cannot write the samples")?;
        }
        if command.per_frame {
            println!("{}  {number}", hex(&Sha256::digest(&bytes)));
        } else if command.sha256 {
            whole.update(&bytes);
        }
    }
    if let Some(output) = &mut output {
        output.flush().context("cannot write the samples")?;
    }
    if command.sha256 && !command.per_frame {
        println!("{}", hex(&whole.finalize()));
    }
    Ok(())
}

impl Decode {
    fn frames(&self, count: u32) -> RangeInclusive<u32> {
        self.frame.map_or(1..=count, |number| number..=number)
    }

    fn open_output(&self) -> anyhow::Result<Option<Box<dyn Write>>> {
        let Some(path) = &self.output else { return Ok(None) };
        if path.as_os_str() == "-" {
            return Ok(Some(Box::new(io::stdout().lock())));
        }
        let file =
            File::create(path).with_context(|| format!("cannot write {}", path.display()))?;
        Ok(Some(Box::new(file)))
    }
}

fn hex(digest: &[u8]) -> String {
    digest.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        _ = write!(text, "{byte:02x}");
        text
    })
}
