//! Annotations of a series as a Grayscale Softcopy Presentation State (PS3.3 A.33.1): lines and words on their images, with
//! the window and the turns of the pane.

use std::collections::BTreeMap;

use super::content::image_reference;
use super::document::{Document, file, head};
use super::element::{DataSet, tag};
use super::graphics::{graphics, words};
use super::{PresentationEntry, PresentationSource};
use crate::annotate::ImageFacts;
use crate::display::Voi;
use crate::exam::{LookupTable, ModalityTransform, VoiFunction};
use crate::viewport::{VoiSource, resolve_voi};

const GRAYSCALE_STATE: Document = Document {
    sop_class: "1.2.840.10008.5.1.4.1.1.11.1",
    modality: "PR",
    description: "Annotations",
};
const LAYER: &str = "ANNOTATIONS";

/// An annotation on its image.
pub(super) struct Placed<'a> {
    pub(super) facts: ImageFacts<'a>,
    pub(super) entry: &'a PresentationEntry,
    pub(super) points: Vec<[f64; 2]>,
}

/// A DICOM file with what was drawn on a series; `None` where nothing was, or its images have colours.
#[must_use]
pub fn presentation_state(source: &PresentationSource<'_>) -> Option<Vec<u8>> {
    let placed: Vec<Placed<'_>> =
        source.entries.iter().filter_map(|entry| placed(source, entry)).collect();
    let first = &placed.first()?.facts;
    let instance = source.about.uid(1);
    let laterality = first.series.laterality.as_deref().unwrap_or_default();
    let whose = source.about.exam.of(first.series.exam)?;
    let data = head(&source.about, whose, &GRAYSCALE_STATE, &instance, references(&placed))
        .text(tag::LATERALITY, "CS", laterality)
        .and(values(source, &placed))
        .and(DataSet::default().sequence(tag::GRAPHIC_ANNOTATION, placed.iter().map(annotation)))
        .and(space(source, &placed))
        .and(identification(source))
        .text(tag::LUT_SHAPE, "CS", lut_shape(source, first));
    Some(file(&GRAYSCALE_STATE, &instance, data))
}

fn placed<'a>(source: &PresentationSource<'a>, entry: &'a PresentationEntry) -> Option<Placed<'a>> {
    let annotation = &entry.annotation;
    let exam = source.about.exam;
    let facts = ImageFacts::find(exam, &annotation.sop_instance_uid, annotation.frame)?;
    let series = exam.series.get(usize::try_from(source.series).ok()?)?;
    let is_of_series = series.series_instance_uid == facts.series.series_instance_uid;
    let is_grey = facts.format.is_grey() && facts.display.palette.is_none();
    let points = annotation.points.image_points(&facts)?;
    (is_of_series && is_grey).then_some(Placed { facts, entry, points })
}

/// The images, each once.
fn images<'a>(placed: &'a [Placed<'_>]) -> BTreeMap<&'a str, &'a ImageFacts<'a>> {
    placed.iter().map(|one| (one.facts.image.sop_instance_uid.as_str(), &one.facts)).collect()
}

/// Presentation State Relationship.
fn references(placed: &[Placed<'_>]) -> DataSet {
    let images = images(placed).into_values().map(|facts| image_reference(facts, false));
    let series = placed.first().map_or("", |one| one.facts.series.series_instance_uid.as_str());
    let item =
        DataSet::default().sequence(tag::REFERENCED_IMAGE, images).text(tag::SERIES, "UI", series);
    DataSet::default().sequence(tag::REFERENCED_SERIES, [item])
}

/// Modality and VOI steps, where one and the same holds for all images: a state has one modality step only.
fn values(source: &PresentationSource<'_>, placed: &[Placed<'_>]) -> DataSet {
    let Some(first) = placed.first().map(|one| &one.facts) else { return DataSet::default() };
    let modality = &first.display.modality;
    let ModalityTransform::Rescale { slope, intercept } = modality else {
        return DataSet::default();
    };
    if placed.iter().any(|one| one.facts.display.modality != *modality) {
        return DataSet::default();
    }
    let kind = if first.display.unit == "HU" { "HU" } else { "US" };
    let rescale = DataSet::default()
        .text(tag::RESCALE_INTERCEPT, "DS", &decimal(*intercept))
        .text(tag::RESCALE_SLOPE, "DS", &decimal(*slope))
        .text(tag::RESCALE_TYPE, "LO", kind);
    match window(source, first) {
        Some(window) => rescale.sequence(tag::SOFTCOPY_VOI, [window]),
        None => rescale,
    }
}

/// The window or the curve of the pane; none where it was guessed of pixels that are not here.
fn window(source: &PresentationSource<'_>, facts: &ImageFacts<'_>) -> Option<DataSet> {
    let choice = source.view.data.voi;
    let (voi, from) = resolve_voi(choice, facts.display, facts.format, None);
    let is_guessed =
        matches!(from, VoiSource::CentralRange | VoiSource::PixelRange | VoiSource::BitRange);
    let (center, width, function) = match voi {
        Voi::Window { center, width, function } => (center, width, function),
        Voi::Lut(lut) => return Some(DataSet::default().sequence(tag::VOI_LUT, [curve(&lut)])),
    };
    let function = match function {
        VoiFunction::Linear => "LINEAR",
        VoiFunction::LinearExact => "LINEAR_EXACT",
        VoiFunction::Sigmoid => "SIGMOID",
    };
    (!is_guessed).then(|| {
        DataSet::default()
            .text(tag::WINDOW_CENTER, "DS", &decimal(center))
            .text(tag::WINDOW_WIDTH, "DS", &decimal(width))
            .text(tag::VOI_FUNCTION, "CS", function)
    })
}

/// The casts are those of the attribute: 65536 entries are 0, and what is negative is read as signed (C.11.2.1.1).
fn curve(lut: &LookupTable) -> DataSet {
    let descriptor = [lut.entries.len() as u16, lut.first_mapped as u16, lut.bits];
    DataSet::default().words(tag::LUT_DESCRIPTOR, "US", &descriptor).words(
        tag::LUT_DATA,
        "OW",
        &lut.entries,
    )
}

fn annotation(placed: &Placed<'_>) -> DataSet {
    let reference = image_reference(&placed.facts, placed.facts.image.frames > 1);
    let set = DataSet::default().sequence(tag::REFERENCED_IMAGE, [reference]).text(
        tag::LAYER,
        "CS",
        LAYER,
    );
    let texts = words(placed);
    let set = if texts.is_empty() { set } else { set.sequence(tag::TEXT_OBJECT, texts) };
    set.sequence(tag::GRAPHIC_OBJECT, graphics(placed))
}

/// Spatial Transformation (turned first, then mirrored: H·Rᑫ = R⁻ᑫ·H), Displayed Area of whole images, Graphic Layer.
fn space(source: &PresentationSource<'_>, placed: &[Placed<'_>]) -> DataSet {
    let look = &source.view.presentation;
    let turns = u16::from(look.quarter_turns % 4);
    let turns = if look.mirrored { (4 - turns) % 4 } else { turns };
    let layer = DataSet::default().text(tag::LAYER, "CS", LAYER).text(tag::LAYER_ORDER, "IS", "1");
    DataSet::default()
        .text(tag::FLIP, "CS", if look.mirrored { "Y" } else { "N" })
        .short(tag::ROTATION, turns * 90)
        .sequence(tag::DISPLAYED_AREA, images(placed).into_values().map(area))
        .sequence(tag::GRAPHIC_LAYER, [layer])
}

fn area(facts: &ImageFacts<'_>) -> DataSet {
    let last = [facts.format.columns, facts.format.rows].map(|side| side.min(65_535) as i32);
    let set = DataSet::default()
        .sequence(tag::REFERENCED_IMAGE, [image_reference(facts, false)])
        .signed(tag::AREA_TOP_LEFT, &[1, 1])
        .signed(tag::AREA_BOTTOM_RIGHT, &last)
        .text(tag::SIZE_MODE, "CS", "SCALE TO FIT");
    match (&facts.format.spacing, facts.format.aspect_ratio) {
        (Some(spacing), _) => {
            let pair = [spacing.between_rows_mm, spacing.between_columns_mm].map(decimal);
            set.text(tag::AREA_SPACING, "DS", &pair.join("\\"))
        }
        (None, Some([down, across])) => {
            set.text(tag::AREA_ASPECT, "IS", &format!("{down}\\{across}"))
        }
        (None, None) => set.text(tag::AREA_ASPECT, "IS", "1\\1"),
    }
}

/// Presentation State Identification.
fn identification(source: &PresentationSource<'_>) -> DataSet {
    let [date, time] = source.about.date_time;
    let description = if source.about.language == "fr" {
        "Annotations du lecteur"
    } else {
        "Annotations of a reader"
    };
    DataSet::default()
        .text(tag::CONTENT_LABEL, "CS", LAYER)
        .text(tag::CONTENT_DESCRIPTION, "LO", description)
        .text(tag::CREATION_DATE, "DA", date)
        .text(tag::CREATION_TIME, "TM", time)
        .text(tag::CREATOR, "PN", "")
}

/// Low values are bright where the image says so or the reader wanted it, and dark where both.
fn lut_shape(source: &PresentationSource<'_>, facts: &ImageFacts<'_>) -> &'static str {
    let is_low_white = facts.format.photometric_interpretation == "MONOCHROME1"
        || facts.display.inverse_presentation;
    if is_low_white != source.view.data.invert { "INVERSE" } else { "IDENTITY" }
}

/// A Decimal String: at most 16 characters.
fn decimal(value: f64) -> String {
    let plain = value.to_string();
    if plain.len() <= 16 { plain } else { format!("{value:.8e}") }
}
