//! Saved presentations: what they ask for, in the terms of the viewer.

use viewer_core::dicom::presentation_state;
use viewer_core::exam::{
    GreySteps, LeftOut, ModalityTransform, PresentationState, ShapeKind, ShutterShape,
    SoftcopyPresentation, SoftcopyVoi, StateValues, VoiFunction,
};
use viewer_core::viewport::{FlipAxis, ViewPresentation};

use crate::bytes::DataSet;
use crate::documents::object;

pub(crate) fn state(data_set: DataSet) -> PresentationState {
    let data_set = data_set.text(0x0008_0016, "UI", "1.2.840.10008.5.1.4.1.1.11.1");
    presentation_state(&object(&data_set)).expect("a presentation")
}

pub(crate) fn steps(state: &PresentationState) -> &GreySteps {
    match &state.values {
        StateValues::Grey(steps) => steps,
        StateValues::Colour(_) => panic!("a state of greys"),
    }
}

fn floats(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

fn longs(values: &[i32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

pub(crate) fn image(uid: &str) -> DataSet {
    DataSet::new().text(0x0008_1155, "UI", uid)
}

fn graphic(kind: &str, units: &str, points: &[f32]) -> DataSet {
    DataSet::new()
        .text(0x0070_0005, "CS", units)
        .us(0x0070_0020, 2)
        .us(0x0070_0021, (points.len() / 2) as u16)
        .bytes(0x0070_0022, "FL", &floats(points))
        .text(0x0070_0023, "CS", kind)
        .text(0x0070_0024, "CS", "N")
}

fn drawn(graphics: Vec<DataSet>) -> DataSet {
    let annotation = DataSet::new().text(0x0070_0002, "CS", "A").items(0x0070_0009, graphics);
    DataSet::new().items(0x0070_0001, vec![annotation])
}

fn area(one: [i32; 2], other: [i32; 2]) -> DataSet {
    DataSet::new()
        .bytes(0x0070_0052, "SL", &longs(&one))
        .bytes(0x0070_0053, "SL", &longs(&other))
        .text(0x0070_0100, "CS", "SCALE TO FIT")
}

#[test]
fn images_windows_and_who_made_it() {
    let window = |of: Vec<DataSet>, center: &str| {
        DataSet::new()
            .items(0x0008_1140, of)
            .text(0x0028_1050, "DS", center)
            .text(0x0028_1051, "DS", "400\\1500")
            .text(0x0028_1056, "CS", "LINEAR_EXACT")
    };
    let series = DataSet::new().items(0x0008_1140, vec![image("1.2"), image("1.3")]).text(
        0x0020_000E,
        "UI",
        "1",
    );
    let found = state(
        DataSet::new()
            .items(0x0008_1115, vec![series])
            .text(0x0028_1052, "DS", "-1024")
            .text(0x0028_1053, "DS", "1")
            .text(0x0070_0080, "CS", "NODULE")
            .text(0x0070_0081, "LO", "About")
            .text(0x0070_0082, "DA", "20261104")
            .text(0x0070_0084, "PN", "MARTIN^Anne")
            .items(
                0x0028_3110,
                vec![window(vec![image("1.2")], "40\\-600"), window(vec![], "50\\1")],
            )
            .text(0x2050_0020, "CS", "INVERSE"),
    );
    let uids: Vec<&str> = found.images.iter().map(|one| one.sop_instance_uid.as_str()).collect();
    assert_eq!(uids, ["1.2", "1.3"]);
    assert_eq!((found.label.as_str(), found.creator.as_str()), ("NODULE", "MARTIN Anne"));
    let steps = steps(&found);
    let hounsfield = ModalityTransform::Rescale { slope: 1.0, intercept: -1024.0 };
    assert_eq!(
        (&steps.modality, &steps.presentation),
        (&hounsfield, &SoftcopyPresentation::Inverse)
    );
    let windows: Vec<_> = steps
        .voi
        .iter()
        .map(|one| match &one.what {
            SoftcopyVoi::Window(window) => {
                (one.images.len(), window.center, window.width, window.function)
            }
            SoftcopyVoi::Lut(_) => panic!("a window"),
        })
        .collect();
    let exact = VoiFunction::LinearExact;
    assert_eq!(windows, [(1, 40.0, 400.0, exact), (0, 50.0, 400.0, exact)]);
    assert!(steps.voi[0].covers("1.2", 0) && !steps.voi[0].covers("1.3", 0));
    assert!(steps.voi[1].covers("1.3", 7));
    assert!(found.left_out.is_empty(), "{:?}", found.left_out);
}

/// Each of the eight ways an image can lie, as the commands of the viewer come to it: turned, then flipped as seen.
#[test]
fn an_image_is_turned_and_then_flipped() {
    for (degrees, turns) in [(0, 0), (90, 1), (180, 2), (270, 3)] {
        for flip in ["N", "Y"] {
            let found =
                state(DataSet::new().us(0x0070_0042, degrees).text(0x0070_0041, "CS", flip));
            let mut expected = ViewPresentation::default().turned(turns);
            if flip == "Y" {
                expected = expected.flipped(FlipAxis::Horizontal);
            }
            let found = (found.quarter_turns, found.is_mirrored);
            assert_eq!(found, (expected.quarter_turns, expected.mirrored), "{degrees} {flip}");
        }
    }
    assert_eq!(state(DataSet::new().us(0x0070_0042, 45)).left_out, [LeftOut::Rotation]);
}

#[test]
fn an_area_is_two_pixels_in_any_order_and_may_lie_beyond_the_image() {
    let areas = vec![
        area([9, 5], [56, 40]).items(0x0008_1140, vec![image("1.2")]),
        area([56, 40], [9, 5]),
        area([-3, -3], [100, 100]).text(0x0070_0100, "CS", "TRUE SIZE"),
        area([1, 1], [2, 2]).text(0x0070_0100, "CS", "MAGNIFY").bytes(
            0x0070_0103,
            "FL",
            &floats(&[2.5]),
        ),
    ];
    let found = state(DataSet::new().items(0x0070_005A, areas));
    let edges: Vec<_> = found.areas.iter().map(|one| one.what.edges).collect();
    let expected = [
        [8.0, 4.0, 56.0, 40.0],
        [8.0, 4.0, 56.0, 40.0],
        [-4.0, -4.0, 100.0, 100.0],
        [0.0, 0.0, 2.0, 2.0],
    ];
    assert_eq!(edges, expected);
    assert_eq!(found.areas[3].what.magnification, Some(2.5));
    let is_true_size: Vec<bool> = found.areas.iter().map(|one| one.what.is_true_size).collect();
    assert_eq!(is_true_size, [false, false, true, false]);
    assert!(found.left_out.is_empty(), "which images it is of is told with their looks");
}

#[test]
fn graphics_keep_their_points_and_what_makes_no_sense_is_said() {
    let found = state(drawn(vec![
        graphic("POINT", "PIXEL", &[1.5, 2.5]),
        graphic("POLYLINE", "PIXEL", &[0.0, 0.0, 4.0, 0.0, 4.0, 4.0]),
        graphic("INTERPOLATED", "PIXEL", &[0.0, 0.0, 4.0, 0.0, 4.0, 4.0]),
        graphic("CIRCLE", "PIXEL", &[8.0, 8.0, 12.0, 8.0]),
        graphic("ELLIPSE", "PIXEL", &[0.0, 4.0, 8.0, 4.0, 4.0, 2.0, 4.0, 6.0]),
        graphic("POINT", "PIXEL", &[1.5, 2.5, 3.5, 4.5]),
        graphic("CIRCLE", "PIXEL", &[8.0, 8.0]),
        graphic("POLYLINE", "PIXEL", &[0.0, f32::NAN, 4.0, 0.0]),
        graphic("BLOB", "PIXEL", &[1.5, 2.5]),
        graphic("POINT", "MATRIX", &[1.5, 2.5]),
    ]));
    let shapes = &found.drawings[0].what.shapes;
    let kinds: Vec<_> = shapes.iter().map(|shape| shape.kind).collect();
    let expected = [
        ShapeKind::Point,
        ShapeKind::Polyline,
        ShapeKind::Interpolated,
        ShapeKind::Circle,
        ShapeKind::Ellipse,
    ];
    assert_eq!(kinds, expected);
    assert_eq!(shapes[3].points, [[8.0, 8.0], [12.0, 8.0]]);
    assert_eq!(found.left_out, [LeftOut::BrokenGraphics, LeftOut::Units]);
}

/// The corners of the display are those pixels that lie there when the image is turned and mirrored: of an area 8 wide and
/// 4 high, by a table that was made by hand.
#[test]
fn fractions_of_the_display_become_points_of_the_image() {
    let corner = |degrees: u16, flip: &str| {
        let marks = [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0]];
        let graphics = marks.map(|mark| graphic("POINT", "DISPLAY", &mark)).to_vec();
        let found = state(
            drawn(graphics)
                .us(0x0070_0042, degrees)
                .text(0x0070_0041, "CS", flip)
                .items(0x0070_005A, vec![area([11, 21], [18, 24])]),
        );
        let shapes = &found.drawings[0].what.shapes;
        shapes.iter().map(|shape| shape.points[0]).collect::<Vec<_>>()
    };
    let [a, b, c, d] = [[10.0, 20.0], [18.0, 20.0], [18.0, 24.0], [10.0, 24.0]];
    let table = [
        (0, "N", [a, b, c]),
        // A quarter turn clockwise brings the lower left corner to the upper left.
        (90, "N", [d, a, b]),
        (180, "N", [c, d, a]),
        (270, "N", [b, c, d]),
        (0, "Y", [b, a, d]),
        (90, "Y", [a, d, c]),
        (180, "Y", [d, c, b]),
        (270, "Y", [c, b, a]),
    ];
    for (degrees, flip, expected) in table {
        assert_eq!(corner(degrees, flip), expected, "{degrees} {flip}");
    }
    let nowhere = state(drawn(vec![graphic("POINT", "DISPLAY", &[0.5, 0.5])]));
    assert_eq!(nowhere.left_out, [LeftOut::BrokenGraphics], "the display has no area");
}

#[test]
fn words_have_a_box_or_an_anchor_and_layers_an_order_and_a_colour() {
    let boxed = DataSet::new()
        .text(0x0070_0003, "CS", "PIXEL")
        .text(0x0070_0006, "ST", "Nodule\r\n12,5 mm")
        .bytes(0x0070_0010, "FL", &floats(&[1.0, 2.0]))
        .bytes(0x0070_0011, "FL", &floats(&[5.0, 6.0]))
        .text(0x0070_0012, "CS", "CENTER");
    let anchored = DataSet::new()
        .text(0x0070_0004, "CS", "PIXEL")
        .text(0x0070_0006, "ST", "Là")
        .bytes(0x0070_0014, "FL", &floats(&[7.0, 8.0]))
        .text(0x0070_0015, "CS", "Y");
    let nowhere = DataSet::new().text(0x0070_0006, "ST", "x");
    let annotation = |layer: &str, texts: Vec<DataSet>| {
        DataSet::new().text(0x0070_0002, "CS", layer).items(0x0070_0008, texts)
    };
    let layer = |name: &str, order: &str| {
        DataSet::new().text(0x0070_0002, "CS", name).text(0x0070_0062, "IS", order)
    };
    let white = layer("UNDER", "1").words(0x0070_0401, "US", &[65_535, 32_896, 32_896]);
    let found = state(
        DataSet::new()
            .text(0x0008_0005, "CS", "ISO_IR 192")
            .items(
                0x0070_0001,
                vec![annotation("OVER", vec![anchored]), annotation("UNDER", vec![boxed, nowhere])],
            )
            .items(0x0070_0060, vec![layer("OVER", "2"), white]),
    );
    let names: Vec<_> = found.drawings.iter().map(|one| one.what.layer.as_str()).collect();
    assert_eq!(names, ["UNDER", "OVER"]);
    assert_eq!(found.drawings[0].what.rgb, Some([255, 255, 255]));
    let text = &found.drawings[0].what.texts[0];
    assert_eq!((text.text.as_str(), text.alignment.as_str()), ("Nodule\r\n12,5 mm", "CENTER"));
    assert_eq!((text.corners, text.anchor), (Some([[1.0, 2.0], [5.0, 6.0]]), None));
    let text = &found.drawings[1].what.texts[0];
    assert_eq!((text.corners, text.anchor, text.has_leader), (None, Some([7.0, 8.0]), true));
    assert_eq!(found.left_out, [LeftOut::BrokenGraphics]);
}

/// Three rows of five: a cross.
fn cross(data_set: DataSet, group: u32) -> DataSet {
    let tag = |element: u32| (group << 16) | element;
    data_set
        .us(tag(0x0010), 3)
        .us(tag(0x0011), 5)
        .text(tag(0x0040), "CS", "G")
        .words(tag(0x0050), "SS", &[2, 9])
        .bytes(tag(0x3000), "OW", &[0b1110_0100, 0b0001_0011])
}

#[test]
fn overlays_are_those_of_the_images_by_their_groups_and_those_of_the_state_by_their_pixels() {
    let layer = DataSet::new()
        .text(0x0070_0002, "CS", "LESION")
        .text(0x0070_0062, "IS", "1")
        .words(0x0070_0401, "US", &[65_535, 32_896, 32_896]);
    let layered = DataSet::new()
        .items(0x0070_0060, vec![layer])
        .text(0x6000_1001, "CS", "LESION")
        .text(0x6004_1001, "CS", "LESION");
    let found = state(cross(cross(layered, 0x6004), 0x6006));
    assert_eq!((found.overlay_groups, found.left_out), (vec![0x6000], Vec::new()));
    // Row 2 and column 9 of the image are its first pixel; 6006 is on no layer.
    assert_eq!(found.drawings.len(), 1);
    assert_eq!(found.drawings[0].what.runs, [[1, 10, 11], [2, 8, 13], [3, 10, 11]]);
    assert_eq!(found.drawings[0].what.rgb, Some([255, 255, 255]));
}

#[test]
fn a_shutter_may_be_an_overlay_of_the_state() {
    let shutter = |name: &str| {
        DataSet::new()
            .text(0x0018_1600, "CS", name)
            .text(0x0018_1610, "IS", "32\\30")
            .text(0x0018_1612, "IS", "20")
            .us(0x0018_1622, 65_535)
            .us(0x0018_1623, 0x6000)
    };
    let found = state(cross(shutter("CIRCULAR\\BITMAP"), 0x6000));
    assert_eq!(found.shutter_runs, [[1, 10, 11], [2, 8, 13], [3, 10, 11]]);
    let both = found.shutter.expect("a shutter");
    assert_eq!(both.shapes, [ShutterShape::Circle { center: [32, 30], radius: 20 }]);
    assert_eq!((both.rgb, found.left_out.as_slice()), ([255; 3], &[][..]));
    assert!(found.drawings.is_empty(), "it is on no layer");
    let alone = state(cross(shutter("BITMAP"), 0x6000));
    assert_eq!(alone.shutter.expect("its colour").shapes, []);
    // Too few bits; so many runs that nobody would draw them.
    let short = state(shutter("BITMAP").us(0x6000_0010, 4).us(0x6000_0011, 5).bytes(
        0x6000_3000,
        "OW",
        &[1, 0],
    ));
    assert_eq!((short.shutter, short.left_out), (None, vec![LeftOut::BitmapShutter]));
    let fine = state(shutter("BITMAP").us(0x6000_0010, 400).us(0x6000_0011, 400).bytes(
        0x6000_3000,
        "OW",
        &[0b0101_0101; 20_000],
    ));
    assert_eq!((fine.shutter_runs.len(), fine.left_out), (0, vec![LeftOut::TooMuch]));
}

#[test]
fn shutters_are_read_and_what_is_not_done_is_named() {
    let compound = DataSet::new().items(0x0070_0209, vec![DataSet::new()]);
    let found = state(
        DataSet::new()
            .text(0x0018_1600, "CS", "CIRCULAR\\BITMAP")
            .text(0x0018_1610, "IS", "32\\30")
            .text(0x0018_1612, "IS", "20")
            .us(0x0018_1623, 0x6000)
            .items(0x0028_6100, vec![DataSet::new()])
            .us(0x6002_0010, 2)
            .text(0x6002_1001, "CS", "LESION")
            .items(0x0070_0001, vec![compound]),
    );
    let shapes = found.shutter.expect("a shutter").shapes;
    assert_eq!(shapes, [ShutterShape::Circle { center: [32, 30], radius: 20 }]);
    let expected =
        [LeftOut::Mask, LeftOut::BitmapShutter, LeftOut::Overlays, LeftOut::CompoundGraphics];
    assert_eq!(found.left_out, expected);
}

#[test]
fn too_many_graphics_are_cut_and_other_objects_are_no_presentations() {
    let many = vec![graphic("POINT", "PIXEL", &[1.0, 1.0]); 5_001];
    let found = state(drawn(many));
    assert_eq!(
        (found.drawings[0].what.shapes.len(), found.left_out),
        (5_000, vec![LeftOut::TooMuch])
    );
    let other = DataSet::new().text(0x0008_0016, "UI", "1.2.840.10008.5.1.4.1.1.11.3");
    assert_eq!(presentation_state(&object(&other)), None);
}
