//! Draws one frame of a DICOM file with the reference renderer, as a fresh pane of the viewer shows it:
//! whole image, first window of the file.
//!
//! `render_reference FILE FRAME WIDTH HEIGHT OUT.png [--window CENTER,WIDTH] [--invert]
//! [--overlays-off] [--shutter-off] [--lens X,Y,SIDE,FACTOR,GREY] [--state FILE]`: frames count from
//! 1, the size is that of the pane in device pixels; a lens is drawn instead of the pane that it lies over, with a
//! grey level beyond the image. Of a presentation state its turns and its steps for values are taken, one after the other as
//! PS3.4 N.2.1 has them, in place of those of the file. The browser tests compare what is on the screen with it.

use std::error::Error;
use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

use viewer_core::codec::DecodedFrame;
use viewer_core::dicom::{presentation_state, read_part10};
use viewer_core::display::cover::{ALL_FLAGS, SHUTTERED, draw_over};
use viewer_core::display::{ColourTable, DisplayParams, Modality, Voi, cpu};
use viewer_core::exam::{
    GreySteps, LookupTable, ModalityTransform, PresentationState, Series, SoftcopyPresentation,
    SoftcopyVoi, StateValues, VoiFunction,
};
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
    let asked = presentation(options)?;
    let pixels = draw(Path::new(file), frame, size_px, &asked)?;
    write_png(Path::new(out), asked.lens.map_or(size_px, |(lens, _)| [lens.side_px; 2]), &pixels)
}

/// A lens, and the grey beyond the image in it.
type GreyLens = (Lens, u8);

/// What the user would have set.
#[derive(Default)]
struct Asked {
    data: DataPresentation,
    lens: Option<GreyLens>,
    state: Option<PresentationState>,
}

fn presentation(options: &[String]) -> Result<Asked, Box<dyn Error>> {
    let Asked { mut data, mut lens, mut state } = Asked::default();
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
            "--state" => {
                let file = File::open(options.next().ok_or("--state needs a file")?)?;
                let found = presentation_state(&read_part10(file)?.object);
                state = Some(found.ok_or("no presentation state")?);
            }
            other => return Err(format!("unknown option {other}").into()),
        }
    }
    Ok(Asked { data, lens, state })
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
    Asked { data, lens, state }: &Asked,
) -> Result<Vec<u8>, Box<dyn Error>> {
    let mut image = DicomImage::open(File::open(path)?)?;
    let decoded = image.drawable(frame)?;
    let index = frame.checked_sub(1).ok_or("frames count from 1")?;
    let mut params = params(image.series(), index, size_px, (data, state.as_ref()), &decoded)?;
    if let Some((lens, background)) = *lens {
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
    (data, state): (&DataPresentation, Option<&PresentationState>),
    decoded: &DecodedFrame,
) -> Result<DisplayParams, Box<dyn Error>> {
    let format = series.formats.first().ok_or("no image")?;
    let mut presentation = ViewPresentation::default();
    if let Some(state) = state {
        presentation.quarter_turns = state.quarter_turns;
        presentation.mirrored = state.is_mirrored;
    }
    let view = resolve(&ImageGeometry::of(format), size_px, &presentation);
    let mut params = frame_display(series, [0, frame], data, &view, decoded.range)?.params;
    if let Some(StateValues::Grey(steps)) = state.map(|state| &state.values) {
        let uid = &series.images.first().ok_or("no image")?.sop_instance_uid;
        take_steps(&mut params, steps, uid, frame)?;
    }
    Ok(params)
}

/// The steps of a state instead of those of the file.
fn take_steps(
    params: &mut DisplayParams,
    steps: &GreySteps,
    uid: &str,
    frame: u32,
) -> Result<(), Box<dyn Error>> {
    let ModalityTransform::Rescale { slope, intercept } = steps.modality else {
        return Err("a state with a modality LUT".into());
    };
    let voi = steps.voi.iter().find(|voi| voi.covers(uid, frame)).ok_or("no VOI step")?;
    params.modality = Modality::Rescale { slope, intercept };
    params.voi = match &voi.what {
        SoftcopyVoi::Window(window) => Voi::from(window),
        // Values of these images can be negative.
        SoftcopyVoi::Lut(lut) => {
            let first_mapped = i32::from(lut.first_mapped as u16 as i16);
            Voi::Lut(LookupTable { first_mapped, ..lut.clone() })
        }
    };
    params.invert = steps.presentation == SoftcopyPresentation::Inverse;
    params.output = match &steps.presentation {
        SoftcopyPresentation::Lut(lut) => ColourTable::of_presentation_lut(lut),
        _ => None,
    };
    Ok(())
}

fn write_png(path: &Path, [width, height]: [u32; 2], rgba: &[u8]) -> Result<(), Box<dyn Error>> {
    let mut encoder = png::Encoder::new(BufWriter::new(File::create(path)?), width, height);
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.write_header()?.write_image_data(rgba)?;
    Ok(())
}
