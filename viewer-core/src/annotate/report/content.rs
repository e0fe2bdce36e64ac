//! Content items (PS3.3 C.17.3) of measurements: TID 1501, and TID 1410 for regions.

use super::element::{DataSet, tag};
use super::{ReportEntry, ReportSource};
use crate::annotate::{ImageFacts, Kind, Region, SampleUnit, Value, ValueKind};
use crate::measure::{Measured, Unit};

/// Code value, coding scheme, meaning.
pub(super) type Code = [&'static str; 3];

const NO_UNITS: Code = ["1", "UCUM", "no units"];
const HOUNSFIELD: Code = ["[hnsf'U]", "UCUM", "Hounsfield unit"];
const SUV_BW: Code = ["g/ml{SUVbw}", "UCUM", "Standardized Uptake Value body weight"];

pub(super) fn code(of: Code) -> DataSet {
    let [value, scheme, meaning] = of;
    DataSet::default()
        .text(tag::CODE_VALUE, "SH", value)
        .text(tag::CODING_SCHEME, "SH", scheme)
        .text(tag::CODE_MEANING, "LO", meaning)
}

/// An item: how it belongs to the one that it is in, its type, what it is.
pub(super) fn item(relationship: &str, value_type: &str, name: Option<Code>) -> DataSet {
    let item = DataSet::default().text(tag::RELATIONSHIP, "CS", relationship).text(
        tag::VALUE_TYPE,
        "CS",
        value_type,
    );
    match name {
        Some(name) => item.sequence(tag::CONCEPT_NAME, [code(name)]),
        None => item,
    }
}

pub(super) fn coded(relationship: &str, name: Code, value: Code) -> DataSet {
    item(relationship, "CODE", Some(name)).sequence(tag::CONCEPT_CODE, [code(value)])
}

pub(super) fn worded(relationship: &str, name: Code, words: &str) -> DataSet {
    let words: String = words.chars().take(1024).collect();
    item(relationship, "TEXT", Some(name)).text(tag::TEXT_VALUE, "UT", &words)
}

pub(super) fn uid(relationship: &str, name: Code, value: &str) -> DataSet {
    item(relationship, "UIDREF", Some(name)).text(tag::UID_VALUE, "UI", value)
}

pub(super) fn container(name: Code, template: &str, content: Vec<DataSet>) -> DataSet {
    item("CONTAINS", "CONTAINER", Some(name)).and(contained(template, content))
}

/// What a container has behind its name.
fn contained(template: &str, content: Vec<DataSet>) -> DataSet {
    let of_template = DataSet::default().text(tag::MAPPING_RESOURCE, "CS", "DCMR").text(
        tag::TEMPLATE,
        "CS",
        template,
    );
    let set = DataSet::default().text(tag::CONTINUITY, "CS", "SEPARATE");
    let set =
        if template.is_empty() { set } else { set.sequence(tag::CONTENT_TEMPLATE, [of_template]) };
    if content.is_empty() { set } else { set.sequence(tag::CONTENT, content) }
}

/// The group of one annotation; `None` where its image is not in the exam that is reported, or it measures nothing.
pub(super) fn group(
    source: &ReportSource<'_>,
    entry: &ReportEntry,
    number: u16,
) -> Option<DataSet> {
    let annotation = &entry.annotation;
    let facts = ImageFacts::find(source.exam, &annotation.sop_instance_uid, annotation.frame)
        .filter(|facts| facts.series.exam == source.of)?;
    let points = annotation.points.image_points(&facts)?;
    let is_region = annotation.kind.is_region();
    let graphic = graphic(annotation.kind, &facts, &points)?;
    let seen =
        |relationship: &str, name: Option<Code>| scoord(relationship, name, &graphic, &facts);
    let numbers: Vec<DataSet> = entry
        .values
        .iter()
        .flat_map(|value| numbers(annotation.kind, value))
        .map(|number| number.item((!is_region).then(|| seen("INFERRED FROM", None))))
        .collect();
    if numbers.is_empty() {
        return None;
    }
    let tracking = source.uid(number);
    let mut content = vec![
        worded("HAS OBS CONTEXT", ["112039", "DCM", "Tracking Identifier"], &entry.name),
        uid("HAS OBS CONTEXT", ["112040", "DCM", "Tracking Unique Identifier"], &tracking),
    ];
    if is_region {
        content.push(seen("CONTAINS", Some(["111030", "DCM", "Image Region"])));
    }
    content.extend(numbers);
    if !entry.provenance.is_empty() {
        content.push(worded("CONTAINS", ["121106", "DCM", "Comment"], &entry.provenance));
    }
    let template = if is_region { "1410" } else { "1501" };
    Some(container(["125007", "DCM", "Measurement Group"], template, content))
}

/// Graphic type and points as DICOM has them: the corner of the first pixel is at (0, 0) there as well.
fn graphic(
    kind: Kind,
    facts: &ImageFacts<'_>,
    points: &[[f64; 2]],
) -> Option<(&'static str, Vec<[f64; 2]>)> {
    match Region::of(kind, facts, points) {
        // Ends of the one axis, then of the other.
        Some(Region::Ellipse { center: [x, y], radii: [across, down] }) => {
            let (horizontal, vertical) =
                ([[x - across, y], [x + across, y]], [[x, y - down], [x, y + down]]);
            let [major, minor] =
                if across >= down { [horizontal, vertical] } else { [vertical, horizontal] };
            Some(("ELLIPSE", [major, minor].concat()))
        }
        Some(region @ Region::Polygon(_)) => Some(("POLYLINE", region.outline())),
        None if points.len() == 1 => Some(("POINT", points.to_vec())),
        None if points.is_empty() => None,
        None => Some(("POLYLINE", points.to_vec())),
    }
}

fn scoord(
    relationship: &str,
    name: Option<Code>,
    (graphic_type, points): &(&'static str, Vec<[f64; 2]>),
    facts: &ImageFacts<'_>,
) -> DataSet {
    let name = name.unwrap_or(["121055", "DCM", "Path"]);
    let reference = image_reference(facts, facts.image.frames > 1);
    let image = DataSet::default()
        .sequence(tag::REFERENCED_SOP, [reference])
        .text(tag::RELATIONSHIP, "CS", "SELECTED FROM")
        .text(tag::VALUE_TYPE, "CS", "IMAGE");
    item(relationship, "SCOORD", Some(name))
        .sequence(tag::CONTENT, [image])
        .floats(tag::GRAPHIC_DATA, points.iter().flatten().map(|c| *c as f32))
        .text(tag::GRAPHIC_TYPE, "CS", graphic_type)
}

/// The image of some facts, with its frame where there are several.
pub(super) fn image_reference(facts: &ImageFacts<'_>, with_frame: bool) -> DataSet {
    let reference = DataSet::default()
        .text(tag::REFERENCED_SOP_CLASS, "UI", &facts.format.sop_class_uid)
        .text(tag::REFERENCED_SOP_INSTANCE, "UI", &facts.image.sop_instance_uid);
    if with_frame {
        reference.text(tag::REFERENCED_FRAME, "IS", &(facts.frame + 1).to_string())
    } else {
        reference
    }
}

/// A number of a report.
struct Number {
    name: Code,
    derivation: Option<Code>,
    value: f64,
    unit: Code,
}

impl Number {
    fn item(&self, inferred_from: Option<DataSet>) -> DataSet {
        let measured = DataSet::default().sequence(tag::UNITS, [code(self.unit)]).text(
            tag::NUMERIC_VALUE,
            "DS",
            &decimal(self.value),
        );
        let derivation = self
            .derivation
            .map(|how| coded("HAS CONCEPT MOD", ["121401", "DCM", "Derivation"], how));
        let content: Vec<_> = derivation.into_iter().chain(inferred_from).collect();
        let number =
            item("CONTAINS", "NUM", Some(self.name)).sequence(tag::MEASURED_VALUE, [measured]);
        if content.is_empty() { number } else { number.sequence(tag::CONTENT, content) }
    }
}

/// A Decimal String: at most 16 characters.
fn decimal(value: f64) -> String {
    let plain = format!("{value:.6}");
    if plain.len() <= 16 { plain } else { format!("{value:.8e}") }
}

fn numbers(kind: Kind, value: &Value) -> Vec<Number> {
    match value {
        Value::Measured(of, measured) => {
            measured_number(kind, *of, *measured).into_iter().collect()
        }
        Value::Statistics(found, unit) => {
            let derived = [
                (["373098007", "SCT", "Mean"], found.mean),
                (["386136009", "SCT", "Standard Deviation"], found.deviation),
                (["255605001", "SCT", "Minimum"], found.min),
                (["56851009", "SCT", "Maximum"], found.max),
            ];
            let number = |(how, value)| sample_number(value, unit, Some(how));
            derived.into_iter().filter_map(number).collect()
        }
        Value::Sample(Some(value), unit) => sample_number(*value, unit, None).into_iter().collect(),
        Value::Sample(None, _) | Value::Awaited => Vec::new(),
    }
}

fn measured_number(kind: Kind, of: ValueKind, measured: Measured) -> Option<Number> {
    let name: Code = match (of, kind) {
        (ValueKind::Angle, Kind::Cobb) => ["285285000", "SCT", "Cobb angle"],
        (ValueKind::Angle, _) => ["1483009", "SCT", "Angle"],
        (ValueKind::Area, _) => ["42798000", "SCT", "Area"],
        (ValueKind::Diameter, _) => ["81827009", "SCT", "Diameter"],
        (ValueKind::LongAxis, _) => ["103339001", "SCT", "Long Axis"],
        (ValueKind::ShortAxis, _) => ["103340004", "SCT", "Short Axis"],
        (ValueKind::Ratio, _) => ["CTR", "99NEGATOSCOPE", "Cardiothoracic ratio"],
        (ValueKind::Offset, _) => ["PLUMB", "99NEGATOSCOPE", "Distance from plumb line"],
        (ValueKind::Horizontal, _) => ["HORIZONTAL", "99NEGATOSCOPE", "Along the horizontal axis"],
        (ValueKind::Vertical, _) => ["VERTICAL", "99NEGATOSCOPE", "Along the vertical axis"],
        (ValueKind::Length, _) => ["410668003", "SCT", "Length"],
        // What the reader told is no measurement.
        (ValueKind::Known, _) => return None,
    };
    let unit: Code = match measured.unit {
        Unit::Millimetre => ["mm", "UCUM", "mm"],
        Unit::SquareMillimetre => ["mm2", "UCUM", "mm2"],
        Unit::Pixel | Unit::SquarePixel => ["{pixels}", "UCUM", "pixels"],
        Unit::Degree => ["deg", "UCUM", "deg"],
        Unit::Ratio => NO_UNITS,
        Unit::Second => ["s", "UCUM", "s"],
        Unit::CentimetrePerSecond => ["cm/s", "UCUM", "cm/s"],
        Unit::Hertz => ["Hz", "UCUM", "Hz"],
    };
    Some(Number { name, derivation: None, value: measured.value, unit })
}

/// Values in units that have no code here are left out rather than called something else.
fn sample_number(value: f64, unit: &SampleUnit, derivation: Option<Code>) -> Option<Number> {
    let (name, unit): (Code, Code) = match unit {
        SampleUnit::Suv => (["126401", "DCM", "SUVbw"], SUV_BW),
        SampleUnit::OfFile(unit) if unit == "HU" => {
            (["112031", "DCM", "Attenuation Coefficient"], HOUNSFIELD)
        }
        SampleUnit::OfFile(_) => return None,
    };
    Some(Number { name, derivation, value, unit })
}
