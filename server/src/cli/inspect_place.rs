//! What `negatoscope inspect` prints of where an image lies and what can be measured on it.

use viewer_core::exam::{
    ImageFormat, SeriesSuv, SliceGeometry, SpacingSource, StackAttributes, UltrasoundRegion,
};
use viewer_core::inspect::ImageFacts;

use super::inspect_text::Lines;

pub(super) fn add_place(lines: &mut Lines, image: &ImageFacts) {
    lines.add("Calibration", &calibration(image));
    for region in &image.us_regions {
        lines.add("Ultrasound region", &us_region(region));
    }
    add_plane(lines, image);
    if let Some(slices) = &image.slices {
        lines.add("Slices", &slice_geometry(slices));
    }
    if let Some(told_apart) = stack(&image.stack) {
        lines.add("Told apart by", &told_apart);
    }
    if !image.technique.is_empty() {
        lines.add("Technique", &image.technique);
    }
    if let Some(cine) = image.cine {
        lines.add("Frame time", &format!("{} ms", cine.frame_time_ms));
    }
    if let Some(uptake) = &image.suv {
        lines.add("Uptake", &suv(uptake));
    }
    for mapping in &image.real_world {
        lines.add("Real world value", &mapping.to_string());
    }
}

fn calibration(image: &ImageFacts) -> String {
    let ImageFormat { spacing, aspect_ratio, .. } = &image.format;
    match (spacing, aspect_ratio) {
        (Some(spacing), _) => format!(
            "{} mm between rows, {} mm between columns, by {}",
            spacing.between_rows_mm,
            spacing.between_columns_mm,
            provenance(spacing.source)
        ),
        (None, _) if image.us_regions.iter().any(|one| one.pixel_size_mm().is_some()) => {
            "by ultrasound region".to_owned()
        }
        (None, Some([vertical, horizontal])) => {
            format!("none; pixel aspect ratio {vertical}:{horizontal}")
        }
        (None, None) => "none: lengths are in pixels".to_owned(),
    }
}

fn provenance(source: SpacingSource) -> &'static str {
    match source {
        SpacingSource::PixelSpacing => "Pixel Spacing (in the patient)",
        SpacingSource::Fiducial => "Pixel Spacing (calibrated by an object of known size)",
        SpacingSource::Geometry => {
            "Pixel Spacing (corrected for magnification at an assumed depth)"
        }
        SpacingSource::Corrected => "Pixel Spacing (corrected, not said how)",
        SpacingSource::Uncertain => {
            "Pixel Spacing (in the patient or at the detector, not said which)"
        }
        SpacingSource::ImagerPixelSpacing => "Imager Pixel Spacing (at the detector)",
        SpacingSource::Magnification => {
            "Imager Pixel Spacing and Estimated Radiographic Magnification Factor"
        }
        SpacingSource::NominalScanned => "Nominal Scanned Pixel Spacing",
        SpacingSource::UltrasoundRegion => "its ultrasound region",
    }
}

fn us_region(region: &UltrasoundRegion) -> String {
    let [x0, y0, x1, y1] = region.bounds_px;
    let scale = match region.pixel_size_mm() {
        Some([width, height]) => format!("pixels of {width} mm x {height} mm"),
        None => "no picture in space".to_owned(),
    };
    let priority = if region.is_high_priority() { "" } else { ", low priority" };
    format!("columns {x0} to {x1}, rows {y0} to {y1}: {scale}{priority}")
}

fn add_plane(lines: &mut Lines, image: &ImageFacts) {
    if let Some(plane) = &image.first_plane {
        let [x, y, z] = plane.position_mm;
        let of =
            if image.planes > 1 { format!(", first of {}", image.planes) } else { String::new() };
        lines.add("Position", &format!("{x} {y} {z} mm{of}"));
        let directions = [plane.row_direction, plane.column_direction].concat();
        let directions: Vec<String> = directions.iter().map(f64::to_string).collect();
        lines.add("Orientation", &directions.join(" "));
    }
    if let Some([row, column]) = &image.directions {
        lines.add("Directions", &format!("rows towards {row}, columns towards {column}"));
    }
}

fn slice_geometry(slices: &SliceGeometry) -> String {
    let mut said = vec![format!("{} places", slices.slices)];
    let mut add = |is_so: bool, what: String| said.extend(is_so.then_some(what));
    add(slices.volumes > 1, format!("{} images at each", slices.volumes));
    if let Some(spacing_mm) = slices.spacing_mm {
        add(slices.variable_spacing_mm.is_none(), format!("{spacing_mm} mm apart"));
    }
    if let Some([least_mm, most_mm]) = slices.variable_spacing_mm {
        add(true, format!("{least_mm} to {most_mm} mm apart"));
    }
    add(slices.missing > 0, format!("{} missing", slices.missing));
    add(slices.duplicates > 0, format!("{} duplicates", slices.duplicates));
    if let Some(overlap_mm) = slices.overlap_mm {
        add(true, format!("overlapping by {overlap_mm} mm"));
    }
    if let Some(degrees) = slices.tilt_degrees {
        add(true, format!("tilted by {degrees} degrees"));
    }
    add(slices.is_shifted, "not above each other".to_owned());
    said.join(", ")
}

/// `None` where it says nothing by which images in one place are told apart.
fn stack(stack: &StackAttributes) -> Option<String> {
    let shown = |name: &str, value: Option<String>, unit: &str| {
        value.map(|value| format!("{name} {value}{unit}"))
    };
    let number = |value: Option<f64>| value.map(|value| value.to_string());
    let integer = |value: Option<i32>| value.map(|value| value.to_string());
    let said: Vec<String> = [
        shown("stack", stack.stack_id.clone(), ""),
        shown("kernel", stack.kernel.clone(), ""),
        shown("echo", integer(stack.echo_number), ""),
        shown("echo time", number(stack.echo_time_ms), " ms"),
        shown("inversion time", number(stack.inversion_time_ms), " ms"),
        shown("b-value", number(stack.b_value), " s/mm2"),
        shown("temporal position", integer(stack.temporal_position), ""),
        shown("trigger time", number(stack.trigger_time_ms), " ms"),
        shown("acquisition", integer(stack.acquisition_number), ""),
    ]
    .into_iter()
    .flatten()
    .collect();
    (!said.is_empty()).then(|| said.join(", "))
}

fn suv(uptake: &SeriesSuv) -> String {
    match uptake {
        SeriesSuv::Known(suv) => {
            let factor = suv.by_weight.first().map_or(String::new(), f64::to_string);
            format!("{factor} g/mL by weight per modality value, by this image alone")
        }
        SeriesSuv::Unknown(reason) => format!("not computed: {reason}"),
    }
}
