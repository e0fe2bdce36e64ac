//! Which grey scale a frame gets.

use super::support::{attributes, format, series, unscaled, window};
use viewer_core::display::{ColourMap, Voi};
use viewer_core::exam::{
    DisplayAttributes, ImageFormat, LookupTable, ModalityTransform, Palette, SampleKind, Series,
    VoiFunction, VoiWindow,
};
use viewer_core::pixel::StoredRange;
use viewer_core::viewport::{
    DataPresentation, DisplayError, ImageGeometry, ResolvedView, UserWindow, ViewPresentation,
    VoiChoice, VoiSource, WindowPreset, frame_display, presets, resolve, resolve_voi, voi_choices,
};

fn view() -> ResolvedView {
    let geometry = ImageGeometry { columns: 8, rows: 8, pixel_aspect: 1.0, spacing: None };
    resolve(&geometry, [800, 600], &ViewPresentation::default())
}

fn linear(center: f64, width: f64) -> Voi {
    Voi::Window { center, width, function: VoiFunction::Linear }
}

fn exact(center: f64, width: f64) -> Voi {
    Voi::Window { center, width, function: VoiFunction::LinearExact }
}

fn default_voi(attributes: &DisplayAttributes, range: Option<[f64; 2]>) -> (Voi, VoiSource) {
    resolve_voi(VoiChoice::Default, attributes, &format(8, 8), range.map(StoredRange::from))
}

fn table() -> LookupTable {
    LookupTable { first_mapped: 0, bits: 8, entries: vec![0, 9, 255], explanation: String::new() }
}

#[test]
fn the_default_is_window_then_lut_then_range_then_bits() {
    let mut given = attributes();
    given.voi_luts.push(table());
    assert_eq!(default_voi(&given, None), (linear(40.0, 400.0), VoiSource::FileWindow(0)));
    given.windows.clear();
    assert_eq!(default_voi(&given, None), (Voi::Lut(table()), VoiSource::VoiLut(0)));
    given.voi_luts.clear();
    let range = Some([0.0, 2048.0]);
    assert_eq!(default_voi(&given, range), (exact(0.0, 2048.0), VoiSource::CentralRange));
    let (bits, source) = default_voi(&given, None);
    // −32768 … 32767, minus 1024
    assert_eq!((bits, source), (exact(-1024.5, 65_535.0), VoiSource::BitRange));
}

#[test]
fn a_curve_without_entries_keeps_a_place_and_is_none() {
    let empty = LookupTable { entries: Vec::new(), ..table() };
    let mut given = unscaled();
    given.voi_luts = vec![empty, table()];
    let series = series("MR", &[1]);
    assert_eq!(voi_choices(&series, &given), [VoiChoice::VoiLut(1), VoiChoice::FullRange]);
    assert_eq!(default_voi(&given, Some([0.0, 9.0])).1, VoiSource::CentralRange);
    let (voi, source) = resolve_voi(VoiChoice::VoiLut(1), &given, &format(8, 8), None);
    assert_eq!((voi, source), (Voi::Lut(table()), VoiSource::VoiLut(1)));
}

#[test]
fn windows_that_the_standard_does_not_define_are_never_used() {
    for (center, width) in [(40.0, 0.5), (40.0, 0.0), (40.0, -5.0), (f64::NAN, 100.0)] {
        let mut given = attributes();
        given.windows = vec![window(center, width), window(1.0, 2.0)];
        assert_eq!(default_voi(&given, None), (linear(1.0, 2.0), VoiSource::FileWindow(1)));
        let user = UserWindow { center, width, function: VoiFunction::Linear };
        let (voi, _) = resolve_voi(VoiChoice::User(user), &given, &format(8, 8), None);
        assert_eq!(voi, linear(1.0, 2.0));
    }
    let mut narrow = attributes();
    narrow.windows = vec![VoiWindow { function: VoiFunction::LinearExact, ..window(0.4, 0.5) }];
    assert_eq!(default_voi(&narrow, None).0, exact(0.4, 0.5));
}

#[test]
fn a_choice_the_frame_does_not_have_falls_back_and_says_so() {
    for choice in [VoiChoice::FileWindow(3), VoiChoice::VoiLut(0)] {
        let (voi, source) = resolve_voi(choice, &attributes(), &format(8, 8), None);
        assert_eq!((voi, source), (linear(40.0, 400.0), VoiSource::FileWindow(0)));
    }
}

#[test]
fn a_falling_rescale_still_has_a_rising_window() {
    let mut given = unscaled();
    given.modality = ModalityTransform::Rescale { slope: -2.0, intercept: 10.0 };
    // 10 … −190
    assert_eq!(default_voi(&given, Some([0.0, 100.0])).0, exact(-90.0, 200.0));
}

#[test]
fn grey_levels_meant_for_the_screen_are_shown_as_they_are() {
    let eight = ImageFormat { bits_stored: 8, signed: false, ..format(8, 8) };
    let range = Some([30.0, 90.0].into());
    let (voi, source) = resolve_voi(VoiChoice::Default, &unscaled(), &eight, range);
    assert_eq!((voi, source), (exact(127.5, 255.0), VoiSource::BitRange));
}

#[test]
fn a_flat_or_float_image_has_a_window_too() {
    assert_eq!(default_voi(&unscaled(), Some([7.0, 7.0])).0, exact(7.0, 1.0));
    let float = ImageFormat { samples: SampleKind::Float, ..format(8, 8) };
    let (voi, _) =
        resolve_voi(VoiChoice::FullRange, &unscaled(), &float, Some([0.25, 0.75].into()));
    assert_eq!(voi, exact(0.5, 0.5));
    let (voi, _) =
        resolve_voi(VoiChoice::FullRange, &unscaled(), &float, Some([f64::NAN, 1.0].into()));
    assert_eq!(voi, exact(0.5, 1.0));
}

/// The automatic window leaves the tails out, the full range does not.
#[test]
fn the_automatic_window_spans_the_central_range() {
    let range = Some(StoredRange { full: [-2000.0, 30_000.0], central: [0.0, 1000.0] });
    let voi = |choice| resolve_voi(choice, &unscaled(), &format(8, 8), range);
    assert_eq!(voi(VoiChoice::Default), (exact(500.0, 1000.0), VoiSource::CentralRange));
    assert_eq!(voi(VoiChoice::FullRange), (exact(14_000.0, 32_000.0), VoiSource::PixelRange));
}

/// What the file says of padding, Presentation LUT and supplemental colours reaches the renderer, and
/// so do the user's colours, unless the frame has its own.
#[test]
fn the_renderer_is_told_of_padding_tables_and_colours() {
    let drawn = |series: &Series, colours| {
        let data = DataPresentation { colours, ..DataPresentation::default() };
        frame_display(series, [0, 0], &data, &view(), None).expect("consistent").params
    };
    let mut given = series("PT", &[1]);
    given.formats[0].padding = Some([-2.0, -1.0]);
    let plain = drawn(&given, ColourMap::Grey);
    assert_eq!((plain.padding, plain.output, plain.supplemental), (Some([-2.0, -1.0]), None, None));
    assert_eq!(drawn(&given, ColourMap::Pet).output, ColourMap::Pet.table());
    given.displays[0].presentation_lut = Some(table());
    let greys = drawn(&given, ColourMap::Grey).output.expect("a table");
    assert_eq!(greys.rgb()[2], [0, 9 * 257, 65_535]);
    let coloured = drawn(&given, ColourMap::HotIron).output.expect("a table");
    assert_eq!(coloured.rgb()[0], [0, 18 * 257, 65_535]);
    let rgb = [vec![255], vec![0], vec![1]];
    given.displays[0].palette = Some(Palette { first_mapped: 9, bits: 8, rgb });
    let own = drawn(&given, ColourMap::HotIron);
    assert_eq!(own.output, Some(greys));
    assert_eq!(own.supplemental.map(|palette| palette.first_mapped), Some(9));
    given.formats[0].photometric_interpretation = "PALETTE COLOR".into();
    let palette = drawn(&given, ColourMap::HotIron);
    assert_eq!((palette.output, palette.supplemental), (None, None));
}

#[test]
fn inversion_by_file_counts_once_and_the_user_on_top() {
    let cases = [
        ("MONOCHROME2", false, false, false),
        ("MONOCHROME2", false, true, true),
        ("MONOCHROME2", true, false, true),
        ("MONOCHROME1", false, false, true),
        // A DX image says it twice because the standard wants it so (PS3.3 C.8.11.3.1.2).
        ("MONOCHROME1", true, false, true),
        ("MONOCHROME1", true, true, false),
        ("PALETTE COLOR", true, false, false),
        ("RGB", false, true, true),
    ];
    for (photometric, inverse, by_user, expected) in cases {
        let mut given = series("DX", &[1]);
        given.formats[0].photometric_interpretation = photometric.into();
        given.displays[0].inverse_presentation = inverse;
        let view = view();
        let data = DataPresentation { invert: by_user, ..DataPresentation::default() };
        let drawn = frame_display(&given, [0, 0], &data, &view, None).expect("consistent");
        assert_eq!(drawn.params.invert, expected, "{photometric} {inverse} {by_user}");
    }
}

#[test]
fn each_frame_has_its_own_attributes() {
    let mut given = series("MR", &[2]);
    let second = DisplayAttributes { windows: vec![window(7.0, 9.0)], ..attributes() };
    given.displays.push(second);
    given.images[0].displays = vec![0, 1];
    let view = view();
    let of_frame = |frame| {
        frame_display(&given, [0, frame], &DataPresentation::default(), &view, None)
            .map(|drawn| drawn.params.voi)
    };
    assert_eq!(of_frame(0), Ok(linear(40.0, 400.0)));
    assert_eq!(of_frame(1), Ok(linear(7.0, 9.0)));
    assert_eq!(of_frame(2), Err(DisplayError::DanglingIndex(0)));
}

#[test]
fn a_summary_that_contradicts_itself_is_refused() {
    let mut given = series("CT", &[1]);
    given.images[0].format = 4;
    let view = view();
    let drawn =
        |image| frame_display(&given, [image, 0], &DataPresentation::default(), &view, None);
    assert_eq!(drawn(0), Err(DisplayError::DanglingIndex(0)));
    assert_eq!(drawn(1), Err(DisplayError::NoImage(1)));
}

#[test]
fn the_menu_lists_the_file_first() {
    let choices = voi_choices(&series("CT", &[1]), &attributes());
    assert_eq!(choices[0], VoiChoice::FileWindow(0));
    assert_eq!(choices[1], VoiChoice::Preset(WindowPreset::Abdomen));
    assert_eq!(choices.last(), Some(&VoiChoice::FullRange));
    assert_eq!(choices.len(), 2 + presets("CT").len());
    assert!(presets("MR").is_empty());
}
