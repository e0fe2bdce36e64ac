//! Saved presentations: what they make of stored values.

use viewer_core::dicom::presentation_state;
use viewer_core::exam::{
    GreySteps, LeftOut, ModalityTransform, SoftcopyPresentation, SoftcopyVoi, StateValues,
};

use crate::bytes::DataSet;
use crate::documents::object;
use crate::presentations::{image, state, steps};

fn lut(first: u16, entries: &[u16]) -> DataSet {
    DataSet::new().words(0x0028_3002, "US", &[entries.len() as u16, first, 16]).words(
        0x0028_3006,
        "OW",
        entries,
    )
}

#[test]
fn tables_of_a_state_are_read_for_the_images_they_are_for() {
    let voi = DataSet::new()
        .items(0x0008_1140, vec![image("1.2")])
        .items(0x0028_3010, vec![lut(65_534, &[1, 2, 3])]);
    let found = state(
        DataSet::new()
            .items(0x0028_3000, vec![lut(0, &[7, 9])])
            .items(0x0028_3110, vec![voi])
            .items(0x2050_0010, vec![lut(0, &[65_535, 0])]),
    );
    let steps = steps(&found);
    let ModalityTransform::Lut(modality) = &steps.modality else { panic!("a modality LUT") };
    assert_eq!(modality.entries, [7, 9]);
    let SoftcopyVoi::Lut(voi) = &steps.voi[0].what else { panic!("a VOI LUT") };
    assert_eq!((voi.first_mapped, voi.entries.as_slice()), (65_534, &[1, 2, 3][..]));
    assert!(steps.voi[0].covers("1.2", 3) && !steps.voi[0].covers("1.3", 0));
    let SoftcopyPresentation::Lut(last) = &steps.presentation else { panic!("a table") };
    assert_eq!(last.entries, [65_535, 0]);
    assert!(found.left_out.is_empty(), "{:?}", found.left_out);
}

#[test]
fn tables_that_make_no_sense_are_named() {
    let short = DataSet::new().words(0x0028_3002, "US", &[9, 0, 8]).words(0x0028_3006, "OW", &[1]);
    let voi = DataSet::new().items(0x0028_3010, vec![short.clone()]);
    let found = state(
        DataSet::new()
            .items(0x0028_3000, vec![short.clone()])
            .items(0x0028_3110, vec![voi])
            .items(0x2050_0010, vec![short]),
    );
    assert_eq!(*steps(&found), GreySteps::default());
    let expected = [LeftOut::ModalityLut, LeftOut::VoiLut, LeftOut::PresentationLut];
    assert_eq!(found.left_out, expected);
    let slope = state(DataSet::new().text(0x0028_1052, "DS", "5").text(0x0028_1053, "DS", "0"));
    assert_eq!(slope.left_out, [LeftOut::ModalityLut]);
    let shape = state(DataSet::new().text(0x2050_0020, "CS", "LIN OD"));
    assert_eq!(shape.left_out, [LeftOut::PresentationLut]);
}

#[test]
fn a_state_of_colours_has_a_profile_and_a_shutter_in_cielab() {
    let colour = |data_set: DataSet| {
        let data_set = data_set.text(0x0008_0016, "UI", "1.2.840.10008.5.1.4.1.1.11.2");
        presentation_state(&object(&data_set)).expect("a presentation")
    };
    let found = colour(
        DataSet::new()
            .text(0x0018_1600, "CS", "CIRCULAR")
            .text(0x0018_1610, "IS", "32\\30")
            .text(0x0018_1612, "IS", "20")
            .words(0x0018_1624, "US", &[65_535, 32_896, 32_896])
            .us(0x0070_0042, 90)
            .text(0x2050_0020, "CS", "INVERSE"),
    );
    assert_eq!(found.values, StateValues::Colour(Ok(None)), "steps for greys are none of it");
    assert_eq!(found.shutter.as_ref().expect("a shutter").rgb, [255, 255, 255]);
    assert_eq!((found.quarter_turns, found.left_out.as_slice()), (1, &[][..]));
    let adobe = colour(DataSet::new().text(0x0028_2002, "CS", "ADOBERGB"));
    assert!(matches!(adobe.values, StateValues::Colour(Ok(Some(_)))), "{:?}", adobe.values);
    let broken = colour(DataSet::new().bytes(0x0028_2000, "OB", &[1; 200]));
    assert!(matches!(broken.values, StateValues::Colour(Err(_))), "{:?}", broken.values);
}
