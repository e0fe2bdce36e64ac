//! What is written as DICOM JSON and read again is what the file said.

use std::io::Cursor;

use proptest::prelude::*;
use viewer_core::dicom::{Instance, from_json, read_part10};

use crate::bytes::{DataSet, EXPLICIT, IMPLICIT, slice};

/// Numbers as DS writes them, which JSON may write another way.
fn decimals(count: usize) -> impl Strategy<Value = String> {
    let one = prop_oneof![
        (-20_000_i32..20_000).prop_map(|value| f64::from(value) / 8.0),
        prop::sample::select(vec![0.1, -1e-5, 123_456.789, 3.0]),
    ];
    prop::collection::vec(one, count)
        .prop_map(|values| values.iter().map(f64::to_string).collect::<Vec<_>>().join("\\"))
}

/// Slices with other numbers, names, windows and tables.
fn any_slice() -> impl Strategy<Value = DataSet> {
    let place = (decimals(3), decimals(2));
    let grey = (decimals(1), decimals(2), decimals(2));
    let text = "[A-ZÉÈÀÇ]{1,8}\\^[A-Za-zéèàç]{1,8}";
    let numbers = (any::<u16>(), 1_u16..=16, -999_i32..9999);
    let table = prop::collection::vec(any::<u16>(), 1..40);
    (place, grey, text, numbers, table).prop_map(
        |(
            (position, spacing),
            (intercept, centers, widths),
            name,
            (padding, bits, number),
            table,
        )| {
            let lut = DataSet::new()
                .words(0x0028_3002, "US", &[table.len() as u16, padding, 16])
                .words(0x0028_3006, "OW", &table);
            slice()
                .text(0x0008_0005, "CS", "ISO_IR 192")
                .text(0x0010_0010, "PN", &name)
                .text(0x0020_0013, "IS", &number.to_string())
                .text(0x0020_0032, "DS", &position)
                .text(0x0020_0037, "DS", "1\\0\\0\\0\\1\\0")
                .text(0x0028_0030, "DS", &spacing)
                .us(0x0028_0101, bits)
                .us(0x0028_0102, bits - 1)
                .us(0x0028_0120, padding)
                .text(0x0028_1050, "DS", &centers)
                .text(0x0028_1051, "DS", &widths)
                .text(0x0028_1052, "DS", &intercept)
                .text(0x0028_1053, "DS", "2")
                .items(0x0028_3010, vec![lut])
        },
    )
}

proptest! {
    #[test]
    fn attributes_come_back_from_json_as_they_were(slice in any_slice(), implicit in any::<bool>()) {
        let syntax = if implicit { IMPLICIT } else { EXPLICIT };
        let file = read_part10(Cursor::new(slice.file(syntax))).expect("a file");
        let json = dicom_json::to_value(&file.object).expect("attributes can be written");
        let found = from_json(&json, Some(syntax)).expect("an instance");
        prop_assert!(found.unreadable.is_empty(), "{:?}", found.unreadable);
        prop_assert_eq!(found.instance, Instance::from_file(&file).expect("an instance"));
    }
}
