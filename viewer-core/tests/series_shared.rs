//! Real series of the shared test data: order, stacks, spacing, calibration, uptake.
#![cfg(feature = "dicom")]
#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

mod support;

use std::fs::File;

use support::shared::rows;
use viewer_core::dicom::{image_of, index, read_part10};
use viewer_core::exam::{
    Content, ExamSummary, Instance, Series, SeriesSuv, SliceGeometry, SpacingSource,
};
use viewer_core::geometry::plane::{normal, position_along_mm};
use viewer_core::series::assemble;

/// The images of a folder; `None` where there are no test data.
fn instances(name: &str) -> Option<Vec<Instance>> {
    let (folder, rows) = rows()?;
    let of_series = rows.iter().filter(|row| row.path.starts_with(name) && row.has("rows"));
    let read =
        |path: &str| index(File::open(folder.join(path)).expect("listed")).expect("an image");
    Some(of_series.map(|row| read(&row.path).instance).collect())
}

fn exam_of(instances: Vec<Instance>) -> ExamSummary {
    let mut backwards = instances.clone();
    backwards.reverse();
    let found = assemble(instances).expect("one exam");
    assert_eq!(assemble(backwards).expect("one exam"), found, "by order of arrival");
    found
}

/// The only stack of a folder.
fn series_of(name: &str) -> Option<Series> {
    let mut found = exam_of(instances(name)?);
    assert_eq!(found.series.len(), 1, "{name}");
    found.series.pop()
}

fn geometry(series: &Series) -> &SliceGeometry {
    series.slices.as_ref().expect("parallel slices")
}

fn positions_mm(series: &Series) -> Vec<f64> {
    let position = |plane| position_along_mm(plane, normal(plane));
    series.images.iter().filter_map(|image| image.plane(0).map(position)).collect()
}

fn spacing_mm(series: &Series) -> f64 {
    (geometry(series).spacing_mm.expect("a spacing") * 1000.0).round() / 1000.0
}

#[test]
fn plain_stacks() {
    for (name, slices, spacing) in [
        ("series/mr-sag-35-hfs/", 35, 4.8),
        ("series/pet-wb-299/", 299, 3.375),
        ("series/mr-adc-21/", 20, 3.0),
        ("series/ct-phantom-28/", 28, 5.0),
        ("series/ct-jpegll-20-with-kos/", 20, 1.2),
    ] {
        let Some(series) = series_of(name) else { return };
        let stack = geometry(&series);
        let counts = (stack.slices, stack.volumes, stack.duplicates, stack.missing);
        assert_eq!(counts, (slices, 1, 0, 0), "{name}");
        assert_eq!(spacing_mm(&series), spacing, "{name}");
        assert_eq!((stack.tilt_degrees, stack.is_shifted), (None, false), "{name}");
        let positions = positions_mm(&series);
        let rising = positions.windows(2).all(|pair| pair[0] < pair[1]);
        let falling = positions.windows(2).all(|pair| pair[0] > pair[1]);
        assert!(rising || falling, "{name}");
    }
}

#[test]
fn slices_taken_out_are_missing_and_slices_of_two_mm_overlap() {
    let Some(mut instances) = instances("series/ct-jpegll-20-with-kos/") else { return };
    instances.sort_by_key(|instance| match &instance.content {
        Content::Image(content) => content.image.instance_number,
        Content::Unsupported { .. } => None,
    });
    instances.drain(7..10);
    instances.remove(2);
    let found = exam_of(instances);
    let stack = geometry(&found.series[0]);
    assert_eq!((stack.slices, stack.missing), (16, 4));
    assert_eq!(spacing_mm(&found.series[0]), 1.2);
    assert!((stack.overlap_mm.expect("overlap") - 0.8).abs() < 1e-6);
}

#[test]
fn ten_volumes_of_fifteen_slices() {
    let Some(series) = series_of("series/mr-fmri-4d-150/") else { return };
    let stack = geometry(&series);
    let counts = (stack.slices, stack.volumes, stack.missing, stack.duplicates);
    assert_eq!(counts, (15, 10, 0, 0));
    let positions = positions_mm(&series);
    for volume in positions.chunks(15) {
        assert!(volume.windows(2).all(|pair| (pair[1] - pair[0] - 5.0).abs() < 0.01));
    }
}

#[test]
fn uptake_of_a_whole_body() {
    let Some(series) = series_of("series/pet-wb-299/") else { return };
    let Some(SeriesSuv::Known(suv)) = &series.suv else { panic!("no SUV") };
    // 66.2 kg, 381.47 MBq given 5024.678 s before the first bed; the Decay Factors of the beds lead
    // back to that moment within a millisecond.
    assert_eq!(suv.by_weight.len(), 1);
    assert!((suv.by_weight[0] / 0.000_294_480_404_713_129_8 - 1.0).abs() < 1e-9);
    assert_eq!(suv.lean_james, None, "no height");
}

#[test]
fn uptake_of_one_dynamic_frame() {
    let Some(series) = series_of("pt/") else { return };
    // A frame 16 minutes into the scan, which began with the injection: 82.174 kg, 173.53 MBq. Its
    // Frame Reference Time leads back to about a second after it.
    let Some(SeriesSuv::Known(suv)) = &series.suv else { panic!("no SUV") };
    let undecayed = 82_174.0 / 173_529_998.779_3;
    assert!((suv.by_weight[0] / undecayed - 1.0).abs() < 2e-4, "{}", suv.by_weight[0] / undecayed);
}

#[test]
fn calibration_of_single_files() {
    let Some((folder, rows)) = rows() else { return };
    for (path, rows_mm, source) in [
        (
            "cr-dx-mammo/OutOfBoundsOverlay.dcm",
            0.085 / 1.043_338_683_788_1,
            SpacingSource::Magnification,
        ),
        ("cr-dx-mammo/dx_image.dcm", 1.2, SpacingSource::ImagerPixelSpacing),
        ("dicomdir/pydicom/77654033/CR1/6154", 0.1, SpacingSource::ImagerPixelSpacing),
        ("ct/CT_small.dcm", 0.661_468, SpacingSource::PixelSpacing),
    ] {
        let file = read_part10(File::open(folder.join(path)).expect("a file")).expect("readable");
        let format = image_of(&file).format;
        let row = rows.iter().find(|row| row.path == path).expect("listed");
        assert_eq!(row.get("rows"), format.rows.to_string(), "{path}");
        let spacing = format.spacing.expect("a spacing");
        assert_eq!(spacing.source, source, "{path}");
        assert!((spacing.between_rows_mm - rows_mm).abs() < 1e-9, "{path}");
    }
}
