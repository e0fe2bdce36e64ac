//! The banner: whose exam, which exam, not for diagnosis; and what concerns the whole page.

use leptos::prelude::*;
use negatoscope_text::Lang;
use viewer_core::command::Command;

use super::controls::{Control, button, toggle};
use super::icons::{self, icon};
use super::{Ui, follow, on};
use crate::report::format;

pub(super) fn banner(ui: Ui) -> AnyView {
    view! {
        <header class="banner">
            <div class="desktop-only">{strip_toggle(ui)}</div>
            {patient(ui)}
            <p class="banner-exam" title=follow(move || exam_line(ui))>{follow(move || exam_line(ui))}</p>
            <div class="desktop-only">{exam_links(ui)}</div>
            <p class="banner-notice">{ui.say("common.not_diagnostic")}</p>
            {progress(ui)}
            <div class="banner-actions">{actions(ui)}</div>
        </header>
    }
    .into_any()
}

fn patient(ui: Ui) -> AnyView {
    let exam = ui.exam();
    let name = format::full_name(&exam.patient);
    let sex = exam.patient.sex.clone();
    let birth_date = exam.patient.birth_date.clone();
    let shown_name = move || {
        if name.is_empty() { ui.word("viewer.no_name").into_owned() } else { name.clone() }
    };
    let spoken_sex = sex.clone();
    let letter = sex.clone();
    view! {
        <h1 class="banner-patient">
            <strong data-test="patient-name">{follow(shown_name)}</strong>
            <span aria-hidden="true">{follow(move || sex_letter(ui, letter.as_deref()))}</span>
            <span class="spoken">{follow(move || sex_spoken(ui, spoken_sex.as_deref()))}</span>
            " · "
            <span data-test="patient-birth-date">
                {follow(move || birth(ui, birth_date.as_deref(), sex.as_deref()))}
            </span>
        </h1>
    }
    .into_any()
}

fn sex_letter(ui: Ui, sex: Option<&str>) -> String {
    let key = match sex {
        Some("F") => "viewer.sex_f",
        Some("M") => "viewer.sex_m",
        Some("O") => "viewer.sex_o",
        _ => return String::new(),
    };
    format!(" · {}", ui.word(key))
}

fn sex_spoken(ui: Ui, sex: Option<&str>) -> String {
    let key = match sex {
        Some("F") => "viewer.sex_f_spoken",
        Some("M") => "viewer.sex_m_spoken",
        Some("O") => "viewer.sex_o",
        _ => return String::new(),
    };
    format!(", {}", ui.word(key))
}

fn birth(ui: Ui, birth_date: Option<&str>, sex: Option<&str>) -> String {
    let date = birth_date.map(|date| format::date(ui.lang(), date)).unwrap_or_default();
    if date.is_empty() {
        return ui.word("viewer.no_birth_date").into_owned();
    }
    let key = match sex {
        Some("F") => "viewer.born_on_f",
        Some("M") => "viewer.born_on_m",
        _ => "viewer.born_on",
    };
    ui.fill(key, &[("date", &date)])
}

/// Modalities, description, date, institution.
pub(super) fn exam_line(ui: Ui) -> String {
    let exam = ui.exam();
    let mut modalities: Vec<&str> = Vec::new();
    let own = exam.series.iter().filter(|series| series.exam.is_first());
    for modality in own.map(|series| series.modality.as_str()) {
        if let Err(place) = modalities.binary_search(&modality)
            && !modality.is_empty()
        {
            modalities.insert(place, modality);
        }
    }
    let date = exam.study.date.as_deref().map(|date| format::date(ui.lang(), date));
    [
        modalities.join("/"),
        // Before what may be long: where room is short, the end is cut off.
        date.unwrap_or_default(),
        format::one_line(&exam.study.description),
        exam.study.institution.clone(),
    ]
    .into_iter()
    .filter(|part| !part.is_empty())
    .collect::<Vec<_>>()
    .join(" · ")
}

/// The other exams of the link, if it named several.
pub(super) fn exam_links(ui: Ui) -> AnyView {
    let exams = ui.page.exams;
    if exams.total < 2 {
        return ().into_any();
    }
    let links: Vec<AnyView> = (1..=exams.total)
        .map(|number| {
            let words = move || ui.fill("viewer.exam_number", &[("number", &number.to_string())]);
            let current = (number == exams.shown).then_some("page");
            view! { <a class="tool" href=format!("#{number}") aria-current=current>{follow(words)}</a> }
                .into_any()
        })
        .collect();
    view! { <nav class="exam-links" aria-label=ui.say("viewer.exams")>{links}</nav> }.into_any()
}

fn progress(ui: Ui) -> AnyView {
    let counts = move || {
        ui.page.progress.with(|all| {
            let sum = |count: fn(&viewer_core::fetch::Progress) -> u32| {
                all.iter().map(count).sum::<u32>()
            };
            [sum(|p| p.fetched), sum(|p| p.failed), sum(|p| p.total)]
        })
    };
    let counts = Memo::new(move |_| counts());
    let is_complete = move || {
        let [fetched, failed, total] = counts.get();
        fetched + failed >= total
    };
    let words = move || {
        let [fetched, _, total] = counts.get();
        let values = [("done", fetched.to_string()), ("total", total.to_string())];
        ui.fill("viewer.exam_progress_text", &values.each_ref().map(|(k, v)| (*k, v.as_str())))
    };
    view! {
        <span class="exam-progress-text desktop-only" hidden=follow(is_complete) aria-hidden="true">{follow(words)}</span>
        <progress
            class="exam-progress"
            aria-label=ui.say("viewer.exam_progress")
            max=follow(move || counts.get()[2].max(1).to_string())
            value=follow(move || (counts.get()[0] + counts.get()[1]).to_string())
            hidden=follow(is_complete)
        ></progress>
    }
    .into_any()
}

fn strip_toggle(ui: Ui) -> AnyView {
    toggle(
        ui,
        Control::new(icons::STRIP, "viewer.strip_toggle").word_in_menu(),
        move || ui.page.strip.get(),
        move || ui.page.strip.update(|shown| *shown = !*shown),
    )
}

/// Help, full screen, language, end of session. On a phone they are in the drawer.
pub(super) fn actions(ui: Ui) -> AnyView {
    let help = Control::new(icons::HELP, "viewer.help").key("?").word_in_menu();
    let fullscreen = Control::new(icons::FULLSCREEN, "viewer.fullscreen").word_in_menu();
    view! {
        {button(ui, help, move || {
            ui.page.menu.set(None);
            ui.command(Command::ToggleHelp);
        })}
        {button(ui, fullscreen, move || ui.viewer().toggle_fullscreen())}
        {language(ui)}
        {logout(ui)}
    }
    .into_any()
}

fn language(ui: Ui) -> AnyView {
    let other = move || if ui.lang() == Lang::Fr { Lang::En } else { Lang::Fr };
    view! {
        <button
            type="button"
            class="tool"
            aria-label=ui.say("viewer.language_help")
            title=ui.say("viewer.language_help")
            on:click=on(move |_| ui.viewer().set_language(other()))
        >
            {icon(icons::LANGUAGE)}
            <span class="label menu-word" lang=follow(move || other().code())>{ui.say("viewer.language")}</span>
            <span class="banner-word" aria-hidden="true">{follow(move || other().code().to_ascii_uppercase())}</span>
        </button>
    }
    .into_any()
}

fn logout(ui: Ui) -> AnyView {
    view! {
        <form method="post" action="/deconnexion" on:submit=on(move |_| ui.viewer().forget_view())>
            <button
                type="submit"
                class="tool"
                aria-label=ui.say("viewer.logout")
                title=ui.say("viewer.logout")
            >
                {icon(icons::LOGOUT)}
                <span class="label menu-word">{ui.say("viewer.logout")}</span>
            </button>
        </form>
    }
    .into_any()
}
