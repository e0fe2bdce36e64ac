//! Overlay planes and display shutters.

use std::io::Cursor;

use viewer_core::dicom::{from_json, image_of, read_part10};
use viewer_core::exam::{Content, Cover, OverlayPlane, Shutter, ShutterShape};

use crate::attributes::content;
use crate::bytes::{BIG_ENDIAN, DataSet, EXPLICIT, IMPLICIT, PIXEL_DATA, slice};

const SHARED: u32 = 0x5200_9229;
const PER_FRAME: u32 = 0x5200_9230;

fn tag(group: u16, element: u32) -> u32 {
    u32::from(group) << 16 | element
}

/// Rows, columns, type, origin.
fn geometry(data_set: DataSet, group: u16, kind: &str, origin: [i16; 2]) -> DataSet {
    data_set
        .us(tag(group, 0x10), 3)
        .us(tag(group, 0x11), 5)
        .text(tag(group, 0x40), "CS", kind)
        .words(tag(group, 0x50), "SS", &origin.map(i16::cast_unsigned))
        .us(tag(group, 0x100), 1)
        .us(tag(group, 0x102), 0)
}

fn with_data(data_set: DataSet, group: u16, kind: &str, origin: [i16; 2]) -> DataSet {
    geometry(data_set, group, kind, origin).words(tag(group, 0x3000), "OW", &[0x1234])
}

fn in_pixels(data_set: DataSet, group: u16, allocated: u16, bit: u16) -> DataSet {
    geometry(data_set, group, "G", [7, 7])
        .us(tag(group, 0x100), allocated)
        .us(tag(group, 0x102), bit)
}

fn expected(group: u16, origin: [i32; 2]) -> OverlayPlane {
    OverlayPlane {
        group,
        rows: 3,
        columns: 5,
        origin,
        frames: None,
        is_region: false,
        bit: None,
        label: String::new(),
    }
}

/// The one cover of an image.
fn cover(data_set: &DataSet) -> Cover {
    let mut found = content(data_set);
    assert_eq!(found.image.covers, [0]);
    found.covers.remove(0)
}

#[test]
fn geometry_type_and_name_of_a_plane() {
    let data_set = with_data(slice(), 0x6000, "R", [-25, 4])
        .text(tag(0x6000, 0x22), "LO", "Siemens MedCom Object Graphics")
        .text(tag(0x6000, 0x1500), "LO", "Contour ");
    let plane =
        OverlayPlane { is_region: true, label: "Contour".to_owned(), ..expected(0x6000, [-25, 4]) };
    let found = cover(&data_set);
    assert_eq!(found, Cover { overlays: vec![plane], shutter: None, unreadable: false });
    let described = with_data(slice(), 0x601E, "G", [1, 1]).text(tag(0x601E, 0x22), "LO", "Text");
    assert_eq!(cover(&described).overlays[0].label, "Text");
}

#[test]
fn images_without_any_have_no_cover() {
    let found = content(&slice());
    assert!(found.covers.is_empty() && found.image.covers.is_empty());
    let only_a_label = slice().text(tag(0x6000, 0x1500), "LO", "empty");
    assert!(content(&only_a_label).covers.is_empty());
}

#[test]
fn sixteen_even_groups_and_no_private_one() {
    let mut data_set = slice();
    for group in 0x5FFE..=0x6022 {
        data_set = with_data(data_set, group, "G", [1, 1]);
    }
    let groups: Vec<u16> = cover(&data_set).overlays.iter().map(|plane| plane.group).collect();
    assert_eq!(groups, (0x6000..=0x601E).step_by(2).collect::<Vec<u16>>());
}

#[test]
fn frames_of_an_overlay() {
    let frames = |count: Option<&str>, origin: Option<u16>| {
        let mut data_set = with_data(slice(), 0x6000, "G", [1, 1]);
        if let Some(count) = count {
            data_set = data_set.text(tag(0x6000, 0x15), "IS", count);
        }
        if let Some(origin) = origin {
            data_set = data_set.us(tag(0x6000, 0x51), origin);
        }
        cover(&data_set).overlays[0].frames
    };
    assert_eq!(frames(None, None), None);
    assert_eq!(frames(Some("1"), None), None);
    assert_eq!(frames(Some("3"), None), Some([0, 3]));
    assert_eq!(frames(Some("3"), Some(2)), Some([1, 3]));
    assert_eq!(frames(None, Some(4)), Some([3, 1]));
    assert_eq!(frames(Some("-3"), Some(0)), Some([0, 1]));
}

#[test]
fn bits_of_the_pixels_are_those_that_the_samples_leave_free() {
    let twelve_of_16 = || slice().us(0x0028_0101, 12).us(0x0028_0102, 11);
    let found = cover(&in_pixels(twelve_of_16(), 0x6000, 16, 15));
    let (rows, columns) = (content(&slice()).format.rows, content(&slice()).format.columns);
    let plane = OverlayPlane { rows, columns, bit: Some(15), ..expected(0x6000, [1, 1]) };
    assert_eq!(found, Cover { overlays: vec![plane], shutter: None, unreadable: false });
    assert_eq!(found.pixel_bits(), [15]);
    let broken = Cover { unreadable: true, ..Cover::default() };
    for (allocated, bit) in [(16, 11), (16, 0), (16, 16), (8, 7), (1, 0)] {
        let found = cover(&in_pixels(twelve_of_16(), 0x6000, allocated, bit));
        assert_eq!(found, broken, "{allocated} bits, bit {bit}");
    }
    let shifted = twelve_of_16().us(0x0028_0102, 15);
    assert_eq!(cover(&in_pixels(shifted, 0x6000, 16, 3)).pixel_bits(), [3]);
}

#[test]
fn data_without_a_size_is_said_to_be_unreadable() {
    let data_set = with_data(slice(), 0x6000, "G", [1, 1]).without(tag(0x6000, 0x11));
    assert_eq!(cover(&data_set), Cover { unreadable: true, ..Cover::default() });
}

#[test]
fn bits_are_a_stream_of_bytes_in_every_byte_order() {
    let words = with_data(slice(), 0x6000, "G", [1, 1]);
    let bytes = words.clone().bytes(tag(0x6000, 0x3000), "OB", &[0x34, 0x12]);
    let cases = [
        (&words, EXPLICIT),
        (&words, IMPLICIT),
        (&words, BIG_ENDIAN),
        (&bytes, EXPLICIT),
        (&bytes, BIG_ENDIAN),
    ];
    for (data_set, syntax) in cases {
        let file = read_part10(Cursor::new(data_set.file(syntax))).expect("readable");
        assert_eq!(file.overlay_data(0x6000), Some(vec![0x34, 0x12]), "{syntax}");
        assert_eq!(file.overlay_data(0x6002), None);
        assert_eq!(image_of(&file).covers[0].overlays, [expected(0x6000, [1, 1])]);
    }
}

fn rectangle(data_set: DataSet, edges: [&str; 4]) -> DataSet {
    let tags = [0x0018_1602, 0x0018_1604, 0x0018_1606, 0x0018_1608];
    let shaped = data_set.text(0x0018_1600, "CS", "RECTANGULAR");
    tags.iter().zip(edges).fold(shaped, |all, (&tag, edge)| all.text(tag, "IS", edge))
}

#[test]
fn all_shapes_of_a_shutter() {
    let data_set = rectangle(slice(), ["2", "7", "-3", "600"])
        .text(0x0018_1600, "CS", "RECTANGULAR\\CIRCULAR\\POLYGONAL")
        .text(0x0018_1610, "IS", "4\\5")
        .text(0x0018_1612, "IS", "6")
        .text(0x0018_1620, "IS", "1\\2\\3\\4\\5\\6")
        .us(0x0018_1622, 0x8000);
    let shapes = vec![
        ShutterShape::Rectangle { columns: [2, 7], rows: [-3, 600] },
        ShutterShape::Circle { center: [4, 5], radius: 6 },
        ShutterShape::Polygon { vertices: vec![[1, 2], [3, 4], [5, 6]] },
    ];
    let found = cover(&data_set);
    assert_eq!(found.shutter, Some(Shutter { shapes, rgb: [128; 3] }));
    assert!(!found.unreadable);
}

#[test]
fn what_is_shown_instead_of_the_picture() {
    let rgb = |data_set: DataSet| {
        let shut = rectangle(data_set, ["1", "2", "1", "2"]);
        cover(&shut).shutter.map(|shutter| shutter.rgb)
    };
    assert_eq!(rgb(slice()), Some([0; 3]));
    assert_eq!(rgb(slice().us(0x0018_1622, 0xFFFF)), Some([255; 3]));
    // L* 53.6, a* and b* 0: the middle grey of sRGB; the colour wins over the grey value.
    let lab = [35_117, 32_896, 32_896];
    let both = slice().us(0x0018_1622, 0).words(0x0018_1624, "US", &lab);
    assert_eq!(rgb(both), Some([128; 3]));
}

#[test]
fn broken_shapes_are_left_out_and_said() {
    let shapes = [
        ("RECTANGULAR", 0x0018_1602, "1"),
        ("CIRCULAR", 0x0018_1610, "1\\1"),
        ("POLYGONAL", 0x0018_1620, "1\\1\\9\\1"),
        ("POLYGONAL", 0x0018_1620, "1\\1\\9\\1\\5"),
        ("BITMAP", 0x0018_1622, "0"),
        ("HEXAGONAL", 0x0018_1602, "1"),
    ];
    for (name, tag, value) in shapes {
        let found = cover(&slice().text(0x0018_1600, "CS", name).text(tag, "IS", value));
        assert_eq!(found, Cover { unreadable: true, ..Cover::default() }, "{name} {value}");
    }
}

#[test]
fn a_bitmap_shutter_takes_its_overlay_away_from_the_graphics() {
    let shut = slice().text(0x0018_1600, "CS", "BITMAP").us(0x0018_1623, 0x6002);
    let both = with_data(with_data(shut.clone(), 0x6000, "G", [1, 1]), 0x6002, "G", [1, 1]);
    let found = cover(&both);
    assert_eq!(found.overlays_of(0).map(|plane| plane.group).collect::<Vec<_>>(), [0x6000]);
    assert_eq!(found.bitmap().map(|plane| plane.group), Some(0x6002));
    assert!(!found.unreadable);
    assert!(cover(&with_data(shut, 0x6000, "G", [1, 1])).unreadable);
}

#[test]
fn each_frame_has_its_own_shutter() {
    let frame = |right: &str| {
        let item = rectangle(DataSet::new(), ["1", right, "1", "9"]);
        DataSet::new().items(0x0018_9472, vec![item])
    };
    let frames = slice().text(0x0028_0008, "IS", "3").words(PIXEL_DATA, "OW", &[0; 24]);
    let data_set = with_data(frames, 0x6000, "G", [1, 1]);
    let own = data_set
        .clone()
        .items(SHARED, vec![frame("9")])
        .items(PER_FRAME, vec![frame("5"), DataSet::new(), frame("5")]);
    let found = content(&own);
    assert_eq!(found.image.covers, [0, 1, 0]);
    let right = |cover: &Cover| match cover.shutter.as_ref().map(|s| s.shapes.as_slice()) {
        Some([ShutterShape::Rectangle { columns, .. }]) => columns[1],
        other => panic!("{other:?}"),
    };
    assert_eq!([right(&found.covers[0]), right(&found.covers[1])], [5, 9]);
    assert!(found.covers.iter().all(|cover| cover.overlays.len() == 1));
    let shared = content(&data_set.items(SHARED, vec![frame("9")]));
    assert_eq!((shared.image.covers.as_slice(), right(&shared.covers[0])), (&[0][..], 9));
}

#[test]
fn metadata_of_a_server_says_the_same() {
    let number = |value: i64| serde_json::json!({ "vr": "US", "Value": [value] });
    let metadata = serde_json::json!({
        "00080018": { "vr": "UI", "Value": ["1.2.3.4"] },
        "0020000D": { "vr": "UI", "Value": ["1.2.3"] },
        "0020000E": { "vr": "UI", "Value": ["1.2.3.1"] },
        "00280004": { "vr": "CS", "Value": ["MONOCHROME2"] },
        "00280010": number(2),
        "00280011": number(4),
        "00280100": number(16),
        "60000010": number(3),
        "60000011": number(5),
        "60000040": { "vr": "CS", "Value": ["G"] },
        "60000050": { "vr": "SS", "Value": [-1, 2] },
        "60000100": number(1),
        "60000102": number(0),
        "60003000": { "vr": "OW", "BulkDataURI": "../bulk/60003000" },
    });
    let found = from_json(&metadata, None).expect("an instance");
    let Content::Image(image) = found.instance.content else { panic!("no image") };
    let overlays = vec![expected(0x6000, [-1, 2])];
    assert_eq!(image.covers, [Cover { overlays, shutter: None, unreadable: false }]);
    assert_eq!(found.bulk_data.len(), 1);
}
