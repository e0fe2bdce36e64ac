//! The reference renderer, end to end, against pictures that DCMTK made of the shared test data.
#![cfg(all(feature = "codecs", feature = "dicom"))]
#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

mod support;

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use support::shared::{rows, table};
use viewer_core::codec::{DecodeError, DecodedFrame, decode_frame};
use viewer_core::dicom::{image_of, layout_of, read_frame, read_part10};
use viewer_core::display::{
    ColourMap, DisplayParams, Interpolation, Modality, Voi, cpu, is_inverted,
};
use viewer_core::exam::{DisplayAttributes, ImageContent, VoiFunction};
use viewer_core::geometry::Affine2;
use viewer_core::viewport::{output, supplemental_palette};

/// A picture that is not the one the standard asks for, why, and what a pixel of ours and one of DCMTK's
/// look like where they differ.
struct Otherwise {
    path: &'static str,
    reason: &'static str,
    explains: fn(&[u8], &[u8]) -> bool,
}

const OTHERWISE: [Otherwise; 5] = [
    Otherwise { path: "derived/native/ybr-full-planar.dcm", reason: YBR, explains: within_two },
    Otherwise {
        path: "photometric/ybr/SC_ybr_full_uncompressed.dcm",
        reason: YBR,
        explains: within_two,
    },
    Otherwise { path: "gsps/overlay.dcm", reason: OVERLAY, explains: is_overlaid },
    Otherwise {
        path: "overlay/MR-SIEMENS-DICOM-WithOverlays.dcm",
        reason: OVERLAY,
        explains: is_overlaid,
    },
    Otherwise {
        path: "multiframe/eCT_Supplemental.dcm",
        reason: SUPPLEMENTAL,
        explains: is_coloured,
    },
];
const YBR: &str = "off by up to 2 in DCMTK; ours follow the equations of PS3.3 C.7.6.3.1.2";
const OVERLAY: &str = "DCMTK draws the overlay planes, white, into the picture; here they are no part of \
                       the grey scale pipeline but lie on top of it (PS3.4 N.2)";
const SUPPLEMENTAL: &str = "DCMTK does not know supplemental palettes and draws their values as greys; \
                            PS3.3 C.7.6.19 makes them colours";

fn within_two(ours: &[u8], theirs: &[u8]) -> bool {
    ours.iter().zip(theirs).all(|(a, b)| a.abs_diff(*b) <= 2)
}

fn is_overlaid(_ours: &[u8], theirs: &[u8]) -> bool {
    theirs == [255; 4]
}

/// The first of the colours, of stored value 1024, is all but black; DCMTK's grey of it is 218.
fn is_coloured(ours: &[u8], theirs: &[u8]) -> bool {
    let is_first = (ours, theirs) == (&[1, 1, 1, 255], &[218, 218, 218, 255]);
    is_first || ours[0] != ours[1] || ours[1] != ours[2] || within_two(ours, theirs)
}

/// A picture agrees when this share of its pixels is within one grey level.
const SHARE: f64 = 0.999;

#[test]
fn pictures_agree_with_dcmtk() {
    let Some((folder, manifest)) = rows() else { return };
    let renders = table(&folder.join("reference-render/RENDERS.tsv"), "source");
    let (mut agreed, mut wrong) = (0, Vec::new());
    for row in &renders {
        let known = manifest.iter().find(|known| known.path == row.path);
        assert!(known.is_some_and(|known| known.has("expected_pixels_sha256")), "{}", row.path);
        let expected = read_png(&folder.join("reference-render").join(row.get("png")));
        let drawn = match draw(&folder.join(&row.path), row.get("voi")) {
            Ok(Some(drawn)) => drawn,
            Ok(None) => continue,
            Err(error) => {
                wrong.push(format!("{}: {error}", row.path));
                continue;
            }
        };
        let share = share_within(&drawn, &expected, 1);
        let otherwise = OTHERWISE.iter().find(|otherwise| otherwise.path == row.path);
        match (share >= SHARE, otherwise) {
            (true, None) => agreed += 1,
            (true, Some(_)) => wrong.push(format!("{}: agrees, is no exception", row.path)),
            (false, Some(otherwise)) if is_explained(&drawn, &expected, otherwise) => {
                eprintln!("{} differs: {}", row.path, otherwise.reason);
            }
            (false, _) => wrong.push(format!("{}: {:.2} % within 1", row.path, share * 100.0)),
        }
    }
    assert!(wrong.is_empty(), "{agreed} agree, {} do not:\n{}", wrong.len(), wrong.join("\n"));
    assert!(agreed >= 69, "{agreed} pictures agreed");
}

/// The picture of the first frame at 1:1; `None` where there is no decoder for it (yet).
fn draw(path: &Path, voi: &str) -> Result<Option<Vec<u8>>, String> {
    let open = || File::open(path).expect("listed");
    let file = read_part10(open()).map_err(|error| error.to_string())?;
    let layout = layout_of(&file, open()).map_err(|error| error.to_string())?;
    let content = image_of(&file);
    let encoded = read_frame(open(), &layout, 1).map_err(|error| error.to_string())?;
    let attributes = &content.displays[usize::from(content.image.displays[0])];
    let (format, palette) = (&content.format, attributes.palette.as_ref());
    match decode_frame(&format.transfer_syntax_uid, &encoded, format, palette) {
        Ok(decoded) => {
            let params = params(&content, attributes, &decoded, voi);
            Ok(Some(cpu::render(&decoded.frame, &params)))
        }
        Err(DecodeError::Unsupported { .. }) => Ok(None),
        Err(error) => Err(error.to_string()),
    }
}

fn params(
    content: &ImageContent,
    attributes: &DisplayAttributes,
    decoded: &DecodedFrame,
    voi: &str,
) -> DisplayParams {
    let modality = Modality::from(&attributes.modality);
    DisplayParams {
        canvas_size_px: [content.format.columns, content.format.rows],
        image_from_canvas: Affine2::IDENTITY,
        padding: content.format.padding,
        supplemental: supplemental_palette(attributes, &content.format),
        voi: match voi {
            "window 1" => Voi::from(&attributes.windows[0]),
            "VOI LUT 1" => Voi::Lut(attributes.voi_luts[0].clone()),
            _ => range_window(&modality, decoded),
        },
        modality,
        invert: is_inverted(attributes, &content.format, false),
        output: output(attributes, &content.format, ColourMap::Grey),
        interpolation: Interpolation::Nearest,
        background: 0,
    }
}

/// Smallest to largest modality value of the frame.
fn range_window(modality: &Modality, decoded: &DecodedFrame) -> Voi {
    let range = decoded.range.map_or([0.0, 1.0], |range| range.full);
    let [low, high] = range.map(|stored| modality.apply(stored));
    let (center, width) = (f64::midpoint(low, high), (high - low).abs());
    Voi::Window { center, width, function: VoiFunction::LinearExact }
}

/// RGBA of an 8-bit PNG.
fn read_png(path: &Path) -> Vec<u8> {
    let mut decoder = png::Decoder::new(BufReader::new(File::open(path).expect("a picture")));
    decoder.set_transformations(png::Transformations::EXPAND | png::Transformations::STRIP_16);
    let mut reader = decoder.read_info().expect("a PNG");
    let mut bytes = vec![0; reader.output_buffer_size().expect("a size")];
    let info = reader.next_frame(&mut bytes).expect("pixels");
    bytes.truncate(info.buffer_size());
    match info.color_type {
        png::ColorType::Grayscale => bytes.iter().flat_map(|&v| [v, v, v, 255]).collect(),
        png::ColorType::Rgb => bytes.chunks(3).flat_map(|p| [p[0], p[1], p[2], 255]).collect(),
        other => panic!("{other:?} is not what DCMTK writes"),
    }
}

/// Whether every pixel is within one level, or differs in the way that is known.
fn is_explained(ours: &[u8], theirs: &[u8], otherwise: &Otherwise) -> bool {
    let mut pixels = ours.chunks(4).zip(theirs.chunks(4));
    pixels.all(|(ours, theirs)| {
        share_within(ours, theirs, 1) == 1.0 || (otherwise.explains)(ours, theirs)
    })
}

fn share_within(found: &[u8], expected: &[u8], levels: u8) -> f64 {
    assert_eq!(found.len(), expected.len(), "pictures of different size");
    let agree =
        |(a, b): &(&[u8], &[u8])| a.iter().zip(b.iter()).all(|(a, b)| a.abs_diff(*b) <= levels);
    let pixels = found.chunks(4).zip(expected.chunks(4));
    pixels.filter(|pair| agree(pair)).count() as f64 / (found.len() / 4) as f64
}
