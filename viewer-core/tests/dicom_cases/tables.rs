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

#[test]
fn segmented_palettes_are_expanded() {
    // Two values; a line of four entries up to 14; the values again.
    let segments = [0, 2, 10, 10, 1, 4, 14, 2, 1, 0, 0];
    let found = read(&palette([8, 0, 16], [&segments; 3], 0x0028_1221)).expect("a palette");
    assert_eq!(found.rgb[2], [10, 10, 11, 12, 13, 14, 10, 10]);
}

#[test]
fn broken_palettes_are_defects() {
    let line_first = [1, 4, 14];
    let endless = [2, 1, 0, 0];
    let short = [0, 9, 1];
    for segments in [&line_first[..], &endless, &short, &[]] {
        let data_set = palette([8, 0, 16], [segments; 3], 0x0028_1221);
        assert_eq!(read(&data_set), None, "{segments:?}");
        assert_eq!(content(&data_set).image.defect.as_deref(), Some("palette missing or broken"));
    }
    let unequal =
        palette([2, 0, 8], [&[1, 2]; 3], 0x0028_1201).words(0x0028_1102, "US", &[3, 0, 8]);
    assert_eq!(read(&unequal), None);
}
