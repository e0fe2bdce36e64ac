//! What the page is told after a change of its view, and what is drawn over its panes.
#![expect(clippy::panic, reason = "a test stops where its input is not as made")]

use std::sync::Arc;

use negatoscope_compare::desk::{Desk, Drawn};
use viewer_core::command::{Command, Layout};
use viewer_core::compare::{Links, Trait};
use viewer_core::exam::{
    DisplayAttributes, ExamSummary, Image, ImageFormat, ImagePlane, JoinError, ModalityTransform,
    Patient, SampleKind, Series, Spacing, SpacingSource, Study,
};
use viewer_core::geometry::Affine2;
use viewer_core::session::Session;
use viewer_core::viewport::ViewReference;

const AXIAL: [[f64; 3]; 2] = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]];
const CORONAL: [[f64; 3]; 2] = [[1.0, 0.0, 0.0], [0.0, 0.0, -1.0]];
const SIZES_PX: [[u32; 2]; 2] = [[200, 200], [200, 200]];

fn format() -> ImageFormat {
    ImageFormat {
        transfer_syntax_uid: String::new(),
        sop_class_uid: String::new(),
        rows: 100,
        columns: 100,
        samples_per_pixel: 1,
        photometric_interpretation: "MONOCHROME2".into(),
        bits_allocated: 16,
        bits_stored: 16,
        high_bit: 15,
        signed: true,
        planar: false,
        samples: SampleKind::Integer,
        padding: None,
        spacing: Some(Spacing {
            between_rows_mm: 1.0,
            between_columns_mm: 1.0,
            source: SpacingSource::PixelSpacing,
        }),
        aspect_ratio: None,
        lossy: None,
    }
}

/// Slices of 100 × 100 mm, the first pixel of each at these points.
fn series([row_direction, column_direction]: [[f64; 3]; 2], positions_mm: &[[f64; 3]]) -> Series {
    let image = |&position_mm: &[f64; 3]| Image {
        frames: 1,
        displays: vec![0],
        planes: vec![ImagePlane {
            position_mm,
            row_direction,
            column_direction,
            thickness_mm: Some(2.0),
        }],
        ..Image::default()
    };
    Series {
        modality: "CT".into(),
        frame_of_reference_uid: Some("1.9".into()),
        formats: vec![format()],
        displays: vec![DisplayAttributes {
            modality: ModalityTransform::Rescale { slope: 1.0, intercept: 0.0 },
            unit: "HU".into(),
            windows: Vec::new(),
            voi_luts: Vec::new(),
            inverse_presentation: false,
            presentation_lut: None,
            palette: None,
        }],
        images: positions_mm.iter().map(image).collect(),
        ..Series::default()
    }
}

/// Axial slices at 0, 2, … 98 mm beside coronal ones at −50, −48, … 48 mm.
fn exam() -> ExamSummary {
    let even = (0..50).map(|n| 2.0 * f64::from(n));
    let axial: Vec<_> = even.clone().map(|z| [-50.0, -50.0, z]).collect();
    let coronal: Vec<_> = even.map(|y| [-50.0, y - 50.0, 98.0]).collect();
    let series = vec![series(AXIAL, &axial), series(CORONAL, &coronal)];
    ExamSummary { patient: Patient::default(), study: Study::default(), series, joined: Vec::new() }
}

/// The page with two panes, and a desk that was told.
fn beside() -> (Session, Desk) {
    let mut page = Session::new(Arc::new(exam()));
    page.apply(Command::SetLayout(Layout::SIDE_BY_SIDE));
    let mut desk = Desk::new(exam());
    assert_eq!(desk.changed(&page.snapshot(), &SIZES_PX), Ok(None));
    (page, desk)
}

fn drawn(series: u32, image: u32) -> Option<Drawn> {
    let reference = ViewReference { series, image, frame: 0 };
    let css_from_image = Affine2 { xx: 2.0, yy: 2.0, ..Affine2::IDENTITY };
    Some(Drawn { reference, css_from_image })
}

#[test]
fn the_page_is_told_only_where_another_pane_follows() {
    let (mut page, mut desk) = beside();
    page.apply(Command::ScrollTo { pane: 0, position: 7 });
    assert_eq!(desk.changed(&page.snapshot(), &SIZES_PX), Ok(None), "nothing is linked");
    desk.set_links(Links::ALL);
    page.apply(Command::ScrollTo { pane: 0, position: 9 });
    let followed = desk.changed(&page.snapshot(), &SIZES_PX).expect("of this exam");
    page.adopt(&followed.expect("the other pane follows")).expect("of this exam");
    assert_eq!((page.position(0), page.position(1)), (Some(9), Some(2)));
    assert_eq!(desk.changed(&page.snapshot(), &SIZES_PX), Ok(None), "and that is all");
}

#[test]
fn lines_are_those_of_what_is_drawn_and_not_of_what_is_wanted() {
    let (_page, mut desk) = beside();
    desk.draw(vec![drawn(0, 10), drawn(1, 25)]);
    // 20 mm is 78 mm under the first row of the coronal slice; two CSS pixels a millimetre.
    let line = desk.scene()[1].line.expect("they cross");
    assert_eq!(line.map(|end| end[1]), [157.0, 157.0]);
    assert_eq!((desk.scene()[0].line, desk.scene()[0].way), (None, None));
    desk.draw(vec![drawn(0, 10), None]);
    assert_eq!(desk.scene()[1].line, None);
    desk.draw(vec![drawn(0, 10), drawn(1, 25)]);
    desk.has_lines = false;
    assert_eq!(desk.scene()[1].line, None);
}

#[test]
fn the_cursor_moves_by_pixels_and_is_seen_only_in_its_slice() {
    let (mut page, mut desk) = beside();
    desk.draw(vec![drawn(0, 10), drawn(1, 0)]);
    let view = desk.set_point(0, [101.0, 61.0]).expect("a point");
    page.adopt(&view).expect("of this exam");
    assert_eq!(desk.point_mm(), Some([0.0, -20.0, 20.0]));
    assert_eq!((page.position(0), page.position(1)), (Some(0), Some(15)));
    assert_eq!(desk.scene()[1].cross, None, "the slice is on its way");
    desk.draw(vec![drawn(0, 10), drawn(1, 15)]);
    assert_eq!(desk.scene()[1].cross, Some([101.0, 157.0]));
    desk.move_point(0, [4.0, 0.0], [200.0, 200.0]).expect("a point");
    assert_eq!(desk.point_mm(), Some([2.0, -20.0, 20.0]));
    desk.clear_point();
    assert_eq!(desk.scene()[0].cross, None);
}

#[test]
fn another_exam_comes_beside_linked_and_says_where_its_patient_is_another() {
    let (mut page, mut desk) = beside();
    page.apply(Command::SetLayout(Layout::ONE));
    page.apply(Command::ScrollTo { pane: 0, position: 7 });
    assert_eq!(desk.changed(&page.snapshot(), &SIZES_PX), Ok(None));
    let mut other = exam();
    other.study.study_instance_uid = "7".into();
    other.patient.birth_date = Some("19740312".into());
    let index = desk.join(other).expect("another study");
    page.grow(Arc::new(desk.exam().clone())).expect("begins with the page");
    let (patient, _, differing) = desk.identity(index).expect("an exam");
    assert_eq!(
        (patient.birth_date.as_deref(), differing),
        (Some("19740312"), vec![Trait::BirthDate])
    );
    assert_eq!(desk.join(exam()).err(), Some(JoinError::Known));
    let view = desk.show_exam(index);
    page.adopt(&view).expect("of these exams");
    assert_eq!(
        (page.layout(), page.position(0), page.position(1)),
        (Layout::SIDE_BY_SIDE, Some(7), Some(7))
    );
    let told = desk.scene().into_iter().map(|pane| (pane.exam, pane.is_other_patient, pane.way));
    assert_eq!(told.collect::<Vec<_>>(), [(0, false, None), (1, true, Some("position"))]);
    page.apply(Command::ScrollBy { pane: 0, frames: 2 });
    let followed = desk.changed(&page.snapshot(), &SIZES_PX).expect("of these exams");
    page.adopt(&followed.expect("the other exam follows")).expect("of these exams");
    assert_eq!((page.position(0), page.position(1)), (Some(9), Some(9)));
}

#[test]
fn an_exam_is_shown_alone_in_one_pane() {
    let (mut page, mut desk) = beside();
    let mut other = exam();
    other.study.study_instance_uid = "7".into();
    other.study.is_local = true;
    let index = desk.join(other).expect("another study");
    page.grow(Arc::new(desk.exam().clone())).expect("begins with the page");
    page.adopt(&desk.show_exam_alone(index)).expect("of these exams");
    assert_eq!(page.layout(), Layout::ONE);
    assert_eq!(page.series(0).map(|series| series.exam), Some(index));
    let (_, study, _) = desk.identity(index).expect("an exam");
    assert!(study.is_local, "who opened it is not forgotten");
    assert_eq!(desk.links(), Links::default(), "there is nothing to follow");
}

#[test]
fn an_exam_of_slices_is_hung_by_series_and_taken_down_again() {
    let mut desk = Desk::new(exam());
    assert!(desk.begin().is_some());
    assert_eq!(desk.layout(), [1, 2]);
    let [(protocol, is_current)] = desk.protocols()[..] else { panic!("one protocol") };
    assert_eq!((protocol.key, is_current), ("series", true));
    desk.plain();
    assert_eq!((desk.layout(), desk.protocols()[0].1), ([1, 1], false));
    assert_eq!((desk.hang(9), desk.set_layout(4, 4)), (None, None));
}
