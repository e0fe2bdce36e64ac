use std::io::{Read, Seek};

use serde::Serialize;
use serde_json::{Value, json};

use super::InspectError;
use crate::codec::video::Coding;
use crate::codec::{DecodeError, Family, check_headers, decoder_for, transfer_syntax};
use crate::dicom::{
    DicomFile, Encapsulation, encapsulation, image_of, layout_of, read_frame, read_part10,
    sop_class_name,
};
use crate::exam::{
    Cine, ImageContent, ImageFormat, ImagePlane, SeriesSuv, SliceGeometry, StackAttributes,
    UNKNOWN_TRANSFER_SYNTAX, UltrasoundRegion, is_video,
};
use crate::geometry::direction_letters;
use crate::series::alone;

/// Longest list of numbers that is written out.
const LONGEST_LIST: usize = 16;

/// What is known of a file. It names nobody: no identity, no date, no UID of an instance, and of free
/// text only what a de-identified file keeps (PS3.15 table E.1-1: explanations of windows and tables).
#[derive(Clone, Debug, Serialize)]
pub struct Facts {
    /// SOP class.
    pub sop_class: Named,
    /// Transfer syntax as the file states it, or as it was recognised where it does not.
    pub transfer_syntax: TransferSyntaxFacts,
    /// The picture; `None` for an object without one.
    pub image: Option<Box<ImageFacts>>,
    /// What was guessed, repaired or passed over while reading.
    pub tolerated: Vec<String>,
}

/// A UID with its name.
#[derive(Clone, Debug, Serialize)]
pub struct Named {
    /// The UID.
    pub uid: String,
    /// Its name in PS3.6; the UID again where it is not in there.
    pub name: String,
}

/// A transfer syntax.
#[derive(Clone, Debug, Serialize)]
pub struct TransferSyntaxFacts {
    /// The UID.
    pub uid: String,
    /// Its name in PS3.6, or [`UNKNOWN_TRANSFER_SYNTAX`].
    pub name: &'static str,
    /// Whether this program decodes its frames.
    pub decoded: bool,
    /// What becomes of the frames of a video instead, which this program does not decode.
    pub video: Option<&'static str>,
}

/// Videos are decoded by the browser, if by anything.
fn video(uid: &str) -> Option<&'static str> {
    let is_shown = Coding::of_transfer_syntax(uid).is_ok();
    is_video(uid).then_some(if is_shown {
        "a video: the viewer shows its frames where the browser decodes it"
    } else {
        "a video that no browser decodes"
    })
}

/// Whether the first frame is of a kind that is decoded, as far as its headers tell.
fn is_decoded(file: &DicomFile, reader: impl Read + Seek) -> bool {
    let syntax = &file.transfer_syntax_uid;
    let encoded = || {
        let mut reader = reader;
        let layout = layout_of(file, &mut reader).ok()?;
        read_frame(&mut reader, &layout, 1).ok()
    };
    let refusal = match decoder_for(syntax) {
        Ok(decoder) if decoder.family() == Family::Jpeg => {
            encoded().and_then(|encoded| check_headers(syntax, &encoded).err())
        }
        found => found.err(),
    };
    let is_without_decoder = |error| {
        matches!(error, DecodeError::Unsupported { .. } | DecodeError::UnsupportedFeature { .. })
    };
    !refusal.is_some_and(is_without_decoder)
}

/// What is known of a picture.
#[derive(Clone, Debug, Serialize)]
pub struct ImageFacts {
    /// Why it cannot be drawn; `None` where that can be tried.
    pub defect: Option<String>,
    /// Number of Frames.
    pub frames_announced: u32,
    /// Frames that are at least partly there.
    pub frames_found: u32,
    /// State of the offset tables; `None` for native pixel data.
    pub encapsulation: Option<Encapsulation>,
    /// How samples are stored; spacing with its provenance, lossy compression.
    pub format: ImageFormat,
    /// How many planes are known: none, one for all frames, one per frame.
    pub planes: usize,
    /// The plane of the first frame.
    pub first_plane: Option<ImagePlane>,
    /// Directions in the patient of the rows and of the columns of the first frame, in letters.
    pub directions: Option<[String; 2]>,
    /// Whether Image Type says LOCALIZER.
    pub is_localizer: bool,
    /// What it is told apart by from images in the same place.
    pub stack: StackAttributes,
    /// How it was made, as [`Technique::line`](crate::exam::Technique::line) says it; empty where that is not known.
    pub technique: String,
    /// How its frames lie to each other; `None` where they are no parallel slices.
    pub slices: Option<SliceGeometry>,
    /// Uptake values of PET, by what this image alone says; `None` for anything else.
    pub suv: Option<SeriesSuv>,
    /// Stored values → quantities, each a [`RealWorldMapping`](crate::exam::RealWorldMapping); of a long
    /// list of numbers only `count`, `first` and `last`.
    pub real_world: Vec<Value>,
    /// Frame timing.
    pub cine: Option<Cine>,
    /// Calibrated ultrasound regions.
    pub us_regions: Vec<UltrasoundRegion>,
    /// What became of its ICC profile or colour space; `None` where nothing had to.
    pub colours: Option<String>,
    /// The distinct [`DisplayAttributes`](crate::exam::DisplayAttributes) of the frames, shortened.
    pub displays: Vec<Value>,
}

/// Reads what is known of a file, with the file itself as far as it was read.
///
/// # Errors
/// [`InspectError::Read`] where it is no readable DICOM. A picture that cannot be drawn is a fact.
pub fn facts<R: Read + Seek>(mut reader: R) -> Result<(Facts, DicomFile), InspectError> {
    let file = read_part10(&mut reader)?;
    let content = image_of(&file);
    let has_image = file.pixel_data.is_some() || content.format.rows != 0;
    let image = if has_image {
        Some(Box::new(image_facts(&file, content.clone(), &mut reader)?))
    } else {
        None
    };
    let stated = &content.format.sop_class_uid;
    let class = if stated.is_empty() { &file.media_storage_sop_class_uid } else { stated };
    let syntax = &file.transfer_syntax_uid;
    let facts = Facts {
        sop_class: Named { uid: class.clone(), name: sop_class_name(class) },
        transfer_syntax: TransferSyntaxFacts {
            uid: syntax.clone(),
            name: transfer_syntax(syntax).map_or(UNKNOWN_TRANSFER_SYNTAX, |row| row.name),
            decoded: is_decoded(&file, &mut reader),
            video: video(syntax),
        },
        image,
        tolerated: file.warnings.clone(),
    };
    Ok((facts, file))
}

fn image_facts<R: Read + Seek>(
    file: &DicomFile,
    content: ImageContent,
    mut reader: R,
) -> Result<ImageFacts, InspectError> {
    let series = alone(content.clone());
    let ImageContent { image, format, displays, is_localizer, stack, real_world, .. } = content;
    let converted = || image.icc_profile.map(|_| "converted to sRGB by the profile".to_owned());
    let unusable = |defect| format!("taken as sRGB: {defect}");
    let layout = layout_of(file, &mut reader);
    let frames_found = layout.as_ref().map_or(0, |layout| layout.frame_count());
    let no_layout = layout.err().map(|error| error.to_string());
    let first_plane = image.planes.first().cloned();
    Ok(ImageFacts {
        defect: image.defect.or(no_layout),
        frames_announced: image.frames,
        frames_found,
        encapsulation: encapsulation(file, &mut reader).unwrap_or_default(),
        directions: first_plane.as_ref().and_then(letters).or(image.patient_orientation),
        format,
        planes: image.planes.len(),
        first_plane,
        is_localizer,
        stack,
        technique: series.technique,
        slices: series.slices,
        suv: series.suv,
        real_world: values(&real_world),
        cine: image.cine,
        us_regions: image.us_regions,
        colours: image.icc_defect.clone().map(unusable).or_else(converted),
        displays: values(&displays),
    })
}

fn letters(plane: &ImagePlane) -> Option<[String; 2]> {
    Some([direction_letters(plane.row_direction)?, direction_letters(plane.column_direction)?])
}

/// As JSON, tables shortened.
fn values<T: Serialize>(all: &[T]) -> Vec<Value> {
    all.iter().filter_map(|one| serde_json::to_value(one).ok().map(shortened)).collect()
}

/// Tables have up to 65536 entries, which nobody reads.
fn shortened(value: Value) -> Value {
    match value {
        Value::Array(values)
            if values.len() > LONGEST_LIST && values.iter().all(Value::is_number) =>
        {
            json!({ "count": values.len(), "first": values.first(), "last": values.last() })
        }
        Value::Array(values) => values.into_iter().map(shortened).collect(),
        Value::Object(map) => map.into_iter().map(|(key, value)| (key, shortened(value))).collect(),
        other => other,
    }
}
