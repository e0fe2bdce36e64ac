//! `negatoscope render`

use std::{
    fs::File,
    io::BufWriter,
    path::{Path, PathBuf},
    str::FromStr,
};

use anyhow::Context;
use image::{ExtendedColorType, ImageEncoder, codecs::png::PngEncoder};
use viewer_core::{
    display::Voi,
    exam::{DisplayAttributes, VoiFunction},
    inspect::{Picture, PictureVoi, draw},
    viewport::{UserWindow, VoiChoice, VoiSource, frame_attributes},
};

use super::{
    image_file::{Refused, open_image},
    measure::Measure,
};

/// Draw one frame of a DICOM file into a PNG.
///
/// Draws with the reference renderer, which the GPU is held against: one pixel of the picture for one
/// pixel of the image, non-square pixels not corrected, overlays and shutters over it. Prints the VOI that
/// was used. Colours by an ICC profile are converted to sRGB; where the profile is of no use that is printed.
///
/// Exit status: 0 drawn, 1 the file cannot be read or the picture not written, 2 wrong arguments,
/// 3 unsupported, 4 malformed.
#[derive(Debug, clap::Args)]
pub(super) struct Render {
    /// DICOM file.
    file: PathBuf,
    /// Which frame, counted from 1.
    #[arg(long, value_name = "N", default_value_t = 1)]
    frame: u32,
    /// Window centre and width in modality units (LINEAR), as in `--window=-600,1500`.
    #[arg(long, value_name = "C,W", conflicts_with = "voi", allow_hyphen_values = true)]
    window: Option<Window>,
    /// VOI of the file: `2` is its second window (the VOI LUTs are counted on after the windows),
    /// `lut1` its first VOI LUT, `range` the smallest to the largest value of the frame. Default: as in the
    /// viewer.
    #[arg(long, value_name = "N")]
    voi: Option<NamedVoi>,
    /// Leave out overlays and shutters.
    #[arg(long)]
    bare: bool,
    /// PNG to write.
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    #[command(flatten)]
    measure: Measure,
}

#[derive(Clone, Copy, Debug)]
struct Window {
    center: f64,
    width: f64,
}

impl FromStr for Window {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let number = |text: &str| text.trim().parse::<f64>().ok().filter(|n| n.is_finite());
        let pair = text.split_once(',').and_then(|(c, w)| Some((number(c)?, number(w)?)));
        match pair {
            Some((center, width)) if width >= 1.0 => Ok(Self { center, width }),
            Some(_) => Err("a width below 1 is not defined (PS3.3 C.11.2.1.2.1)"),
            None => Err("expected CENTRE,WIDTH"),
        }
    }
}

/// As on the command line, counted from 1.
#[derive(Clone, Copy, Debug)]
enum NamedVoi {
    Number(u16),
    Lut(u16),
    Range,
}

impl FromStr for NamedVoi {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let number = |text: &str| text.parse().ok().filter(|&number: &u16| number > 0);
        let named = match (text, text.strip_prefix("lut")) {
            ("range", _) => Some(Self::Range),
            (_, Some(rest)) => number(rest).map(Self::Lut),
            _ => number(text).map(Self::Number),
        };
        named.ok_or("expected a number from 1, lut1, lut2 … or range")
    }
}

pub(super) fn run(command: &Render) -> anyhow::Result<()> {
    let outcome = render(command);
    command.measure.print();
    outcome
}

fn render(command: &Render) -> anyhow::Result<()> {
    let mut image = open_image(&command.file)?;
    let index = command.frame.saturating_sub(1);
    let attributes =
        frame_attributes(image.series(), 0, index).ok().map(|(_, found)| found.clone());
    let voi = command.voi(attributes.as_ref());
    let picture =
        draw(&mut image, command.frame, voi, !command.bare).map_err(Refused::of(&command.file))?;
    write_png(&command.output, &picture)?;
    println!("{}", description(&picture, attributes.as_ref()));
    let defect = image.series().images.first().and_then(|image| image.icc_defect.as_ref());
    if let Some(defect) = defect {
        println!("Colours: taken as sRGB: {defect}");
    }
    Ok(())
}

impl Render {
    fn voi(&self, attributes: Option<&DisplayAttributes>) -> PictureVoi {
        let windows = attributes.map_or(0, |found| found.windows.len());
        let windows = u16::try_from(windows).unwrap_or(u16::MAX);
        PictureVoi::Choice(match (self.window, self.voi) {
            (Some(Window { center, width }), _) => {
                VoiChoice::User(UserWindow { center, width, function: VoiFunction::Linear })
            }
            (None, None) => VoiChoice::Default,
            (None, Some(NamedVoi::Range)) => return PictureVoi::FrameRange,
            (None, Some(NamedVoi::Number(n))) if n <= windows => VoiChoice::FileWindow(n - 1),
            (None, Some(NamedVoi::Number(n))) => VoiChoice::VoiLut(n - windows - 1),
            (None, Some(NamedVoi::Lut(n))) => VoiChoice::VoiLut(n - 1),
        })
    }
}

fn write_png(path: &Path, picture: &Picture) -> anyhow::Result<()> {
    let channels = if picture.is_grey { 1 } else { 3 };
    let pixels = picture.rgba.chunks_exact(4);
    let samples: Vec<u8> = pixels.flat_map(|pixel| pixel.iter().take(channels)).copied().collect();
    let color = if picture.is_grey { ExtendedColorType::L8 } else { ExtendedColorType::Rgb8 };
    let context = || format!("cannot write {}", path.display());
    let file = File::create(path).with_context(context)?;
    PngEncoder::new(BufWriter::new(file))
        .write_image(&samples, picture.columns, picture.rows, color)
        .with_context(context)
}

/// `VOI: window 1 of the file (BRAIN), centre 40, width 80, LINEAR`
fn description(picture: &Picture, attributes: Option<&DisplayAttributes>) -> String {
    let Some((voi, source)) = &picture.voi else { return "VOI: none, colour".to_owned() };
    let explained = |text: Option<&String>| match text {
        Some(text) if !text.is_empty() => format!(" ({text})"),
        _ => String::new(),
    };
    let window = |index: u16| attributes.and_then(|found| found.windows.get(usize::from(index)));
    let lut = |index: u16| attributes.and_then(|found| found.voi_luts.get(usize::from(index)));
    let origin = match *source {
        VoiSource::FileWindow(index) => {
            let name = explained(window(index).map(|window| &window.explanation));
            format!("window {} of the file{name}", index + 1)
        }
        VoiSource::VoiLut(index) => {
            let name = explained(lut(index).map(|table| &table.explanation));
            format!("VOI LUT {} of the file{name}", index + 1)
        }
        VoiSource::User => "as asked for".to_owned(),
        VoiSource::CentralRange => "central range of the pixels".to_owned(),
        VoiSource::PixelRange => "range of the pixels".to_owned(),
        VoiSource::BitRange => "range of the stored bits".to_owned(),
        VoiSource::Preset(preset) => format!("{preset:?}"),
    };
    format!("VOI: {origin}{}", values(voi))
}

fn values(voi: &Voi) -> String {
    match voi {
        Voi::Window { center, width, function } => {
            let function = match function {
                VoiFunction::Linear => "LINEAR",
                VoiFunction::LinearExact => "LINEAR_EXACT",
                VoiFunction::Sigmoid => "SIGMOID",
            };
            format!(", centre {center}, width {width}, {function}")
        }
        Voi::Lut(table) => {
            format!(
                ", {} entries from {}, {} bits",
                table.entries.len(),
                table.first_mapped,
                table.bits
            )
        }
    }
}
