//! Draws one frame of a DICOM file with the reference renderer, as a fresh pane of the viewer shows it:
//! whole image, first window of the file.
//!
//! `render_reference FILE FRAME WIDTH HEIGHT OUT.png [--window CENTER,WIDTH] [--invert]
//! [--overlays-off] [--shutter-off]`: frames count from
//! 1, the size is that of the pane in device pixels. The browser tests compare what is on the screen
//! with it.

use std::error::Error;
use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

use viewer_core::codec::{DecodedFrame, decode_frame, decode_overlay_bits};
use viewer_core::dicom::{DicomFile, image_of, index, read_frame};
use viewer_core::display::cover::{ALL_FLAGS, CoverPlane, SHUTTERED, draw_over};
use viewer_core::display::{DisplayParams, cpu};
use viewer_core::exam::{Cover, ImageContent, Series, VoiFunction};
use viewer_core::viewport::{
    DataPresentation, ImageGeometry, UserWindow, ViewPresentation, VoiChoice, frame_display,
    resolve,
};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [file, frame, width, height, out, options @ ..] = arguments.as_slice() else {
        return Err("usage: render_reference FILE FRAME WIDTH HEIGHT OUT.png [OPTIONS]".into());
    };
    let (frame, size_px) = (frame.parse()?, [width.parse()?, height.parse()?]);
    let pixels = draw(Path::new(file), frame, size_px, &presentation(options)?)?;
    write_png(Path::new(out), size_px, &pixels)
}

/// What the user would have set.
fn presentation(options: &[String]) -> Result<DataPresentation, Box<dyn Error>> {
    let mut data = DataPresentation::default();
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
            other => return Err(format!("unknown option {other}").into()),
        }
    }
    Ok(data)
}

fn draw(
    path: &Path,
    frame: u32,
    size_px: [u32; 2],
    data: &DataPresentation,
) -> Result<Vec<u8>, Box<dyn Error>> {
    let file = File::open(path)?;
    let indexed = index(&file)?;
    let layout = indexed.layout.ok_or("the file has no frames")?;
    let content = image_of(&indexed.file);
    let palette = content.displays.first().and_then(|display| display.palette.clone());
    let encoded = read_frame(&file, &layout, frame)?;
    let transfer_syntax = &content.format.transfer_syntax_uid;
    let decoded = decode_frame(transfer_syntax, &encoded, &content.format, palette.as_ref())?;
    let index = frame.checked_sub(1).ok_or("frames count from 1")?;
    let plane = plane(&indexed.file, &content, index, &encoded);
    let params = params(content, index, size_px, data, &decoded)?;
    let mut picture = cpu::render(&decoded.frame, &params);
    if let Some(plane) = plane {
        let overlays = if data.overlays_hidden { SHUTTERED } else { ALL_FLAGS };
        let shown = if data.shutter_open { overlays & !SHUTTERED } else { overlays };
        draw_over(&mut picture, size_px[0], &params.image_from_canvas, &plane, shown);
    }
    Ok(picture)
}

/// What lies over the frame (counted from 0), if anything.
fn plane(
    file: &DicomFile,
    content: &ImageContent,
    frame: u32,
    encoded: &[u8],
) -> Option<CoverPlane> {
    let cover = content.covers.get(usize::from(content.image.cover(frame)?))?;
    let bits = cover.pixel_bits();
    let syntax = &content.format.transfer_syntax_uid;
    let in_pixels =
        decode_overlay_bits(syntax, encoded, &content.format, &bits).unwrap_or_default();
    let data = overlay_data(file, cover);
    let geometry = ImageGeometry::of(&content.format);
    let size = [content.format.columns, content.format.rows];
    Some(CoverPlane::compose(cover, frame, size, geometry.pixel_aspect, |plane| match plane.bit {
        Some(bit) => in_pixels.get(bits.iter().position(|known| *known == bit)?).map(Vec::as_slice),
        None => data.iter().find(|(group, _)| *group == plane.group).map(|(_, b)| b.as_slice()),
    }))
}

/// Overlay Data by group.
fn overlay_data(file: &DicomFile, cover: &Cover) -> Vec<(u16, Vec<u8>)> {
    let of_group = |group| Some((group, file.overlay_data(group)?));
    cover.overlays.iter().filter_map(|plane| of_group(plane.group)).collect()
}

/// What a pane of this size draws the frame (counted from 0) with before anybody moved it.
fn params(
    content: ImageContent,
    frame: u32,
    size_px: [u32; 2],
    data: &DataPresentation,
    decoded: &DecodedFrame,
) -> Result<DisplayParams, Box<dyn Error>> {
    let geometry = ImageGeometry::of(&content.format);
    let view = resolve(&geometry, size_px, &ViewPresentation::default());
    let series = series_of(content);
    Ok(frame_display(&series, [0, frame], data, &view, decoded.range)?.params)
}

/// A series with this one image.
fn series_of(content: ImageContent) -> Series {
    Series {
        formats: vec![content.format],
        displays: content.displays,
        images: vec![content.image],
        ..Default::default()
    }
}

fn write_png(path: &Path, [width, height]: [u32; 2], rgba: &[u8]) -> Result<(), Box<dyn Error>> {
    let mut encoder = png::Encoder::new(BufWriter::new(File::create(path)?), width, height);
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.write_header()?.write_image_data(rgba)?;
    Ok(())
}
