use std::path::Path;

use dicom_core::{PrimitiveValue, VR};
use dicom_dictionary_std::{tags, uids};
use dicom_object::InMemDicomObject;

use crate::anatomy::{self, HEIGHT_MM};
use crate::barcode::burn;
use crate::canvas::Canvas;
use crate::dataset::{
    EXPLICIT_LE, GreyFormat, Identity, SeriesTexts, SeriesWriter, put, put_grey_format,
    put_numbers, put_plane, put_samples, put_windows, side,
};
use crate::error::PhantomError;
use crate::exam::{SeriesFiles, SeriesKind};
use crate::noise::Noise;
use crate::scale::Scale;

const AXIAL: [f64; 6] = [1.0, 0.0, 0.0, 0.0, 1.0, 0.0];
const INTERCEPT: f64 = -1024.0;
/// Stored value outside of the circle that the scanner sees.
const PADDING: i16 = -2000;

/// One reconstruction.
#[derive(Clone, Copy, Debug)]
struct Reconstruction {
    slices: usize,
    side_px: usize,
    field_mm: f32,
    slice_distance_mm: f32,
    noise_hu: f32,
    sharp: bool,
    signed: bool,
    windows: [(f64, f64, &'static str); 2],
    kernel: &'static str,
}

/// Series 1: the whole phantom, soft kernel, signed with padding outside of the circle.
pub(crate) fn write_head_and_chest(
    dir: &Path,
    identity: &Identity,
    scale: Scale,
) -> Result<SeriesFiles, PhantomError> {
    let texts = SeriesTexts {
        kind: SeriesKind::Ct,
        number: 1,
        modality: "CT",
        description: "Tête et thorax 1 mm",
        body_part: "HEADCHEST",
        sop_class_uid: uids::CT_IMAGE_STORAGE,
        transfer_syntax_uid: EXPLICIT_LE,
        character_set: "ISO_IR 192",
        folder: "ct-tete-thorax",
    };
    let reconstruction = Reconstruction {
        slices: scale.ct_slices,
        side_px: scale.ct_side_px,
        field_mm: 400.0,
        slice_distance_mm: HEIGHT_MM / scale.ct_slices.max(1) as f32,
        noise_hu: 26.0,
        sharp: false,
        signed: true,
        windows: [(40.0, 350.0, "MÉDIASTIN"), (-600.0, 1500.0, "POUMON")],
        kernel: "B30",
    };
    write(dir, identity, texts, reconstruction)
}

/// Series 2: the chest again, thicker slices, sharp kernel, 12 unsigned bits.
pub(crate) fn write_sharp(
    dir: &Path,
    identity: &Identity,
    scale: Scale,
) -> Result<SeriesFiles, PhantomError> {
    let texts = SeriesTexts {
        kind: SeriesKind::SharpCt,
        number: 2,
        modality: "CT",
        description: "Thorax filtre dur 2,5 mm",
        body_part: "CHEST",
        sop_class_uid: uids::CT_IMAGE_STORAGE,
        transfer_syntax_uid: EXPLICIT_LE,
        character_set: "ISO_IR 192",
        folder: "ct-thorax-dur",
    };
    let reconstruction = Reconstruction {
        slices: scale.sharp_ct_slices,
        side_px: scale.sharp_ct_side_px,
        field_mm: 0.8 * 512.0,
        slice_distance_mm: 150.0 / scale.sharp_ct_slices.max(1) as f32,
        noise_hu: 45.0,
        sharp: true,
        signed: false,
        windows: [(-600.0, 1600.0, "POUMON"), (400.0, 2000.0, "OS")],
        kernel: "B70",
    };
    write(dir, identity, texts, reconstruction)
}

/// Writes the slices on all processors; what is written does not depend on their number.
fn write(
    dir: &Path,
    identity: &Identity,
    texts: SeriesTexts,
    reconstruction: Reconstruction,
) -> Result<SeriesFiles, PhantomError> {
    side(reconstruction.side_px)?;
    let writer = SeriesWriter::new(dir, identity, texts, reconstruction.slices)?;
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|first| {
                let writer = &writer;
                scope.spawn(move || {
                    (first..reconstruction.slices)
                        .step_by(threads)
                        .try_for_each(|slice| write_slice(writer, identity, reconstruction, slice))
                })
            })
            .collect();
        workers.into_iter().try_for_each(|worker| match worker.join() {
            Ok(result) => result,
            Err(panic) => std::panic::resume_unwind(panic),
        })
    })?;
    Ok(writer.finish(1))
}

fn write_slice(
    writer: &SeriesWriter<'_>,
    identity: &Identity,
    reconstruction: Reconstruction,
    slice: usize,
) -> Result<(), PhantomError> {
    let Reconstruction { side_px, signed, .. } = reconstruction;
    let mut object = writer.object(slice);
    put_attributes(&mut object, identity, reconstruction, slice);
    let format = GreyFormat {
        columns: side_px,
        rows: side_px,
        photometric_interpretation: "MONOCHROME2",
        bits_stored: if signed { 16 } else { 12 },
        signed,
    };
    put_grey_format(&mut object, format)?;
    if signed {
        put(&mut object, tags::PIXEL_PADDING_VALUE, VR::SS, PrimitiveValue::from(PADDING));
    }
    put_samples(&mut object, samples(reconstruction, slice));
    writer.write(slice, object)
}

fn put_attributes(
    object: &mut InMemDicomObject,
    identity: &Identity,
    reconstruction: Reconstruction,
    slice: usize,
) {
    let spacing = reconstruction.spacing_mm();
    let [x, y] = reconstruction.origin_mm().map(f64::from);
    let z = f64::from(reconstruction.z_mm(slice));
    let thickness = f64::from(reconstruction.slice_distance_mm);
    put_plane(object, identity, [x, y, z], AXIAL, [f64::from(spacing), thickness]);
    put_numbers(object, tags::SLICE_LOCATION, &[z]);
    put_numbers(object, tags::RESCALE_INTERCEPT, &[INTERCEPT]);
    put_numbers(object, tags::RESCALE_SLOPE, &[1.0]);
    put(object, tags::RESCALE_TYPE, VR::LO, "HU");
    put_windows(object, &reconstruction.windows);
    put(object, tags::CONVOLUTION_KERNEL, VR::SH, reconstruction.kernel);
    put_numbers(object, tags::KVP, &[120.0]);
    let image_type = ["ORIGINAL", "PRIMARY", "AXIAL"].map(String::from);
    put(object, tags::IMAGE_TYPE, VR::CS, PrimitiveValue::Strs(image_type.to_vec().into()));
}

impl Reconstruction {
    fn spacing_mm(&self) -> f32 {
        self.field_mm / self.side_px as f32
    }

    /// Middle of the first pixel.
    fn origin_mm(&self) -> [f32; 2] {
        [
            (self.spacing_mm() - self.field_mm) / 2.0,
            (self.spacing_mm() - self.field_mm) / 2.0 + 10.0,
        ]
    }

    fn z_mm(&self, slice: usize) -> f32 {
        (slice as f32 + 0.5) * self.slice_distance_mm
    }
}

/// Stored values of a slice (two's complement where signed).
fn samples(reconstruction: Reconstruction, slice: usize) -> Vec<u16> {
    let Reconstruction { side_px, signed, .. } = reconstruction;
    let values = hounsfield(reconstruction, slice);
    let stored = |hu: f32| hu.round() as i32 - INTERCEPT as i32;
    let (least, most) = if signed { (-1024, 32_767) } else { (0, 4095) };
    let mut samples: Vec<i32> = values.iter().map(|&hu| stored(hu).clamp(least, most)).collect();
    if signed {
        pad_outside_circle(&mut samples, side_px);
    }
    let number = u16::try_from(slice + 1).unwrap_or(u16::MAX);
    burn(&mut samples, side_px, number, stored(-1000.0), stored(2000.0));
    samples.into_iter().map(|value| value as u16).collect()
}

fn hounsfield(reconstruction: Reconstruction, slice: usize) -> Vec<f32> {
    let Reconstruction { side_px, sharp, .. } = reconstruction;
    let noise_hu = reconstruction.noise_hu * thinner(reconstruction.z_mm(slice));
    let spacing = reconstruction.spacing_mm();
    let mut canvas = Canvas::new([side_px; 2], reconstruction.origin_mm(), spacing);
    let plane = anatomy::plane(reconstruction.z_mm(slice), true);
    for ellipse in plane.ellipses() {
        canvas.paint(ellipse);
    }
    let seed = slice as u64 * 2 + u64::from(sharp);
    let mut noise = Noise::new(seed);
    if sharp {
        canvas.blur();
        for value in &mut canvas.values {
            *value += noise_hu * noise.normal();
        }
    } else {
        // The blur after it correlates neighbours, as a soft kernel does.
        for value in &mut canvas.values {
            *value += 2.6 * noise_hu * noise.normal();
        }
        canvas.blur();
    }
    canvas.values
}

/// Less noise where less body is in the way.
fn thinner(z_mm: f32) -> f32 {
    1.0 - 0.75 * ((z_mm - 140.0) / 60.0).clamp(0.0, 1.0)
}

fn pad_outside_circle(samples: &mut [i32], side_px: usize) {
    let middle = (side_px as f32 - 1.0) / 2.0;
    for (row, line) in samples.chunks_exact_mut(side_px).enumerate() {
        let across = (middle * middle - (row as f32 - middle).powi(2)).max(0.0).sqrt();
        let first = (middle - across).ceil() as usize;
        line[..first].fill(i32::from(PADDING));
        line[side_px - first..].fill(i32::from(PADDING));
    }
}
