//! Drawing by clicks and in one go, taking hold, undo by gesture.

use super::*;

fn drawn(exam: &ExamSummary, kind: Kind, points: &[[f64; 2]]) -> Annotation {
    Annotation::new(kind, &facts(exam), points)
}

#[test]
fn a_draft_takes_as_many_points_as_its_kind_has() {
    let exam = exam(Some([1.0, 1.0]), Some(leaning()));
    let facts = facts(&exam);
    for kind in Kind::ALL {
        let [fewest, most] = kind.point_counts();
        let mut draft = Draft::begin(kind, [1.0, 1.0], &Affine2::IDENTITY);
        let mut clicks = 1;
        while !draft.is_full() && clicks < 9 {
            assert_eq!(draft.ended(&facts).is_some(), clicks >= fewest && clicks > 1, "{kind:?}");
            clicks += 1;
            draft.place([f64::from(u8::try_from(clicks).expect("few")) * 3.0, 2.0]);
        }
        let points = draft.ended(&facts).expect("enough points");
        assert!((fewest..=most).contains(&points.len()), "{kind:?}: {}", points.len());
    }
}

#[test]
fn a_click_in_one_place_makes_no_line() {
    let exam = exam(Some([1.0, 1.0]), None);
    let mut draft = Draft::begin(Kind::Length, [5.0, 5.0], &Affine2::IDENTITY);
    draft.place([5.0, 5.0]);
    assert_eq!(draft.ended(&facts(&exam)), None);
    assert!(draft.take_back() && !draft.take_back());
}

#[test]
fn an_outline_drawn_in_one_go_takes_points_on_its_way() {
    let exam = exam(Some([1.0, 1.0]), None);
    let map = Affine2 { xx: 10.0, yy: 10.0, ..Affine2::IDENTITY };
    let mut draft = Draft::begin(Kind::Freehand, [5.0, 5.0], &map);
    for step in 1..=10 {
        draft.trace([5.0 + f64::from(step) * 0.1, 5.0], &map);
    }
    draft.trace([6.0, 8.0], &map);
    let points = draft.ended(&facts(&exam)).expect("an outline");
    // One canvas pixel at a time: every second step is far enough.
    assert_eq!(points.len(), 7);
}

#[test]
fn handles_are_taken_before_lines_and_lines_before_nothing() {
    let exam = exam(Some([1.0, 1.0]), None);
    let map = Affine2 { xx: 4.0, yy: 4.0, ..Affine2::IDENTITY };
    let line = Drawing::of(Kind::Length, &facts(&exam), &[[10.0, 10.0], [30.0, 10.0]], &map);
    assert_eq!(line.grip([42.0, 43.0], 8.0), Some(Grip::Handle(0)));
    assert_eq!(line.grip([117.0, 36.0], 8.0), Some(Grip::Handle(1)));
    assert_eq!(line.grip([80.0, 45.0], 8.0), Some(Grip::Whole));
    assert_eq!(line.grip([80.0, 55.0], 8.0), None);
    assert_eq!(line.grip([20.0, 40.0], 8.0), None, "behind its end");
    assert_eq!(line.label, [120.0, 40.0]);
}

#[test]
fn a_gesture_is_one_step() {
    let exam = exam(Some([1.0, 1.0]), None);
    let mut store = Store::default();
    let first = drawn(&exam, Kind::Length, &[[1.0, 1.0], [5.0, 1.0]]);
    let id = store.add(first).expect("a number");
    let at = |x: f64| vec![[x, 1.0], [5.0, 1.0]];
    store.begin_gesture(id);
    for x in [2.0, 3.0, 4.0] {
        let moved = store.get(id).expect("there").with_image_points(&facts(&exam), at(x), Some(0));
        store.replace(moved);
    }
    store.end_gesture();
    let points = |store: &Store| store.get(id).map(|item| item.points.clone());
    assert_eq!(points(&store), Some(Points::Image(at(4.0))));
    assert_eq!(store.undo(), Some(id));
    assert_eq!(points(&store), Some(Points::Image(at(1.0))));
    assert_eq!(store.redo(), Some(id));
    assert_eq!(points(&store), Some(Points::Image(at(4.0))));
    store.remove(id);
    assert_eq!((store.items().len(), store.undo()), (0, Some(id)));
    assert_eq!(points(&store), Some(Points::Image(at(4.0))));
    store.undo();
    store.undo();
    assert_eq!((store.items().len(), store.can_undo_redo()), (0, [false, true]));
    store.add(drawn(&exam, Kind::Probe, &[[1.0, 1.0]]));
    assert_eq!(store.can_undo_redo(), [true, false], "what was undone is gone");
}

#[test]
fn a_gesture_that_is_cancelled_leaves_no_trace() {
    let exam = exam(Some([1.0, 1.0]), None);
    let mut store = Store::default();
    let id = store.add(drawn(&exam, Kind::Probe, &[[1.0, 1.0]])).expect("a number");
    let before = store.clone();
    store.begin_gesture(id);
    let moved = store.get(id).expect("there");
    store.replace(moved.with_image_points(&facts(&exam), vec![[9.0, 9.0]], Some(0)));
    store.cancel_gesture();
    assert_eq!(store, before);
}

#[test]
fn numbers_are_of_the_kind_and_never_used_twice() {
    let exam = exam(Some([1.0, 1.0]), None);
    let mut store = Store::default();
    let ids = [Kind::Probe, Kind::Length, Kind::Probe]
        .map(|kind| store.add(drawn(&exam, kind, &[[1.0, 1.0], [2.0, 2.0]])).expect("a number"));
    assert_eq!(ids.map(|id| store.ordinal(id)), [1, 1, 2]);
    store.remove(ids[2]);
    let next = store.add(drawn(&exam, Kind::Probe, &[[1.0, 1.0]])).expect("a number");
    assert_eq!((next, store.ordinal(next)), (4, 2));
    while store.items().len() < MOST_ANNOTATIONS {
        store.add(drawn(&exam, Kind::Probe, &[[1.0, 1.0]])).expect("a number");
    }
    assert_eq!(store.add(drawn(&exam, Kind::Probe, &[[1.0, 1.0]])), None);
}
