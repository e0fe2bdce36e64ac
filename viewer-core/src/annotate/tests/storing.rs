//! Where annotations are seen, and what is kept of them.

use super::*;

fn with_second_series(
    spacing_mm: [f64; 2],
    change: impl Fn(&mut ImagePlane, &mut Series),
) -> ExamSummary {
    let mut both = exam(Some([1.0, 1.0]), Some(leaning()));
    let mut other = exam(Some(spacing_mm), Some(leaning())).series.remove(0);
    other.images[0].sop_instance_uid = "4.5.6".into();
    let mut plane = leaning();
    change(&mut plane, &mut other);
    other.images[0].planes = vec![plane];
    both.series.push(other);
    both
}

#[test]
fn seen_on_images_of_the_same_place_only() {
    let shares = |exam: &ExamSummary| {
        let other = ImageFacts::find(exam, "4.5.6", 0).expect("the other image");
        other.shares_plane(&facts(exam))
    };
    // Half as large pixels of the same plane: the same place of the patient, at other pixels.
    let finer = with_second_series([0.5, 0.5], |_, _| ());
    assert!(shares(&finer));
    let other = ImageFacts::find(&finer, "4.5.6", 0).expect("the other image");
    let line = Annotation::new(Kind::Length, &facts(&finer), &[[10.5, 10.5], [20.5, 10.5]]);
    let seen = line.points.image_points(&other).expect("in the patient");
    assert!((seen[0][0] - 20.5).abs() < 1e-9 && (seen[1][0] - 40.5).abs() < 1e-9, "{seen:?}");
    let length = only(&values(Kind::Length, &other, &seen, None, None));
    assert!((length.value - 10.0).abs() < 1e-9);

    assert!(!shares(&with_second_series([1.0, 1.0], |plane, _| plane.position_mm[2] += 1.0)));
    assert!(!shares(&with_second_series([1.0, 1.0], |plane, _| {
        plane.row_direction = plane.row_direction.map(|c| -c);
    })));
    assert!(!shares(&with_second_series([1.0, 1.0], |_, series| {
        series.frame_of_reference_uid = Some("9.8".into());
    })));
    assert!(!shares(&with_second_series([1.0, 1.0], |_, series| {
        series.frame_of_reference_uid = None;
    })));
}

#[test]
fn what_is_kept_names_nobody_and_comes_back() {
    let exam = exam(Some([0.5, 0.7]), Some(leaning()));
    let facts = facts(&exam);
    for kind in Kind::ALL {
        let count = kind.point_counts()[0];
        let points: Vec<_> = (0..count).map(|i| [i as f64 * 3.0, 5.0 + i as f64]).collect();
        let mut drawn = Annotation::new(kind, &facts, &points);
        drawn.text = "Mme Martin".into();
        let saved = SavedAnnotation::of(&Annotation { text: "L3".into(), ..drawn.clone() });
        let json = serde_json::to_string(&SavedAnnotation::of(&drawn)).expect("JSON");
        assert!(
            !json.contains(IMAGE) && (kind == Kind::Spine || !json.contains("Martin")),
            "{json}"
        );
        let back = saved.restored(&facts).expect("the same image");
        let text = if kind == Kind::Spine { "L3" } else { "" };
        assert_eq!(back, Annotation { text: text.into(), ..drawn });
    }
}

#[test]
fn what_was_changed_or_is_of_another_image_does_not_come_back() {
    let exam = exam(Some([0.5, 0.7]), Some(leaning()));
    let facts = facts(&exam);
    let saved =
        SavedAnnotation::of(&Annotation::new(Kind::Length, &facts, &[[1.0, 2.0], [3.0, 4.0]]));
    assert!(saved.clone().restored(&facts).is_some());
    let restored = |change: fn(&mut SavedAnnotation)| {
        let mut changed = saved.clone();
        change(&mut changed);
        changed.restored(&facts)
    };
    assert_eq!(restored(|saved| saved.image = image_number("4.5.6")), None);
    assert_eq!(restored(|saved| saved.frame = 1), None);
    assert_eq!(restored(|saved| saved.points = Points::Patient(vec![[0.0; 3]; 3])), None);
    assert_eq!(restored(|saved| saved.points = Points::Image(vec![[0.0; 2]; 2])), None);
    assert_eq!(restored(|saved| saved.points = Points::Patient(vec![[f64::NAN; 3]; 2])), None);
}
