//! All steps of a presentation state in one table (PS3.4 N.2.1): what a pane takes for a VOI LUT of the image, so that both
//! renderers draw it with what they have.

use super::{ColourTable, Modality, Voi};
use crate::exam::LookupTable;

/// Most entries of a table, as everywhere in DICOM.
const MOST_ENTRIES: i64 = 65_536;

/// The grey of each whole modality value of the image from `first` to `last`: `values` leads to the value that the VOI step of
/// the state is for, `output` from there to P-values. `None` where there would be too many entries, or none.
///
/// Between whole values both renderers take the nearest, as for any VOI LUT.
#[must_use]
pub fn one_table(
    [first, last]: [i64; 2],
    values: impl Fn(f64) -> f64,
    voi: &Voi,
    output: Option<&ColourTable>,
) -> Option<LookupTable> {
    let is_possible = first <= last && last.checked_sub(first)? < MOST_ENTRIES;
    let first_mapped = i32::try_from(first).ok().filter(|_| is_possible)?;
    let grey = |input: i64| entry(voi.apply(values(input as f64)), output);
    let entries = (first..=last).map(grey).collect();
    Some(LookupTable { first_mapped, bits: 16, entries, explanation: String::new() })
}

/// A VOI LUT, and what `output` makes of its entries: exact whatever its inputs are.
#[must_use]
pub fn through_output(lut: &LookupTable, output: Option<&ColourTable>) -> LookupTable {
    let largest = f64::from((1_u32 << lut.bits.clamp(1, 16)) - 1);
    let grey = |&value: &u16| entry((f64::from(value) / largest).min(1.0), output);
    LookupTable { bits: 16, entries: lut.entries.iter().map(grey).collect(), ..lut.clone() }
}

/// Stored to modality values of an image the other way round, where they are whole numbers for whole ones.
#[must_use]
pub fn stored_of(modality: &Modality) -> Option<impl Fn(f64) -> f64 + use<>> {
    let Modality::Rescale { slope, intercept } = *modality else { return None };
    let is_whole = slope.fract() == 0.0 && intercept.fract() == 0.0 && slope != 0.0;
    is_whole.then_some(move |value: f64| (value - intercept) / slope)
}

fn entry(grey: f64, output: Option<&ColourTable>) -> u16 {
    let grey = output.map_or(grey, |table| table.at(grey)[0]);
    // The cast saturates.
    (grey * 65_535.0 + 0.5) as u16
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exam::VoiFunction;

    fn table(first_mapped: i32, bits: u16, entries: &[u16]) -> LookupTable {
        LookupTable { first_mapped, bits, entries: entries.to_vec(), explanation: String::new() }
    }

    fn window(center: f64, width: f64, function: VoiFunction) -> Voi {
        Voi::Window { center, width, function }
    }

    /// By hand: a modality LUT, a VOI LUT over its entries, a presentation LUT of four steps, one after the other.
    #[test]
    fn steps_follow_each_other() {
        let modality = Modality::Lut(table(0, 16, &[10, 11, 12, 12, 20]));
        let voi = Voi::Lut(table(10, 8, &[0, 51, 204, 255]));
        let inverse = ColourTable::of_presentation_lut(&table(0, 10, &[1023, 682, 341, 0]));
        let plain = one_table([-1, 5], |m| modality.apply(m), &voi, None).expect("a table");
        let expected = [0, 0, 13_107, 52_428, 52_428, 65_535, 65_535];
        assert_eq!((plain.first_mapped, plain.entries.as_slice()), (-1, &expected[..]));
        let turned = one_table([0, 4], |m| modality.apply(m), &voi, inverse.as_ref());
        // 0, 51 and 204 of 255 are nearest to the first, second and third of four entries.
        assert_eq!(turned.expect("a table").entries, [65_535, 43_690, 21_845, 21_845, 0]);
    }

    #[test]
    fn functions_of_windows_are_tabulated_as_they_are_drawn() {
        let greys = |voi: &Voi| one_table([0, 4], |m| m, voi, None).expect("a table").entries;
        // (x − (2 − 0.5)) / (3 − 1) + 0.5
        assert_eq!(
            greys(&window(2.0, 3.0, VoiFunction::Linear)),
            [0, 16_384, 49_151, 65_535, 65_535]
        );
        // (x − 2) / 4 + 0.5
        let exact = greys(&window(2.0, 4.0, VoiFunction::LinearExact));
        assert_eq!(exact, [0, 16_384, 32_768, 49_151, 65_535]);
        // 1 / (1 + e⁻ˣ) for −2 … 2
        let sigmoid = greys(&window(2.0, 4.0, VoiFunction::Sigmoid));
        assert_eq!(sigmoid, [7_812, 17_625, 32_768, 47_910, 57_723]);
    }

    #[test]
    fn entries_of_a_curve_go_through_the_output() {
        let inverse = ColourTable::of_presentation_lut(&table(0, 8, &[255, 0]));
        let lut = table(-5, 12, &[0, 4095, 819, 9999]);
        assert_eq!(through_output(&lut, None).entries, [0, 65_535, 13_107, 65_535]);
        let turned = through_output(&lut, inverse.as_ref());
        assert_eq!((turned.first_mapped, turned.bits), (-5, 16));
        assert_eq!(turned.entries, [65_535, 0, 65_535, 0]);
    }

    #[test]
    fn tables_have_an_end_and_only_whole_numbers_lead_back() {
        let voi = window(1.0, 2.0, VoiFunction::LinearExact);
        assert!(one_table([0, 65_535], |m| m, &voi, None).is_some());
        for inputs in [[0, 65_536], [1, 0], [i64::MIN, i64::MAX], [i64::MAX - 1, i64::MAX]] {
            assert_eq!(one_table(inputs, |m| m, &voi, None), None, "{inputs:?}");
        }
        let rescale = |slope, intercept| stored_of(&Modality::Rescale { slope, intercept });
        let stored = rescale(-2.0, -1024.0).expect("whole numbers");
        assert_eq!([-1024.0, -1026.0, -1027.0].map(stored), [0.0, 1.0, 1.5]);
        assert!(rescale(0.5, 0.0).is_none() && rescale(1.0, 0.5).is_none());
        assert!(stored_of(&Modality::Lut(table(0, 8, &[1]))).is_none());
    }
}
