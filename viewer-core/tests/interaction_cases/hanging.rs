//! Which images are put beside each other to begin with.

use viewer_core::command::{Command, Layout};
use viewer_core::compare::{automatic, hang, layout_for, matching};
use viewer_core::exam::{Image, Series, SplitBy, StackLabel};
use viewer_core::session::Session;
use viewer_core::viewport::Zoom;

use super::support::{exam, series};

/// A mammogram as `R CC P\L`: side, view, direction of rows and columns.
fn breast(side: &str, view: &str, [row, column]: [&str; 2]) -> Series {
    let mut made = series("MG", &[1]);
    made.images[0] = Image {
        view: Some(view.into()),
        laterality: Some(side.into()),
        patient_orientation: Some([row.into(), column.into()]),
        ..made.images[0].clone()
    };
    made
}

fn radiograph(view: Option<&str>, body_part: &str, directions: [&str; 2]) -> Series {
    let mut made = series("DX", &[1]);
    made.body_part = body_part.into();
    made.images[0].view = view.map(Into::into);
    made.images[0].patient_orientation = Some(directions.map(Into::into));
    made
}

fn shown(session: &Session) -> Vec<Option<[u32; 2]>> {
    let panes = 0..session.layout().panes();
    panes.map(|pane| session.reference(pane).map(|at| [at.series, at.image])).collect()
}

fn hung(all: Vec<Series>) -> Session {
    let mut session = Session::new(exam(all));
    let protocol = automatic(session.exam()).expect("a protocol");
    let _facing = hang(&mut session, protocol);
    session
}

#[test]
fn mammograms_stand_back_to_back_right_breast_left() {
    // The left MLO and the right CC are stored the other way round than they are to be seen.
    let all = vec![
        breast("L", "MLO", ["P", "FL"]),
        breast("R", "CC", ["A", "L"]),
        breast("L", "CC", ["A", "R"]),
        breast("R", "MLO", ["P", "FL"]),
    ];
    let mut session = Session::new(exam(all));
    let protocol = automatic(session.exam()).expect("a protocol");
    let mut facing = hang(&mut session, protocol);
    assert_eq!(session.layout(), Layout::FOUR);
    assert_eq!(shown(&session), [Some([1, 0]), Some([2, 0]), Some([3, 0]), Some([0, 0])]);
    let mirrored = |pane| session.view(pane).expect("pane").presentation.mirrored;
    assert_eq!([0, 1, 2, 3].map(mirrored), [true, false, false, true]);
    // Panes twice as wide as high: square images, whose chest walls meet in the middle.
    for pane in 0..4 {
        session.apply(Command::ResizeCanvas { pane, size_px: [800, 400] });
    }
    facing.align(&mut session);
    assert_eq!(
        [0, 1, 2, 3].map(|pane| edges_of(&session, pane)),
        [[400.0, 800.0], [0.0, 400.0], [400.0, 800.0], [0.0, 400.0]]
    );
    // What the reader has moved is left alone.
    session.apply(Command::SetZoom { pane: 1, zoom: Zoom::OneToOne });
    let chosen = session.view(1).copied();
    session.apply(Command::ResizeCanvas { pane: 0, size_px: [600, 400] });
    facing.align(&mut session);
    assert_eq!(session.view(1).copied(), chosen);
    assert_eq!(edges_of(&session, 0), [200.0, 600.0]);
}

fn edges_of(session: &Session, pane: usize) -> [f64; 2] {
    let map = session.resolved(pane).expect("a view").canvas_from_image;
    let [a, b] = [map.apply([0.0, 0.0])[0], map.apply([512.0, 512.0])[0]];
    [a.min(b), a.max(b)]
}

#[test]
fn a_view_that_is_missing_leaves_its_place_empty_and_variants_are_not_taken_for_it() {
    let session = hung(vec![
        breast("R", "XCCL", ["P", "L"]),
        breast("R", "CC", ["P", "L"]),
        breast("L", "CC", ["A", "R"]),
        breast("L", "medio-lateral oblique", ["A", "FR"]),
    ]);
    assert_eq!(shown(&session), [Some([1, 0]), Some([2, 0]), None, Some([3, 0])]);
    let unknown_way = breast("L", "CC", ["R", "F"]);
    let session = hung(vec![breast("R", "CC", ["P", "L"]), unknown_way]);
    assert!(!session.view(1).expect("pane").presentation.mirrored, "nothing is guessed");
}

#[test]
fn views_are_told_by_directions_where_the_file_names_none_and_images_of_one_series_count() {
    let mut both = radiograph(None, "CHEST", ["A", "F"]);
    let frontal = radiograph(None, "CHEST", ["L", "F"]).images[0].clone();
    both.images.push(frontal);
    assert_eq!(shown(&hung(vec![both])), [Some([0, 1]), Some([0, 0])]);
    let other = vec![
        radiograph(Some("PA"), "CHEST", ["L", "F"]),
        radiograph(Some("LATERAL"), "KNEE", ["A", "F"]),
    ];
    assert_eq!(automatic(&exam(other)), None, "a chest and a knee are no pair");
    let pair = vec![
        radiograph(Some("LL"), "CHEST", ["A", "F"]),
        radiograph(Some("LLD"), "CHEST", ["L", "F"]),
        radiograph(Some("AP"), "CHEST", ["L", "F"]),
    ];
    assert_eq!(shown(&hung(pair)), [Some([2, 0]), Some([0, 0])]);
}

#[test]
fn slices_get_a_pane_for_each_series_but_scouts() {
    let mut scout = series("CT", &[1, 1]);
    scout.split = vec![StackLabel { by: SplitBy::Localizer, value: String::new() }];
    let session = hung(vec![
        scout.clone(),
        series("CT", &[1; 9]),
        series("CT", &[1; 9]),
        series("CT", &[1; 9]),
    ]);
    assert_eq!(
        (session.layout(), shown(&session)),
        (Layout::FOUR, vec![Some([1, 0]), Some([2, 0]), Some([3, 0]), Some([0, 0])])
    );
    assert_eq!(automatic(&exam(vec![scout, series("CT", &[1; 9])])), None);
    let many = hung(vec![series("MR", &[1; 9]); 9]);
    assert_eq!(many.layout(), Layout::new(2, 3).expect("a layout"));
}

#[test]
fn one_series_and_mixed_exams_stay_as_they_are_but_a_grid_of_pictures_is_offered() {
    for all in [
        vec![],
        vec![series("CT", &[1; 9])],
        vec![series("US", &[40])],
        vec![series("CT", &[1]), series("MR", &[1])],
        vec![series("CT", &[1]), series("CT", &[1]), series("US", &[1])],
        vec![series("US", &[1, 1, 5])],
    ] {
        assert_eq!(automatic(&exam(all)), None);
    }
    let one = exam(vec![series("US", &[1, 40, 1, 1, 1])]);
    let protocol = *matching(&one).first().expect("the grid is offered");
    let mut session = Session::new(one);
    let _facing = hang(&mut session, protocol);
    assert_eq!(session.layout(), Layout::new(2, 3).expect("a layout"));
    assert_eq!(shown(&session)[..5], [0, 1, 2, 3, 4].map(|image| Some([0, image])));
}

#[test]
fn layouts_have_room_for_all_and_no_row_too_many() {
    for panes in 1..=12 {
        let layout = layout_for(panes);
        let [rows, columns] = layout.rows_columns();
        assert!(layout.panes() >= panes && (rows - 1) * columns < panes, "{panes}: {layout}");
    }
    assert_eq!(layout_for(40).panes(), 12);
}
