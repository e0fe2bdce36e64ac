//! Corner annotations and orientation letters: text of the page, not burnt into the picture. They are
//! made from the same value as the picture they lie on.

use leptos::prelude::*;
use viewer_core::display::ColourMap;
use viewer_core::exam::{SliceGeometry, SpacingSource, Study};

use super::{Ui, follow};
use crate::report::format;
use crate::state::view::{CoverStatus, PaneView, ShownImage};

pub(super) fn annotations(ui: Ui, pane: RwSignal<PaneView>) -> AnyView {
    view! {
        <div class="note note-patient">{patient_note(ui, pane)}</div>
        <div class="note note-series">{series_note(ui, pane)}</div>
        <div class="note note-view">{view_note(ui, pane)}</div>
        <div class="note note-notice">{notice_note(ui, pane)}</div>
        {letters(pane)}
    }
    .into_any()
}

/// One line that follows the image drawn; nothing where there is no image.
fn line(
    class: &'static str,
    pane: RwSignal<PaneView>,
    words: impl Fn(&PaneView, &ShownImage) -> String + Send + 'static,
) -> AnyView {
    let words = move || {
        pane.with(|view| view.shown.as_ref().map(|shown| words(view, shown)).unwrap_or_default())
    };
    view! { <span class=class>{follow(words)}</span> }.into_any()
}

fn patient_note(ui: Ui, pane: RwSignal<PaneView>) -> AnyView {
    let series = move || pane.with(|view| view.series);
    let name = move || ui.with_exam_of(series(), |patient, _| format::full_name(patient));
    let birth = move || {
        let date = ui.with_exam_of(series(), |patient, _| patient.birth_date.clone()).flatten();
        date.map(|date| format::date(ui.lang(), &date))
    };
    let when = move |view: &PaneView, shown: &ShownImage| {
        let of_study = |_: &_, study: &Study| acquired(ui, shown, study);
        ui.with_exam_of(view.series, of_study).unwrap_or_default()
    };
    let institution = move |view: &PaneView, _: &ShownImage| {
        let of_study = |_: &_, study: &Study| study.institution.clone();
        ui.with_exam_of(view.series, of_study).unwrap_or_default()
    };
    view! {
        <strong>{follow(name)}</strong>
        <span class="extra">{follow(birth)}</span>
        {line("", pane, when)}
        {line("extra", pane, institution)}
    }
    .into_any()
}

/// Date and time of the image, else of the exam.
fn acquired(ui: Ui, shown: &ShownImage, study: &Study) -> String {
    let lang = ui.lang();
    let (date, time) = match shown.acquired.as_deref() {
        Some(both) => (both.get(..8), both.get(8..)),
        None => (study.date.as_deref(), study.time.as_deref()),
    };
    let date = date.map(|date| format::date(lang, date)).unwrap_or_default();
    let time = time.map(|time| format::time(time.trim())).unwrap_or_default();
    if time.is_empty() { date } else { format!("{date} {time}") }
}

fn series_note(ui: Ui, pane: RwSignal<PaneView>) -> AnyView {
    let name = move || {
        let series = pane.with(|view| view.series);
        ui.with_series(series, |index, series| {
            let number = series.number.map(|number| format!("S{number} ")).unwrap_or_default();
            format!("{number}{}", ui.series_name(index, series))
        })
    };
    let exam = move || {
        let series = pane.with(|view| view.series);
        ui.with_series(series, |_, series| ui.exam_name(series.exam)).flatten()
    };
    let technique = move || {
        let series = pane.with(|view| view.series);
        ui.with_series(series, |_, series| format::with_decimal_mark(ui.lang(), &series.technique))
    };
    let count =
        |view: &PaneView, shown: &ShownImage| format!("{}/{}", shown.position + 1, view.total);
    let file_frame = move |_: &PaneView, shown: &ShownImage| {
        let number = shown.file_frame.map(|number| number.to_string());
        number
            .map(|number| ui.fill("viewer.file_frame", &[("number", &number)]))
            .unwrap_or_default()
    };
    let millimetres = move |key: &'static str, value: Option<f64>| {
        let mm = value.map(|value| format::number(ui.lang(), value, 2));
        mm.map(|mm| ui.fill(key, &[("mm", &mm)])).unwrap_or_default()
    };
    view! {
        <span>{follow(name)}</span>
        <span data-test="exam">{follow(exam)}</span>
        <strong data-test="image-number">{line("", pane, count)}</strong>
        <strong data-test="projection">{line("", pane, |_, shown| format::one_line(&shown.projection))}</strong>
        <span data-test="file-frame">{line("", pane, file_frame)}</span>
        {line("", pane, move |_, shown| millimetres("viewer.position", shown.slice_position_mm))}
        {line("extra", pane, move |_, shown| millimetres("viewer.thickness", shown.thickness_mm))}
        <span class="extra" data-test="technique">{follow(technique)}</span>
        {slices_line("extra facts", ui, pane, Ui::facts_of)}
        {slices_line("mark facts", ui, pane, Ui::warnings_of)}
    }
    .into_any()
}

/// One line about the slices of the series.
fn slices_line(
    class: &'static str,
    ui: Ui,
    pane: RwSignal<PaneView>,
    words: fn(Ui, &SliceGeometry) -> String,
) -> AnyView {
    let words = move || {
        let series = pane.with(|view| view.series);
        ui.with_series(series, |_, series| series.slices.as_ref().map(|slices| words(ui, slices)))
            .flatten()
    };
    view! { <span class=class>{follow(words)}</span> }.into_any()
}

fn view_note(ui: Ui, pane: RwSignal<PaneView>) -> AnyView {
    let zoom = move |_: &PaneView, shown: &ShownImage| {
        let factor = shown.zoom.map(|zoom| format::number(ui.lang(), zoom, 2));
        factor.map(|factor| ui.fill("viewer.zoom_note", &[("factor", &factor)])).unwrap_or_default()
    };
    let inverted = move |_: &PaneView, shown: &ShownImage| {
        if shown.inverted { ui.word("viewer.inverted").into_owned() } else { String::new() }
    };
    let overlays = move |_: &PaneView, shown: &ShownImage| {
        let note = shown.cover.as_ref().filter(|note| !note.overlays_hidden);
        let names = note.map(|note| format::one_line(&note.overlays.join(", ")));
        let names = names.filter(|names| !names.is_empty());
        names.map(|names| ui.fill("viewer.overlay_names", &[("names", &names)])).unwrap_or_default()
    };
    let colours = move |_: &PaneView, shown: &ShownImage| match shown.colours {
        ColourMap::Grey => String::new(),
        map => {
            let name = ui.word(&format!("colours.{}", map.key()));
            ui.fill("viewer.colours_note", &[("name", &name)])
        }
    };
    let scale = move |_: &PaneView, shown: &ShownImage| {
        scale_key(shown).map(|key| ui.word(key).into_owned()).unwrap_or_default()
    };
    view! {
        {line("extra", pane, overlays)}
        {line("extra", pane, scale)}
        {line("mark", pane, inverted)}
        <span data-test="cover">{line("mark", pane, move |_, shown| cover(ui, shown))}</span>
        {line("mark", pane, colours)}
        <span data-test="window">{line("", pane, move |_, shown| window(ui, shown))}</span>
        {line("", pane, zoom)}
    }
    .into_any()
}

/// What is missing of, or was taken off, what lies over the image.
fn cover(ui: Ui, shown: &ShownImage) -> String {
    let Some(note) = &shown.cover else { return String::new() };
    let status = match note.status {
        CoverStatus::Whole => None,
        CoverStatus::Loading => Some("viewer.cover_loading"),
        CoverStatus::Broken => Some("viewer.cover_broken"),
    };
    let keys = [
        note.overlays_hidden.then_some("viewer.overlays_hidden"),
        note.shutter_open.then_some("viewer.shutter_open"),
        status,
    ];
    let words: Vec<_> = keys.into_iter().flatten().map(|key| ui.word(key)).collect();
    words.join(" · ")
}

/// What is said of the scale; nothing where a millimetre is one in the patient.
fn scale_key(shown: &ShownImage) -> Option<&'static str> {
    match shown.spacing_source {
        None if shown.zoom.is_none() => None,
        None if shown.has_regions => Some("viewer.spacing_region"),
        None => Some("viewer.no_spacing"),
        Some(SpacingSource::PixelSpacing | SpacingSource::UltrasoundRegion) => None,
        Some(SpacingSource::ImagerPixelSpacing | SpacingSource::NominalScanned) => {
            Some("viewer.detector_spacing")
        }
        Some(SpacingSource::Magnification) => Some("viewer.spacing_magnification"),
        Some(SpacingSource::Geometry | SpacingSource::Corrected) => {
            Some("viewer.spacing_corrected")
        }
        Some(SpacingSource::Fiducial) => Some("viewer.spacing_fiducial"),
        Some(SpacingSource::Uncertain) => Some("viewer.spacing_uncertain"),
    }
}

fn window(ui: Ui, shown: &ShownImage) -> String {
    let Some(note) = &shown.window else { return String::new() };
    let values = match note.center_width {
        None => ui.word("viewer.window_table").into_owned(),
        Some([center, width]) => {
            let lang = ui.lang();
            let [center, width] =
                [center, width].map(|value| format::window_value(lang, value, width));
            ui.fill("viewer.window_note", &[("width", &width), ("center", &center)])
        }
    };
    if note.is_guessed() {
        format!("{values} ({})", ui.word("viewer.window_guessed"))
    } else {
        values
    }
}

fn notice_note(ui: Ui, pane: RwSignal<PaneView>) -> AnyView {
    let lossy = move |_: &PaneView, shown: &ShownImage| match &shown.lossy {
        None => String::new(),
        Some(lossy) => match lossy.ratio {
            Some(ratio) => {
                let ratio = format::number(ui.lang(), ratio, 1);
                ui.fill("viewer.lossy_ratio", &[("ratio", &ratio)])
            }
            None => ui.word("viewer.lossy").into_owned(),
        },
    };
    let stream = move |_: &PaneView, shown: &ShownImage| {
        let count = shown.stream_frames.map(|count| count.to_string());
        count.map(|count| ui.fill("viewer.stream_frames", &[("count", &count)])).unwrap_or_default()
    };
    let colours = move |_: &PaneView, shown: &ShownImage| {
        if shown.is_icc_unusable {
            ui.word("viewer.icc_unusable").into_owned()
        } else {
            String::new()
        }
    };
    view! {
        {line("mark", pane, stream)}
        <span data-test="colours">{line("mark", pane, colours)}</span>
        <span data-test="lossy">{line("mark", pane, lossy)}</span>
        <span>{ui.say("common.not_diagnostic")}</span>
    }
    .into_any()
}

/// Letters of the directions in the patient, at the edges.
fn letters(pane: RwSignal<PaneView>) -> Vec<AnyView> {
    let classes =
        ["letter letter-top", "letter letter-right", "letter letter-bottom", "letter letter-left"];
    classes
        .into_iter()
        .enumerate()
        .map(|(side, class)| {
            let letter = move || {
                pane.with(|view| {
                    let letters = view.shown.as_ref()?.letters.as_ref()?;
                    letters.get(side).cloned()
                })
            };
            view! { <span class=class>{follow(letter)}</span> }.into_any()
        })
        .collect()
}
