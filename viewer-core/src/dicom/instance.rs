//! One stored object as the rest of the program knows it.

use dicom_core::Tag;
use dicom_core::dictionary::{UidDictionary, UidDictionaryEntry};
use dicom_dictionary_std::{StandardSopClassDictionary, tags, uids};
use dicom_object::InMemDicomObject;
use thiserror::Error;

use super::attributes::Attributes;
use super::file::DicomFile;
use super::image_pixel::{self, frame_count};
use super::layout::is_native;
use super::{
    cine, cover, date_time, display, frame_order, icc, image_plane, patient_study, pet, quantity,
    stack, technique, us_regions,
};
use crate::exam::{Content, Image, ImageContent, Instance, SampleKind};

/// Why an object cannot be indexed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum InstanceError {
    /// Study, Series or SOP Instance UID is missing or no UID (a DICOMDIR, for example).
    #[error("{0} missing or malformed")]
    Uid(&'static str),
}

/// What can be said of the pixel data without reading it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PixelData {
    Present {
        samples: SampleKind,
        is_encapsulated: bool,
    },
    Absent,
    /// Metadata of a DICOMweb server need not mention it.
    Unknown,
}

impl Instance {
    /// Extracts everything the viewer needs from a file.
    ///
    /// Defects that need the pixel data to be looked at (cut off, lengths that contradict each other)
    /// are found by [`super::layout_of`] only; [`super::index`] does both.
    ///
    /// # Errors
    /// [`InstanceError`] where the object cannot be told from others.
    pub fn from_file(file: &DicomFile) -> Result<Self, InstanceError> {
        instance(&file.object, &file.transfer_syntax_uid, PixelData::of_file(file))
    }
}

impl PixelData {
    pub(super) fn of_file(file: &DicomFile) -> Self {
        file.pixel_data.map_or(Self::Absent, |element| Self::Present {
            samples: element.samples,
            is_encapsulated: element.length.is_none(),
        })
    }
}

pub(super) fn instance(
    object: &InMemDicomObject,
    transfer_syntax_uid: &str,
    pixel_data: PixelData,
) -> Result<Instance, InstanceError> {
    let study_uid = uid(object, tags::STUDY_INSTANCE_UID, "Study Instance UID")?;
    let series_uid = uid(object, tags::SERIES_INSTANCE_UID, "Series Instance UID")?;
    let sop_class_uid = object.text(tags::SOP_CLASS_UID).unwrap_or_default();
    let is_shown = is_image(object, pixel_data) && !is_not_drawn(&sop_class_uid);
    let content = if is_shown {
        Content::Image(Box::new(image_content(object, transfer_syntax_uid, pixel_data)))
    } else {
        Content::Unsupported { name: sop_class_name(&sop_class_uid) }
    };
    Ok(Instance {
        patient: patient_study::patient(object),
        study: patient_study::study(object, study_uid),
        accession_issuer: patient_study::accession_issuer(object),
        series: patient_study::series(object, series_uid),
        sop_instance_uid: uid(object, tags::SOP_INSTANCE_UID, "SOP Instance UID")?,
        sop_class_uid,
        content,
    })
}

/// A UID as PS3.5 9.1 has it: digits and dots, at most 64. Anything else would not survive in a URL.
fn uid(object: &InMemDicomObject, tag: Tag, name: &'static str) -> Result<String, InstanceError> {
    object
        .text(tag)
        .filter(|uid| uid.len() <= 64 && uid.bytes().all(|b| b.is_ascii_digit() || b == b'.'))
        .ok_or(InstanceError::Uid(name))
}

fn is_image(object: &InMemDicomObject, pixel_data: PixelData) -> bool {
    let has_size = object.text(tags::ROWS).is_some() && object.text(tags::COLUMNS).is_some();
    matches!(pixel_data, PixelData::Present { .. }) || has_size
}

/// Objects with pixels that are no picture by themselves: segments belong over their image, tiles of a
/// slide beside each other.
fn is_not_drawn(sop_class_uid: &str) -> bool {
    matches!(
        sop_class_uid,
        uids::SEGMENTATION_STORAGE
            | uids::LABEL_MAP_SEGMENTATION_STORAGE
            | uids::VL_WHOLE_SLIDE_MICROSCOPY_IMAGE_STORAGE
    )
}

/// Name of a SOP class in PS3.6, or the UID itself where unknown.
#[must_use]
pub fn sop_class_name(uid: &str) -> String {
    let known = StandardSopClassDictionary.by_uid(uid);
    known.map_or_else(|| uid.to_owned(), |entry| entry.name().to_owned())
}

fn is_localizer(object: &InMemDicomObject) -> bool {
    object.texts(tags::IMAGE_TYPE).iter().any(|value| value == "LOCALIZER")
}

/// Reads an object as an image, whatever its SOP class.
pub(super) fn image_content(
    object: &InMemDicomObject,
    transfer_syntax_uid: &str,
    pixel_data: PixelData,
) -> ImageContent {
    let samples = match pixel_data {
        PixelData::Present { samples, .. } => samples,
        PixelData::Absent | PixelData::Unknown => SampleKind::Integer,
    };
    let delivered = delivered_syntax(transfer_syntax_uid, pixel_data);
    let regions = us_regions::read(object);
    let (format, format_defect) = image_pixel::read(object, delivered, samples, &regions);
    let count = frame_count(object);
    let frames = count.unwrap_or(1);
    let found_displays = display::read(object, frames);
    let too_many = found_displays.is_none().then_some("too many display attributes");
    let (mut displays, display_indices) = found_displays.unwrap_or_default();
    let planes = image_plane::read(object, frames);
    let (covers, cover_indices) = cover::read(object, &format, frames);
    let frames_acquired = frame_order::acquired(object, frames);
    let is_quadruped = is_quadruped(object);
    let (icc_profile, icc_defect) = match icc::read(object, &format, &mut displays) {
        Ok(profile) => (profile, None),
        Err(defect) => (None, Some(defect)),
    };
    let absent = (pixel_data == PixelData::Absent).then_some("no pixel data");
    let image = Image {
        sop_instance_uid: object.text(tags::SOP_INSTANCE_UID).unwrap_or_default(),
        instance_number: object.integer(tags::INSTANCE_NUMBER).and_then(|n| i32::try_from(n).ok()),
        acquired: acquired(object).or_else(|| frames_acquired.first().cloned()),
        frames_acquired: if frames > 1 { frames_acquired } else { Vec::new() },
        format: 0,
        frames,
        displays: display_indices,
        covers: cover_indices,
        icc_profile: icc_profile.is_some().then_some(0),
        icc_defect,
        patient_orientation: patient_orientation(object)
            .filter(|_| planes.is_empty() && !is_quadruped),
        is_quadruped,
        planes,
        view: projection_view(object),
        laterality: patient_study::side(object, [tags::IMAGE_LATERALITY, tags::LATERALITY]),
        cine: cine::read(object, frames),
        us_regions: regions,
        defect: absent
            .or(format_defect)
            .or(count.err())
            .or_else(|| contradicting_groups(object, frames))
            .or(too_many)
            .map(str::to_owned),
    };
    ImageContent {
        image,
        format,
        displays,
        covers,
        icc_profile,
        order: frame_order::read(object, frames),
        is_localizer: is_localizer(object),
        stack: stack::read(object),
        technique: technique::read(object),
        pet: pet::read(object),
        real_world: quantity::real_world(object),
    }
}

/// Functional groups for another number of frames: which rescale and window is whose cannot be told.
fn contradicting_groups(object: &InMemDicomObject, frames: u32) -> Option<&'static str> {
    let groups = object.items(tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE).len();
    (groups != 0 && groups != frames as usize)
        .then_some("functional groups contradict the number of frames")
}

/// The syntax frames are delivered in. Native frames are always delivered in explicit little endian
/// ([`super::read_frame`] swaps what is not), whatever the data set around them is, and so they are
/// where the file gives them the name of a compression: their length tells. Only a syntax that nobody
/// knows is left as it is.
fn delivered_syntax(stated: &str, pixel_data: PixelData) -> &str {
    let is_encapsulated = match pixel_data {
        PixelData::Present { is_encapsulated, .. } => is_encapsulated,
        PixelData::Absent | PixelData::Unknown => !is_native(stated),
    };
    if !is_encapsulated && (is_native(stated) || is_known_encapsulated(stated)) {
        uids::EXPLICIT_VR_LITTLE_ENDIAN
    } else {
        stated
    }
}

/// Whether this is one of the standard's own syntaxes for compressed pixel data.
pub(super) fn is_known_encapsulated(uid: &str) -> bool {
    uid == uids::RLE_LOSSLESS
        || uid.starts_with("1.2.840.10008.1.2.4.")
        || uid.starts_with("1.2.840.10008.1.2.8.")
}

/// `YYYYMMDD` or `YYYYMMDDHHMMSS[.F]` of the acquisition, else of the content.
fn acquired(object: &InMemDicomObject) -> Option<String> {
    let pairs = [
        (tags::ACQUISITION_DATE, tags::ACQUISITION_TIME),
        (tags::CONTENT_DATE, tags::CONTENT_TIME),
    ];
    pairs.into_iter().find_map(|(date_tag, time_tag)| {
        let date = date_time::date(&object.text(date_tag)?)?;
        let time =
            object.text(time_tag).and_then(|text| date_time::time(&text)).unwrap_or_default();
        Some(date + &time)
    })
}

/// Patient Orientation of a biped: directions of the rows and of the columns, up to three letters each,
/// none of them with its opposite, and not both along the same axis of the body.
fn patient_orientation(object: &InMemDicomObject) -> Option<[String; 2]> {
    const AXES: [&str; 3] = ["LR", "AP", "HF"];
    let axis = |letter: char| AXES.iter().position(|axis| axis.contains(letter));
    let axes = |text: &str| {
        let axes = text.chars().map(axis).collect::<Option<Vec<_>>>()?;
        let is_repeated = (1..axes.len()).any(|at| axes[..at].contains(&axes[at]));
        (!axes.is_empty() && !is_repeated).then_some(axes)
    };
    let pair: [String; 2] = object.texts(tags::PATIENT_ORIENTATION).try_into().ok()?;
    let [row, column] = [axes(&pair[0])?, axes(&pair[1])?];
    (row.first() != column.first()).then_some(pair)
}

/// Which view of the body a projection is; the meaning of its code is English, whatever the scheme.
fn projection_view(object: &InMemDicomObject) -> Option<String> {
    object.text(tags::VIEW_POSITION).or_else(|| {
        let code = object.items(tags::VIEW_CODE_SEQUENCE).first()?;
        code.text(tags::CODE_MEANING)
    })
}

fn is_quadruped(object: &InMemDicomObject) -> bool {
    object.text(tags::ANATOMICAL_ORIENTATION_TYPE).as_deref() == Some("QUADRUPED")
}
