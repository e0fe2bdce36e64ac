//! Modality and VOI LUTs, palettes.

use viewer_core::exam::{LookupTable, ModalityTransform, Palette};

use crate::attributes::{content, display};
use crate::bytes::{DataSet, slice};

const MODALITY_LUTS: u32 = 0x0028_3000;
const VOI_LUTS: u32 = 0x0028_3010;

fn lut(descriptor: [u16; 3], data: &[u16]) -> DataSet {
    DataSet::new().words(0x0028_3002, "US", &descriptor).text(0x0028_3003, "LO", "NORMAL").words(
        0x0028_3006,
        "OW",
        data,
    )
}

fn modality_table(data_set: &DataSet) -> Option<LookupTable> {
    match display(data_set).modality {
        ModalityTransform::Lut(table) => Some(table),
        ModalityTransform::Rescale { .. } => None,
    }
}

#[test]
fn first_mapped_is_signed_where_the_input_is() {
    let unsigned = slice().items(MODALITY_LUTS, vec![lut([3, 0xFFFE, 12], &[1, 2, 4095])]);
    let table = modality_table(&unsigned).expect("a table");
    assert_eq!((table.first_mapped, table.bits, table.entries), (0xFFFE, 12, vec![1, 2, 4095]));
    let signed = modality_table(&unsigned.us(0x0028_0103, 1)).expect("a table");
    assert_eq!(signed.first_mapped, -2);
    assert_eq!(signed.explanation, "NORMAL");
}

#[test]
fn zero_entries_mean_65536() {
    let all: Vec<u16> = (0..=u16::MAX).collect();
    let found = modality_table(&slice().items(MODALITY_LUTS, vec![lut([0, 0, 16], &all)]));
    assert_eq!(found.expect("a table").entries, all);
    let short = slice().items(MODALITY_LUTS, vec![lut([0, 0, 16], &all[..100])]);
    assert_eq!(modality_table(&short), None);
}

#[test]
fn bytes_in_words_of_their_own_or_packed() {
    let own = slice().items(VOI_LUTS, vec![lut([4, 0, 8], &[1, 2, 3, 255])]);
    let packed = slice().items(VOI_LUTS, vec![lut([4, 0, 8], &[0x0201, 0xFF03])]);
    for data_set in [own, packed] {
        let tables = display(&data_set).voi_luts;
        assert_eq!((tables[0].bits, tables[0].entries.as_slice()), (8, &[1, 2, 3, 255][..]));
    }
}

#[test]
fn bits_that_cannot_hold_the_entries_are_corrected() {
    let bits = |stated, entry| {
        display(&slice().items(VOI_LUTS, vec![lut([1, 0, stated], &[entry])])).voi_luts[0].bits
    };
    assert_eq!([bits(8, 4095), bits(16, 255), bits(0, 255), bits(17, 1000)], [12, 16, 8, 10]);
}

#[test]
fn voi_inputs_are_signed_where_modality_values_can_be_negative() {
    let first = |data_set: DataSet| {
        display(&data_set.items(VOI_LUTS, vec![lut([1, 0xFC18, 8], &[1])])).voi_luts[0].first_mapped
    };
    assert_eq!(first(slice()), 64_536);
    assert_eq!(first(slice().us(0x0028_0103, 1)), -1000);
    let rescaled = slice().text(0x0028_1052, "DS", "-1024").text(0x0028_1053, "DS", "1");
    assert_eq!(first(rescaled), -1000);
    // Falling, but never below 0: the table begins far up.
    let falling = slice().text(0x0028_1052, "DS", "65535").text(0x0028_1053, "DS", "-1");
    assert_eq!(first(falling), 64_536);
}

#[test]
fn an_angiogram_is_not_led_back_to_intensity() {
    let table = || vec![lut([1, 0, 16], &[1])];
    let angiogram = slice()
        .text(0x0008_0016, "UI", "1.2.840.10008.5.1.4.1.1.12.1")
        .items(MODALITY_LUTS, table());
    assert!(modality_table(&angiogram).is_some());
    assert_eq!(modality_table(&angiogram.text(0x0028_1040, "CS", "LOG")), None);
}

fn palette(descriptor: [u16; 3], tables: [&[u16]; 3], first_data: u32) -> DataSet {
    let mut data_set = slice().text(0x0028_0004, "CS", "PALETTE COLOR");
    for (index, table) in (0..).zip(tables) {
        data_set = data_set.words(0x0028_1101 + index, "US", &descriptor).words(
            first_data + index,
            "OW",
            table,
        );
    }
    data_set
}

fn read(data_set: &DataSet) -> Option<Palette> {
    display(data_set).palette
}

#[test]
fn plain_palettes() {
    let found = read(&palette([2, 5, 16], [&[0, 65535], &[1, 2], &[3, 256]], 0x0028_1201));
    let rgb = [vec![0, 65535], vec![1, 2], vec![3, 256]];
    assert_eq!(found, Some(Palette { first_mapped: 5, bits: 16, rgb }));
    // Misstated bits: sixteen that stay below 256 are eight.
    let eight = read(&palette([2, 0, 16], [&[0, 255], &[1, 2], &[3, 4]], 0x0028_1201));
    assert_eq!(eight.expect("a palette").bits, 8);
}

/// Eight bits in the high byte, or in both as C.7.6.3.1.6 recommends, are eight bits.
#[test]
fn eight_bits_in_the_high_byte_or_both_are_eight() {
    for factor in [256, 257] {
        let entries = [0, 7 * factor, 255 * factor];
        let found = read(&palette([3, 0, 16], [&entries; 3], 0x0028_1201)).expect("a palette");
        assert_eq!((found.bits, found.rgb[1].as_slice()), (8, &[0, 7, 255][..]), "{factor}");
    }
    let deep = read(&palette([2, 0, 16], [&[0, 0x1234], &[0; 2], &[0; 2]], 0x0028_1201));
    assert_eq!(deep.map(|found| (found.bits, found.rgb[0][1])), Some((16, 0x1234)));
}

#[test]
fn the_first_index_is_signed_where_pixels_are() {
    let first = |signed| {
        let data_set = palette([1, 0xFF80, 8], [&[1]; 3], 0x0028_1201).us(0x0028_0103, signed);
        read(&data_set).expect("a palette").first_mapped
    };
    assert_eq!([first(0), first(1)], [0xFF80, -128]);
}

#[test]
fn an_odd_number_of_bytes_has_one_more() {
    let found = read(&palette([3, 0, 8], [&[0x0201, 0x0003]; 3], 0x0028_1201)).expect("a palette");
    assert_eq!(found.rgb[0], [1, 2, 3]);
}

#[test]
fn segmented_palettes_are_expanded() {
    // Two values; a line of four entries up to 14; the values again.
    let segments = [0, 2, 10, 10, 1, 4, 14, 2, 1, 0, 0];
    let found = read(&palette([8, 0, 16], [&segments; 3], 0x0028_1221)).expect("a palette");
    assert_eq!(found.rgb[2], [10, 10, 11, 12, 13, 14, 10, 10]);
}

/// The copied line goes from where the table has got to.
#[test]
fn copied_segments_begin_at_a_byte_offset() {
    let words = [0, 1, 300, 1, 2, 500, 2, 1, 6, 0, 0, 1, 9];
    let found = read(&palette([6, 0, 16], [&words; 3], 0x0028_1221)).expect("a palette");
    assert_eq!(found.rgb[0], [300, 400, 500, 500, 500, 9]);
}

/// Of bytes, offsets are four of them, and an odd number of bytes has one of padding.
#[test]
fn segments_of_bytes() {
    let bytes = [0, 1, 5, 1, 2, 9, 2, 2, 0, 0, 0, 0, 0, 1, 77];
    let packed: Vec<u16> =
        bytes.chunks(2).map(|pair| pair[0] | pair.get(1).copied().unwrap_or(0) << 8).collect();
    let found = read(&palette([7, 0, 8], [&packed; 3], 0x0028_1221)).expect("a palette");
    assert_eq!(found.rgb[1], [5, 7, 9, 5, 7, 9, 77]);
    // Met, too: each byte in a word of its own.
    let found = read(&palette([3, 0, 8], [&[0, 1, 5, 1, 2, 9]; 3], 0x0028_1221));
    assert_eq!(found.expect("a palette").rgb[1], [5, 7, 9]);
}

#[test]
fn supplemental_palettes_are_for_colour_frames() {
    let grey = palette([2, 9, 8], [&[1, 2]; 3], 0x0028_1201).text(0x0028_0004, "CS", "MONOCHROME2");
    let of_image = |presentation| read(&grey.clone().text(0x0008_9205, "CS", presentation));
    assert_eq!(of_image("COLOR").map(|found| found.first_mapped), Some(9));
    assert!(of_image("MIXED").is_some());
    assert_eq!((of_image("MONOCHROME"), read(&grey)), (None, None));
    let frame = |presentation| {
        let frame_type = DataSet::new().text(0x0008_9205, "CS", presentation);
        DataSet::new().items(0x0018_9329, vec![frame_type])
    };
    let enhanced = grey
        .text(0x0008_9205, "CS", "MIXED")
        .text(0x0028_0008, "IS", "2")
        .items(0x5200_9230, vec![frame("MONOCHROME"), frame("COLOR")]);
    let displays = content(&enhanced).displays;
    let has_colours: Vec<bool> = displays.iter().map(|display| display.palette.is_some()).collect();
    assert_eq!(has_colours, [false, true]);
}

#[test]
fn presentation_luts_are_read() {
    let presentation = slice().items(0x2050_0010, vec![lut([3, 0, 12], &[4095, 100, 0])]);
    let found = display(&presentation).presentation_lut.expect("a table");
    assert_eq!((found.bits, found.entries), (12, vec![4095, 100, 0]));
    assert_eq!(display(&slice()).presentation_lut, None);
}

#[test]
fn broken_palettes_are_defects() {
    let line_first = [1, 4, 14];
    let endless = [2, 1, 0, 0];
    let short = [0, 9, 1];
    let empty = [0, 0, 2, 0xFFFF, 0, 0];
    for segments in [&line_first[..], &endless, &short, &empty, &[]] {
        let data_set = palette([8, 0, 16], [segments; 3], 0x0028_1221);
        assert_eq!(read(&data_set), None, "{segments:?}");
        assert_eq!(content(&data_set).image.defect.as_deref(), Some("palette missing or broken"));
    }
    let unequal =
        palette([2, 0, 8], [&[1, 2]; 3], 0x0028_1201).words(0x0028_1102, "US", &[3, 0, 8]);
    assert_eq!(read(&unequal), None);
}
