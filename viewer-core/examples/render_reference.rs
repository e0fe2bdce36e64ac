//! Draws one frame of a DICOM file with the reference renderer, as a fresh pane of the viewer shows it:
//! whole image, first window of the file.
//!
//! `render_reference FILE FRAME WIDTH HEIGHT OUT.png [--window CENTER,WIDTH] [--invert]
//! [--overlays-off] [--shutter-off] [--lens X,Y,SIDE,FACTOR,GREY]`: frames count from
//! 1, the size is that of the pane in device pixels; a lens is drawn instead of the pane that it lies over, with a
//! grey level beyond the image. The browser tests compare what is on the screen with it.

use std::error::Error;
use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

use viewer_core::codec::DecodedFrame;
use viewer_core::display::cover::{ALL_FLAGS, SHUTTERED, draw_over};
use viewer_core::display::{DisplayParams, cpu};
use viewer_core::exam::{Series, VoiFunction};
use viewer_core::inspect::DicomImage;
use viewer_core::viewport::{
    DataPresentation, ImageGeometry, Lens, UserWindow, ViewPresentation, VoiChoice, frame_display,
    resolve,
};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [file, frame, width, height, out, options @ ..] = arguments.as_slice() else {
        return Err("usage: render_reference FILE FRAME WIDTH HEIGHT OUT.png [OPTIONS]".into());
    };
    let (frame, size_px) = (frame.parse()?, [width.parse()?, height.parse()?]);
    let (data, lens) = presentation(options)?;
    let pixels = draw(Path::new(file), frame, size_px, &data, lens)?;
    write_png(Path::new(out), lens.map_or(size_px, |(lens, _)| [lens.side_px; 2]), &pixels)
}

/// A lens, and the grey beyond the image in it.
type GreyLens = (Lens, u8);

/// What the user would have set.
fn presentation(
    options: &[String],
) -> Result<(DataPresentation, Option<GreyLens>), Box<dyn Error>> {
    let mut data = DataPresentation::default();
    let mut lens = None;
    let mut options = options.iter();
    while let Some(option) = options.next() {
        match option.as_str() {
            "--invert" => data.invert = true,
            "--overlays-off" => data.overlays_hidden = true,
            "--shutter-off" => data.shutter_open = true,
            "--window" => {
                let pair = options.next().and_then(|text| text.split_once(','));
                let (center, width) = pair.ok_or("--window needs CENTER,WIDTH")?;
                let (center, width) = (center.parse()?, width.parse()?);
                let function = VoiFunction::Linear;
                data.voi = VoiChoice::User(UserWindow { center, width, function });
            }
            "--lens" => lens = Some(lens_of(options.next().ok_or("--lens needs numbers")?)?),
            other => return Err(format!("unknown option {other}").into()),
        }
    }
    Ok((data, lens))
}

fn lens_of(text: &str) -> Result<GreyLens, Box<dyn Error>> {
    let numbers: Vec<&str> = text.split(',').collect();
    let [x, y, side, factor, grey] = numbers.as_slice() else {
        return Err("--lens needs X,Y,SIDE,FACTOR,GREY".into());
    };
    let at_px = [x.parse()?, y.parse()?];
    Ok((Lens { at_px, side_px: side.parse()?, factor: factor.parse()? }, grey.parse()?))
}

fn draw(
    path: &Path,
    frame: u32,
    size_px: [u32; 2],
    data: &DataPresentation,
    lens: Option<GreyLens>,
) -> Result<Vec<u8>, Box<dyn Error>> {
    let mut image = DicomImage::open(File::open(path)?)?;
    let decoded = image.drawable(frame)?;
    let index = frame.checked_sub(1).ok_or("frames count from 1")?;
    let mut params = params(image.series(), index, size_px, data, &decoded)?;
    if let Some((lens, background)) = lens {
        params.image_from_canvas = lens.image_from_lens(&params.image_from_canvas);
        params.canvas_size_px = [lens.side_px; 2];
        params.background = background;
    }
    let mut picture = cpu::render(&decoded.frame, &params);
    if let Some(plane) = image.cover_plane(frame)? {
        let overlays = if data.overlays_hidden { SHUTTERED } else { ALL_FLAGS };
        let shown = if data.shutter_open { overlays & !SHUTTERED } else { overlays };
        draw_over(&mut picture, params.canvas_size_px[0], &params.image_from_canvas, &plane, shown);
    }
    Ok(picture)
}

/// What a pane of this size draws the frame (counted from 0) with before anybody moved it.
fn params(
    series: &Series,
    frame: u32,
    size_px: [u32; 2],
    data: &DataPresentation,
    decoded: &DecodedFrame,
) -> Result<DisplayParams, Box<dyn Error>> {
    let format = series.formats.first().ok_or("no image")?;
    let view = resolve(&ImageGeometry::of(format), size_px, &ViewPresentation::default());
    Ok(frame_display(series, [0, frame], data, &view, decoded.range)?.params)
}

fn write_png(path: &Path, [width, height]: [u32; 2], rgba: &[u8]) -> Result<(), Box<dyn Error>> {
    let mut encoder = png::Encoder::new(BufWriter::new(File::create(path)?), width, height);
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.write_header()?.write_image_data(rgba)?;
    Ok(())
}
