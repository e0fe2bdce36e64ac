//! How far the exams of a consultation have come, and what came and is not shown.

use negatoscope_text::{Lang, text_with};
use serde_json::Value;

use super::one::Consultation;
use crate::source::received::SeriesProgress;

/// Each series of a study, as far as somebody has asked for it. `list_expired`: no box is asked before the list of trusted ones is renewed.
pub(super) fn of(one: &Consultation, study: &str) -> Vec<SeriesProgress> {
    let Some(images) = one.images() else { return Vec::new() };
    let mut progress = images.received.progress(study);
    if images.received.upstream().is_list_too_old() {
        for series in progress.iter_mut().filter(|one| ["failed", "waiting"].contains(&one.state)) {
            series.state = "list_expired";
        }
    }
    progress
}

/// The timeline with its progress, and the place of each exam in the viewer's addresses.
pub(super) fn told(one: &Consultation) -> Value {
    let timeline = one.timeline();
    let mut told = timeline.told();
    for exam in told["exams"].as_array_mut().into_iter().flatten() {
        let study = exam["study"]["study_instance_uid"].as_str().unwrap_or_default();
        let (place, progress) = (timeline.place(study), of(one, study));
        exam["place"] = place.into();
        exam["progress"] = serde_json::to_value(progress).unwrap_or_default();
    }
    told
}

/// In words; nothing where nobody has asked for it.
pub(super) fn words(lang: Lang, series: &SeriesProgress) -> String {
    let left_out = series.left_out;
    let seconds = series.remaining_seconds.unwrap_or_default().to_string();
    let of_others = left_out.other_study + left_out.other_patient;
    let values: [(&str, &str); 5] = [
        ("arrived", &series.arrived.to_string()),
        ("listed", &series.listed.to_string()),
        ("seconds", &seconds),
        ("others", &of_others.to_string()),
        ("left_out", &(left_out.not_listed + left_out.unreadable + left_out.too_large).to_string()),
    ];
    let mut keys = vec![match series.state {
        "receiving" if series.remaining_seconds.is_some() => "consultation.progress.estimate",
        "receiving" => "consultation.progress.receiving",
        "whole" => "consultation.progress.whole",
        "incomplete" => "consultation.progress.incomplete",
        "failed" => "consultation.progress.failed",
        "list_expired" => "consultation.progress.list_expired",
        "stopped" => "consultation.progress.stopped",
        _ => "consultation.progress.waiting",
    }];
    if of_others > 0 {
        keys.push("consultation.progress.others");
    }
    if left_out.not_listed + left_out.unreadable + left_out.too_large > 0 {
        keys.push("consultation.progress.left_out");
    }
    keys.into_iter().map(|key| text_with(lang, key, &values)).collect::<Vec<_>>().join(" ")
}
