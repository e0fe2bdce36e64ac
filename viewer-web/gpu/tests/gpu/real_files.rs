//! Every file of the test data beside the project, where it is present: both families of back ends draw
//! what the CPU reference draws, at 1:1 and zoomed.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use crate::compare::assert_close_picture;
use crate::frames::view;
use crate::harness::{Backend, Gpu, gpu};
use viewer_core::codec::decode_frame;
use viewer_core::dicom::{image_of, layout_of, read_frame, read_part10};
use viewer_core::display::{DisplayParams, Interpolation};
use viewer_core::exam::Series;
use viewer_core::geometry::Affine2;
use viewer_core::pixel::PixelFrame;
use viewer_core::viewport::{
    DataPresentation, ImageGeometry, ViewPresentation, frame_attributes, frame_display, resolve,
};

/// Canvas of zoomed views.
const CANVAS: [u32; 2] = [160, 120];

/// Files that hold pixels; `None`, with a word, where the data is not there.
fn files() -> Option<Vec<PathBuf>> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let Ok(manifest) = fs::read_to_string(folder.join("MANIFEST.tsv")) else {
        println!("skipped: no ../shared");
        return None;
    };
    let mut rows = manifest.lines().map(|line| line.split('\t').collect::<Vec<_>>());
    let header = rows.next().expect("a header line");
    let hash = header.iter().position(|name| *name == "expected_pixels_sha256").expect("hashes");
    let with_pixels = rows.filter(|row| row.get(hash).is_some_and(|hash| !hash.is_empty()));
    Some(with_pixels.map(|row| folder.join(row[0])).collect())
}

/// A series with the one image of a file, and its number of frames.
fn series(path: &Path) -> Series {
    let file = read_part10(File::open(path).expect("listed")).expect("readable");
    let content = image_of(&file);
    Series {
        formats: vec![content.format],
        displays: content.displays,
        images: vec![content.image],
        ..Series::default()
    }
}

/// What a fresh pane draws of a frame, counted from 0, at 1:1; `None` where there is no decoder for it.
fn drawn(path: &Path, series: &Series, frame: u32) -> Option<(PixelFrame, DisplayParams)> {
    let open = || File::open(path).expect("listed");
    let file = read_part10(open()).expect("readable");
    let layout = layout_of(&file, open()).expect("a layout");
    let encoded = read_frame(open(), &layout, frame + 1).expect("a frame");
    let (format, attributes) = frame_attributes(series, 0, frame).expect("attributes");
    let syntax = &format.transfer_syntax_uid;
    let decoded = decode_frame(syntax, &encoded, format, attributes.palette.as_ref()).ok()?;
    let size = [decoded.frame.columns(), decoded.frame.rows()];
    let view = resolve(&ImageGeometry::of(format), size, &ViewPresentation::default());
    let data = DataPresentation::default();
    let shown = frame_display(series, [0, frame], &data, &view, decoded.range).expect("a display");
    let params = DisplayParams { image_from_canvas: Affine2::IDENTITY, ..shown.params };
    Some((decoded.frame, params))
}

fn check_file(gpu: &mut Gpu, path: &Path) -> bool {
    let series = series(path);
    // The first frame, and one of each further way to display frames.
    let displays = &series.images[0].displays;
    let mut seen = BTreeSet::new();
    let frames = (0_u32..).zip(displays).filter(|(_, display)| seen.insert(**display));
    let mut is_drawn = false;
    for (frame, _) in frames.take(4) {
        let Some((pixels, params)) = drawn(path, &series, frame) else { return false };
        is_drawn = true;
        let name = format!("{}, frame {frame}", path.display());
        assert_close_picture(gpu, &format!("{name}, 1:1"), &pixels, &params);
        let [columns, rows] = [pixels.columns(), pixels.rows()].map(f64::from);
        let zoomed = |scale, degrees, interpolation| DisplayParams {
            canvas_size_px: CANVAS,
            image_from_canvas: view(CANVAS, [columns * 0.51, rows * 0.47], scale, degrees, false),
            interpolation,
            ..params.clone()
        };
        let fit = (columns / 160.0).max(rows / 120.0);
        for (view, params) in [
            ("fit", zoomed(fit, 0.0, Interpolation::Linear)),
            ("enlarged", zoomed(0.41, 0.0, Interpolation::Linear)),
            ("turned", zoomed(0.23, 90.0, Interpolation::Cubic)),
            ("pixels", zoomed(0.19, 0.0, Interpolation::Nearest)),
        ] {
            assert_close_picture(gpu, &format!("{name}, {view}"), &pixels, &params);
        }
    }
    is_drawn
}

fn check(backend: Backend) {
    let Some(files) = files() else { return };
    let Some(mut gpu) = gpu(backend) else { return };
    let drawn = files.iter().filter(|path| check_file(&mut gpu, path)).count();
    println!("{drawn} of {} files drawn on {backend:?}", files.len());
    assert!(drawn * 10 >= files.len() * 9, "only {drawn} of {} files", files.len());
}

#[test]
fn every_file_on_vulkan() {
    check(Backend::Vulkan);
}

#[test]
fn every_file_on_gles() {
    check(Backend::Gles);
}
