//! What presentation states make of images (PS3.4 N.2): each stored value has the grey that the steps of the state give it one
//! after the other, whatever the image says of itself.

use super::support::{attributes, format, series, unscaled};
use viewer_core::display::{ColourTable, Modality, Voi, is_inverted};
use viewer_core::exam::{
    Cover, DisplayAttributes, DisplayedArea, ExamSummary, GreySteps, IccProfile, ImageFormat,
    ImageReference, LeftOut, LookupTable, ModalityTransform, OfImages, OverlayPlane, Patient,
    PresentationState, SampleKind, Series, SoftcopyPresentation, SoftcopyVoi, StateValues, Study,
    VoiFunction, VoiWindow,
};
use viewer_core::viewport::{Look, looks};

fn lut(first_mapped: i32, bits: u16, entries: Vec<u16>) -> LookupTable {
    LookupTable { first_mapped, bits, entries, explanation: String::new() }
}

fn rescale(slope: f64, intercept: f64) -> ModalityTransform {
    ModalityTransform::Rescale { slope, intercept }
}

fn window(center: f64, width: f64, function: VoiFunction) -> SoftcopyVoi {
    SoftcopyVoi::Window(VoiWindow { center, width, function, explanation: String::new() })
}

fn for_all<T>(what: T) -> Vec<OfImages<T>> {
    vec![OfImages { images: Vec::new(), what }]
}

fn reference(uid: &str, frames: &[u32]) -> ImageReference {
    ImageReference { sop_instance_uid: uid.into(), frames: frames.to_vec() }
}

/// Images 1, 2 … of one series.
fn exam(series: Series) -> ExamSummary {
    let mut series = vec![series];
    for (number, image) in (1..).zip(&mut series[0].images) {
        image.sop_instance_uid = format!("1.{number}");
    }
    let (patient, study) = (Patient::default(), Study::default());
    ExamSummary { patient, study, series, joined: Vec::new() }
}

fn about_first(values: StateValues) -> PresentationState {
    PresentationState {
        images: vec![reference("1.1", &[])],
        values,
        ..PresentationState::default()
    }
}

fn look_of(steps: &GreySteps, format: &ImageFormat, attributes: &DisplayAttributes) -> Look {
    let mut one = series("CT", &[1]);
    (one.formats, one.displays) = (vec![format.clone()], vec![attributes.clone()]);
    let found = looks(&about_first(StateValues::Grey(steps.clone())), &exam(one));
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].images, [reference("1.1", &[])]);
    found[0].what.clone()
}

/// A format of few bits, so that all of its values can be tried.
fn narrow(photometric: &str, signed: bool) -> ImageFormat {
    ImageFormat {
        bits_stored: 8,
        signed,
        photometric_interpretation: photometric.into(),
        ..format(4, 4)
    }
}

fn stored_values(signed: bool) -> std::ops::RangeInclusive<i32> {
    if signed { -128..=127 } else { 0..=255 }
}

/// The steps of the state, one after the other, as the standard has them.
fn expected(steps: &GreySteps, signed: bool, stored: f64) -> f64 {
    let as_signed = |lut: &LookupTable, is: bool| LookupTable {
        first_mapped: if is { (lut.first_mapped as u16 as i16).into() } else { lut.first_mapped },
        ..lut.clone()
    };
    let modality = match &steps.modality {
        ModalityTransform::Lut(lut) => Modality::Lut(as_signed(lut, signed)),
        rescale => Modality::from(rescale),
    };
    let ends = stored_values(signed);
    let ends = match &modality {
        Modality::Lut(lut) => [0.0, f64::from((1_u32 << lut.bits) - 1)],
        rescale => [*ends.start(), *ends.end()].map(|end| rescale.apply(end.into())),
    };
    let is_below_zero =
        matches!(modality, Modality::Rescale { .. }) && ends.iter().any(|x| *x < 0.0);
    let value = modality.apply(stored);
    let grey = match &steps.voi[..] {
        [] => (value - ends[0].min(ends[1])) / (ends[0] - ends[1]).abs(),
        [first, ..] => match &first.what {
            SoftcopyVoi::Window(window) => Voi::from(window).apply(value),
            SoftcopyVoi::Lut(lut) => Voi::Lut(as_signed(lut, is_below_zero)).apply(value),
        },
    };
    match &steps.presentation {
        SoftcopyPresentation::Identity => grey,
        SoftcopyPresentation::Inverse => 1.0 - grey,
        SoftcopyPresentation::Lut(lut) => {
            ColourTable::of_presentation_lut(lut).expect("entries").at(grey)[0]
        }
    }
}

/// What the pane makes of a stored value with a look.
fn drawn(look: &Look, format: &ImageFormat, attributes: &DisplayAttributes, stored: f64) -> f64 {
    let voi = match (&look.window, &look.table) {
        (Some(w), None) => Voi::Window { center: w.center, width: w.width, function: w.function },
        (None, Some(table)) => Voi::Lut(table.clone()),
        other => panic!("a window or a table: {other:?}"),
    };
    let grey = voi.apply(Modality::from(&attributes.modality).apply(stored));
    if is_inverted(attributes, format, look.invert) { 1.0 - grey } else { grey }
}

fn all_modalities() -> Vec<ModalityTransform> {
    let steps = lut(0xFFF0, 16, (0..40).map(|i| i * i).collect());
    vec![
        rescale(1.0, 0.0),
        rescale(1.0, -1024.0),
        rescale(-2.0, 100.0),
        rescale(0.5, 3.0),
        ModalityTransform::Lut(steps),
    ]
}

fn all_vois() -> Vec<Vec<OfImages<SoftcopyVoi>>> {
    let curve = lut(0, 12, vec![0, 100, 4095, 300, 2000, 4000]);
    let below_zero = lut(0xFC00, 8, (0..=255).rev().collect());
    let mut all = vec![Vec::new()];
    for function in [VoiFunction::Linear, VoiFunction::LinearExact, VoiFunction::Sigmoid] {
        all.push(for_all(window(40.0, 80.0, function)));
        all.push(for_all(window(-1000.0, 33.0, function)));
    }
    all.extend([for_all(SoftcopyVoi::Lut(curve)), for_all(SoftcopyVoi::Lut(below_zero))]);
    all
}

fn all_presentations() -> Vec<SoftcopyPresentation> {
    let squares = (0..256_u32).map(|i| (i * i) as u16).collect();
    vec![
        SoftcopyPresentation::Identity,
        SoftcopyPresentation::Inverse,
        SoftcopyPresentation::Lut(lut(0, 16, squares)),
        SoftcopyPresentation::Lut(lut(0, 10, vec![1023, 0])),
    ]
}

#[test]
fn every_stored_value_has_the_grey_that_the_steps_of_a_state_give_it() {
    let mut images: Vec<ModalityTransform> = all_modalities();
    if let Some(ModalityTransform::Lut(lut)) = images.last_mut() {
        lut.first_mapped = 0;
    }
    let mut tried = 0;
    for (signed, photometric) in [(false, "MONOCHROME2"), (true, "MONOCHROME1")] {
        let format = narrow(photometric, signed);
        for image in &images {
            let attributes = DisplayAttributes { modality: image.clone(), ..attributes() };
            for (modality, voi) in all_modalities()
                .iter()
                .flat_map(|one| all_vois().into_iter().map(move |v| (one, v)))
            {
                for presentation in all_presentations() {
                    let modality = modality.clone();
                    let steps = GreySteps { modality, voi: voi.clone(), presentation };
                    let look = look_of(&steps, &format, &attributes);
                    if !look.left_out.is_empty() {
                        assert_eq!(
                            (look.window, &look.table),
                            (None, &None),
                            "nothing is half done"
                        );
                        continue;
                    }
                    tried += 1;
                    for stored in stored_values(signed).map(f64::from) {
                        let expected = expected(&steps, signed, stored);
                        let found = drawn(&look, &format, &attributes, stored);
                        let is_near = (found - expected).abs() < 1.0 / 65_000.0;
                        assert!(is_near, "{found} {expected} at {stored}: {steps:?} on {image:?}");
                    }
                }
            }
        }
    }
    // Two kinds of pixels, five images, five modality, nine VOI and four presentation steps: what is not had is the exception.
    assert!(tried > 1_200, "{tried} of 1800");
}

#[test]
fn a_simple_window_stays_a_window_and_keeps_the_values_of_the_image() {
    let steps = GreySteps {
        modality: rescale(1.0, -1024.0),
        voi: for_all(window(50.0, 350.0, VoiFunction::Sigmoid)),
        presentation: SoftcopyPresentation::Inverse,
    };
    let look = look_of(&steps, &format(4, 4), &attributes());
    let drawn = look.window.expect("a window");
    let found = (drawn.center, drawn.width, drawn.function);
    assert_eq!((found, look.invert), ((50.0, 350.0, VoiFunction::Sigmoid), true));
    assert_eq!((look.table, look.left_out), (None, Vec::new()));
    // Counts of the state are half of the image's: c = 20 − 0.5 and w = 11 − 1 of LINEAR, doubled.
    let doubled = DisplayAttributes { modality: rescale(2.0, 0.0), ..attributes() };
    let plain =
        GreySteps { voi: for_all(window(20.0, 11.0, VoiFunction::Linear)), ..GreySteps::default() };
    let moved = look_of(&plain, &format(4, 4), &doubled).window.expect("a window");
    let found = (moved.center, moved.width, moved.function);
    assert_eq!(found, (39.0, 20.0, VoiFunction::LinearExact));
}

#[test]
fn what_is_missing_in_a_state_is_the_identity_and_not_that_of_the_image() {
    // 16 signed bits, rescaled by the image to −33792 … 31743: the state knows neither rescale nor window.
    let look = look_of(&GreySteps::default(), &format(4, 4), &attributes());
    let window = look.window.expect("a window");
    assert_eq!(window.limits(), [-33_792.0, 31_743.0]);
    assert_eq!(window.function, VoiFunction::LinearExact);
    assert!(!look.invert && look.left_out.is_empty());
}

#[test]
fn what_cannot_be_had_of_an_image_is_named_and_nothing_of_it_is_done() {
    let curve = GreySteps {
        voi: for_all(SoftcopyVoi::Lut(lut(0, 8, vec![0, 255]))),
        ..GreySteps::default()
    };
    let small = DisplayAttributes { modality: rescale(0.01, 0.0), ..unscaled() };
    let expected = [LeftOut::ModalityLut, LeftOut::VoiLut];
    let named = |look: Look| {
        assert_eq!((look.window, look.table, look.invert), (None, None, false));
        look.left_out
    };
    assert_eq!(named(look_of(&curve, &format(4, 4), &small)), expected);
    let floats = ImageFormat { samples: SampleKind::Float, ..format(4, 4) };
    assert_eq!(named(look_of(&GreySteps::default(), &floats, &unscaled())), [LeftOut::VoiLut]);
    // The table of the image would come on top of that of the state.
    let own = DisplayAttributes { presentation_lut: Some(lut(0, 8, vec![255, 0])), ..unscaled() };
    assert_eq!(named(look_of(&curve, &format(4, 4), &own)), [LeftOut::PresentationLut]);
    let mut state = about_first(StateValues::Grey(curve));
    let mut colours = series("CT", &[1]);
    colours.formats[0].photometric_interpretation = "RGB".into();
    let colours = exam(colours);
    assert_eq!(named(looks(&state, &colours)[0].what.clone()), [LeftOut::ImageKind]);
    state.values = StateValues::Colour(Ok(None));
    assert!(named(looks(&state, &colours)[0].what.clone()).is_empty());
    let greys = exam(series("CT", &[1]));
    assert_eq!(named(looks(&state, &greys)[0].what.clone()), [LeftOut::ImageKind]);
}

#[test]
fn each_image_has_the_item_that_names_it_and_others_the_one_for_all() {
    let item = |images: Vec<ImageReference>, center: f64| OfImages {
        images,
        what: window(center, 100.0, VoiFunction::Linear),
    };
    let voi = vec![
        item(vec![reference("1.1", &[])], 1.0),
        item(vec![reference("1.2", &[2, 3])], 2.0),
        item(Vec::new(), 3.0),
        item(vec![reference("1.2", &[1])], 4.0),
    ];
    let mut state = about_first(StateValues::Grey(GreySteps {
        modality: rescale(1.0, -1024.0),
        voi,
        ..GreySteps::default()
    }));
    state.images = vec![reference("1.1", &[]), reference("1.2", &[])];
    let found = looks(&state, &exam(series("CT", &[1, 4, 1])));
    let found: Vec<_> = found
        .iter()
        .map(|one| (one.what.window.expect("a window").center, one.images.clone()))
        .collect();
    let expected = [
        (1.0, vec![reference("1.1", &[])]),
        (3.0, vec![reference("1.2", &[1, 4])]),
        (2.0, vec![reference("1.2", &[2, 3])]),
    ];
    assert_eq!(
        found, expected,
        "the first item of each frame; the third image is none of the state"
    );
    state.images.clear();
    assert_eq!(looks(&state, &exam(series("CT", &[1]))), Vec::new(), "about nothing");
}

#[test]
fn overlays_are_shown_where_the_state_puts_all_of_them_on_a_layer() {
    let plane = |group| OverlayPlane {
        group,
        rows: 4,
        columns: 4,
        origin: [1, 1],
        frames: None,
        is_region: false,
        bit: None,
        label: String::new(),
    };
    let mut one = series("CT", &[1]);
    let overlays = vec![plane(0x6000), plane(0x6002)];
    one.covers = vec![Cover { overlays, ..Cover::default() }];
    one.images[0].covers = vec![0];
    let exam = exam(one);
    let mut state = about_first(StateValues::default());
    for (groups, hidden, left_out) in [
        (vec![], true, vec![]),
        (vec![0x6000, 0x6002, 0x6004], false, vec![]),
        (vec![0x6002], true, vec![LeftOut::Overlays]),
    ] {
        state.overlay_groups = groups;
        let look = looks(&state, &exam)[0].what.clone();
        assert_eq!((look.overlays_hidden, look.left_out), (hidden, left_out));
    }
}

#[test]
fn areas_of_true_size_and_pixels_of_another_shape_are_named_for_their_images() {
    let area = |images, is_true_size, pixel_aspect| OfImages {
        images,
        what: DisplayedArea {
            edges: [0.0, 0.0, 4.0, 4.0],
            magnification: None,
            is_true_size,
            pixel_aspect,
        },
    };
    let mut state = about_first(StateValues::default());
    state.images.push(reference("1.2", &[]));
    state.areas = vec![
        area(vec![reference("1.1", &[])], true, Some(1.0)),
        area(vec![reference("1.2", &[])], false, Some(2.0)),
    ];
    let found = looks(&state, &exam(series("CT", &[1, 1])));
    let left_out: Vec<_> = found.iter().map(|one| one.what.left_out.clone()).collect();
    assert_eq!(left_out, [[LeftOut::TrueSize], [LeftOut::PixelAspect]]);
}

#[test]
fn colours_are_those_of_the_profile_of_the_state_or_it_is_named() {
    let profile = |text: &str| IccProfile { base64: text.into() };
    let mut one = series("US", &[1, 1]);
    one.formats[0].photometric_interpretation = "RGB".into();
    one.icc_profiles = vec![profile("AAAA")];
    one.images[1].icc_profile = Some(0);
    let exam = exam(one);
    let left_out = |own: Result<Option<IccProfile>, String>| -> Vec<Vec<LeftOut>> {
        let mut state = about_first(StateValues::Colour(own));
        state.images.push(reference("1.2", &[]));
        looks(&state, &exam).iter().map(|one| one.what.left_out.clone()).collect()
    };
    let named = vec![LeftOut::IccProfile];
    assert_eq!(left_out(Ok(None)), [vec![], named.clone()], "sRGB, of which the second is none");
    assert_eq!(left_out(Ok(Some(profile("AAAA")))), [named.clone(), vec![]]);
    assert_eq!(left_out(Err("broken".into())), [named.clone(), named]);
}

#[test]
fn tables_of_one_state_have_a_limit_and_frames_of_one_look_share_theirs() {
    let steps = GreySteps {
        modality: rescale(1.0, -1024.0),
        voi: for_all(SoftcopyVoi::Lut(lut(0, 16, vec![7; 65_536]))),
        ..GreySteps::default()
    };
    let mut state = about_first(StateValues::Grey(steps));
    let mut many = series("CT", &[1; 20]);
    state.images = (1..=20).map(|number| reference(&format!("1.{number}"), &[])).collect();
    let shared = looks(&state, &exam(many.clone()));
    assert_eq!((shared.len(), shared[0].images.len()), (1, 20));
    for (index, image) in (0..).zip(&mut many.images) {
        image.displays = vec![index];
    }
    many.displays = vec![attributes(); 20];
    let apart = looks(&state, &exam(many));
    let cut = apart.iter().filter(|one| one.what.left_out == [LeftOut::TooMuch]).count();
    assert_eq!((apart.len(), cut), (20, 4), "16 tables of 65536 entries are a million");
    assert!(apart.iter().filter(|one| one.what.table.is_none()).count() == cut);
}
