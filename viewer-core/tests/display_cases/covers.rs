//! Overlays of real files: against pictures in which DCMTK has drawn them, and where there are no such
//! pictures, against what the files say.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use viewer_core::codec::{decode_frame, decode_overlay_bits};
use viewer_core::dicom::{image_of, index, read_frame};
use viewer_core::display::cover::{CoverPlane, GRAPHIC, SHUTTERED};
use viewer_core::display::{DisplayParams, Interpolation, Modality, Voi, cpu};
use viewer_core::exam::{ImageContent, VoiFunction};
use viewer_core::geometry::Affine2;

use crate::support::shared::folder;

/// The first frame of a file: its attributes, its picture through its first window, what lies over it.
struct Drawn {
    content: ImageContent,
    picture: Vec<u8>,
    plane: CoverPlane,
}

fn drawn(path: &Path) -> Drawn {
    let open = || File::open(path).expect("listed");
    let indexed = index(open()).expect("readable");
    let content = image_of(&indexed.file);
    let layout = indexed.layout.expect("frames");
    let encoded = read_frame(open(), &layout, 1).expect("a frame");
    let format = &content.format;
    let syntax = &format.transfer_syntax_uid;
    let decoded = decode_frame(syntax, &encoded, format, None).expect("decoded");
    let cover = &content.covers[usize::from(content.image.covers[0])];
    let bits = cover.pixel_bits();
    let in_pixels = decode_overlay_bits(syntax, &encoded, format, &bits).expect("cells");
    let data: Vec<(u16, Vec<u8>)> = cover
        .overlays
        .iter()
        .filter_map(|plane| Some((plane.group, indexed.file.overlay_data(plane.group)?)))
        .collect();
    let size = [format.columns, format.rows];
    let plane = CoverPlane::compose(cover, 0, size, 1.0, |plane| match plane.bit {
        Some(bit) => {
            bits.iter().position(|known| *known == bit).map(|index| in_pixels[index].as_slice())
        }
        None => data.iter().find(|(group, _)| *group == plane.group).map(|(_, b)| b.as_slice()),
    });
    let attributes = &content.displays[0];
    let [low, high] = decoded.range.expect("grey").full;
    let range = || Voi::Window {
        center: f64::midpoint(low, high),
        width: high - low,
        function: VoiFunction::LinearExact,
    };
    let params = DisplayParams {
        canvas_size_px: size,
        image_from_canvas: Affine2::IDENTITY,
        padding: None,
        supplemental: None,
        modality: Modality::from(&attributes.modality),
        voi: attributes.windows.first().map_or_else(range, Voi::from),
        invert: false,
        output: None,
        interpolation: Interpolation::Nearest,
        background: 0,
    };
    let picture = cpu::render(&decoded.frame, &params);
    Drawn { content, picture, plane }
}

/// DCMTK draws overlays white.
#[test]
fn overlays_lie_where_dcmtk_draws_them() {
    let Some(folder) = folder() else { return };
    let files = [("overlay/MR-SIEMENS-DICOM-WithOverlays.dcm", 300), ("gsps/overlay.dcm", 2000)];
    for (path, least) in files {
        let Drawn { picture, plane, .. } = drawn(&folder.join(path));
        let png = folder.join("reference-render").join(format!("{}.png", path.replace('/', "__")));
        let expected = read_grey(&png);
        assert!(plane.is_whole(), "{path}");
        let pixels = plane.cells().iter().zip(picture.chunks(4)).zip(&expected);
        let (mut covered, mut wrong_over, mut wrong_beside) = (0, 0, 0);
        for ((cell, drawn), &expected) in pixels {
            let is_covered = cell & GRAPHIC != 0;
            covered += usize::from(is_covered);
            wrong_over += usize::from(is_covered && expected != 255);
            wrong_beside += usize::from(!is_covered && drawn[0].abs_diff(expected) > 1);
        }
        assert!(covered >= least, "{path}: {covered} pixels are covered");
        assert_eq!(wrong_over, 0, "{path}: of {covered} covered pixels");
        assert!(wrong_beside <= expected.len() / 1000, "{path}: {wrong_beside} beside them");
    }
}

/// Two circles of 101 × 101 pixels, one of them beginning at −25, −25.
#[test]
fn a_plane_that_begins_outside_is_cut_at_the_edge() {
    let Some(folder) = folder() else { return };
    let Drawn { content, plane, .. } = drawn(&folder.join("cr-dx-mammo/OutOfBoundsOverlay.dcm"));
    assert_eq!(plane.size(), [content.format.columns, content.format.rows]);
    assert!(plane.is_whole());
    let columns = content.format.columns as usize;
    let marked = |rows: std::ops::Range<usize>, from: usize, to: usize| {
        let lines = plane.cells().chunks(columns).skip(rows.start).take(rows.len());
        lines.flat_map(|line| &line[from..to]).filter(|cell| **cell & GRAPHIC != 0).count()
    };
    let (first, second) = (marked(703..804, 408, 509), marked(0..76, 0, 76));
    assert!(first > 0 && second > 0 && second < first, "{first}, {second}");
    let all = plane.cells().iter().filter(|cell| **cell & GRAPHIC != 0).count();
    assert_eq!(all, first + second);
    let shutter = content.covers[0].shutter.as_ref().expect("the file states one");
    let shut = plane.cells().iter().filter(|cell| **cell & SHUTTERED != 0).count();
    assert!(shut < plane.cells().len(), "{shutter:?}");
}

/// Frames that the file has in another order than their dimension indices.
#[test]
fn frames_of_real_files_follow_their_dimensions() {
    let Some(folder) = folder() else { return };
    let keys = |path: &str| {
        let indexed = index(File::open(folder.join(path)).expect("listed")).expect("readable");
        image_of(&indexed.file).order.keys
    };
    assert_eq!(keys("multiframe/eCT_Supplemental.dcm"), [[1, 2], [1, 1]]);
    let sequence = keys("multiframe/6_4.dcm");
    assert_eq!(sequence, (1..=6).map(|n| vec![1, n, 4]).collect::<Vec<_>>());
}

fn read_grey(path: &Path) -> Vec<u8> {
    let decoder = png::Decoder::new(BufReader::new(File::open(path).expect("a picture")));
    let mut reader = decoder.read_info().expect("a PNG");
    let mut bytes = vec![0; reader.output_buffer_size().expect("a size")];
    let info = reader.next_frame(&mut bytes).expect("pixels");
    assert_eq!(
        (info.color_type, info.bit_depth),
        (png::ColorType::Grayscale, png::BitDepth::Eight)
    );
    bytes.truncate(info.buffer_size());
    bytes
}
