//! Properties of lookup tables on the way to the screen: a table that rises draws brighter for more.
#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

use proptest::prelude::*;
use viewer_core::display::{Modality, Voi};
use viewer_core::exam::LookupTable;

/// A table whose entries never fall, as large as its bits allow.
fn rising_table() -> impl Strategy<Value = LookupTable> {
    let entries = (8_u16..=16).prop_flat_map(|bits| {
        let largest = u16::try_from((1_u32 << bits) - 1).expect("at most 16 bits");
        (Just(bits), prop::collection::vec(0..=largest, 1..300))
    });
    (entries, -40_000_i32..40_000).prop_map(|((bits, mut entries), first_mapped)| {
        entries.sort_unstable();
        LookupTable { first_mapped, bits, entries, explanation: String::new() }
    })
}

proptest! {
    #[test]
    fn a_rising_voi_lut_rises_and_stays_within_0_and_1(
        table in rising_table(), value in -5e4_f64..5e4, step in 0.0_f64..1e3,
    ) {
        let voi = Voi::Lut(table);
        let (low, high) = (voi.apply(value), voi.apply(value + step));
        prop_assert!((0.0..=1.0).contains(&low) && (0.0..=1.0).contains(&high) && low <= high);
    }

    #[test]
    fn a_rising_modality_lut_rises_and_gives_its_entries(
        table in rising_table(), stored in -70_000_i32..70_000, step in 0_i32..500,
    ) {
        let modality = Modality::Lut(table.clone());
        let (low, high) = (modality.apply(stored.into()), modality.apply((stored + step).into()));
        prop_assert!(low <= high);
        prop_assert!(table.entries.iter().any(|&entry| f64::from(entry) == low));
    }

    #[test]
    fn every_entry_of_a_modality_lut_is_reached(table in rising_table(), index in 0_usize..300) {
        let index = index % table.entries.len();
        let stored = table.first_mapped + i32::try_from(index).expect("a short table");
        let expected = f64::from(table.entries[index]);
        prop_assert_eq!(Modality::Lut(table).apply(stored.into()), expected);
    }
}
