//! The strip of series: picture, modality, description, number of images, what is loaded.

use leptos::ev::DragEvent;
use leptos::prelude::*;
use viewer_core::command::Command;
use viewer_core::exam::{ExamIndex, Series};
use viewer_core::fetch::Progress;

use super::icons::{self, icon};
use super::{Ui, follow, on};
use crate::bridge::url;
use crate::report::format;

/// Type of what is dragged from the strip to a pane: the index of the series.
const DRAG_TYPE: &str = "application/x-negatoscope-series";

pub(super) fn strip(ui: Ui) -> AnyView {
    let lists = move || {
        ui.page.joined.track();
        ui.exam().exams().flat_map(|of| list(ui, of)).collect::<Vec<_>>().into_any()
    };
    view! {
        <nav class="strip" aria-label=ui.say("viewer.series_list")>{follow(lists)}</nav>
    }
    .into_any()
}

/// The series of one exam, under its name where there are several.
fn list(ui: Ui, of: ExamIndex) -> [AnyView; 2] {
    let exam = ui.exam();
    let series = || (0_u32..).zip(&exam.series).filter(|(_, series)| series.exam == of);
    let drawn: Vec<AnyView> = series()
        .filter(|(_, series)| !series.images.is_empty())
        .filter_map(|(index, series)| {
            let address = url::thumbnail(&exam, series)?;
            Some(view! { <li>{entry(ui, index, series, address)}</li> }.into_any())
        })
        .collect();
    let notes: Vec<AnyView> = series()
        .flat_map(|(_, series)| series.unsupported.clone())
        .map(|objects| {
            let count = objects.count.to_string();
            let words =
                move || ui.fill("viewer.not_drawn", &[("name", &objects.name), ("count", &count)]);
            view! { <li class="strip-note">{follow(words)}</li> }.into_any()
        })
        .collect();
    let heading = move || {
        let name = ui.exam_name(of)?;
        Some(view! { <h2 class="strip-exam">{name}</h2> }.into_any())
    };
    [view! { {follow(heading)} }.into_any(), view! { <ul>{drawn}{notes}</ul> }.into_any()]
}

fn entry(ui: Ui, index: u32, series: &Series, thumbnail: String) -> AnyView {
    let page = ui.page;
    let modality = series.modality.clone();
    let progress = Memo::new(move |_| {
        page.progress.with(|all| all.get(index as usize).copied().unwrap_or_default())
    });
    let images: u32 = series.images.iter().map(|image| image.frames.max(1)).sum();
    let description =
        move || ui.with_series(Some(index), |index, series| ui.series_name(index, series));
    let is_in = move |pane: usize| {
        page.panes
            .get(pane)
            .is_some_and(|pane| pane.with(|view| view.rect.is_some() && view.series == Some(index)))
    };
    let is_active = Memo::new(move |_| is_in(page.active.get()));
    let is_shown = Memo::new(move |_| (0..page.panes.len()).any(is_in));
    view! {
        <button
            type="button"
            class="series"
            draggable="true"
            data-series-index=index
            data-shown=follow(move || is_shown.get().to_string())
            aria-pressed=follow(move || is_active.get().to_string())
            on:click=on(move |_| ui.on_active(|pane| Command::ShowSeries { pane, series: index }))
            on:dragstart=on(move |event| start_drag(&event, index))
        >
            {picture(ui, thumbnail)}
            <span class="series-facts">
                <span class="series-modality">{modality}</span>
                <span aria-hidden="true">{images}</span>
                <span class="spoken">{follow(move || count(ui, images))}</span>
            </span>
            <span class="series-description">{follow(description)}</span>
            {loaded(ui, progress)}
        </button>
    }
    .into_any()
}

/// The picture comes after the first image: that one has the network for itself.
fn picture(ui: Ui, address: String) -> AnyView {
    let failed = RwSignal::new(false);
    let first_image = ui.page.first_image;
    let content = move || {
        if failed.get() {
            return icon(icons::FAILED);
        }
        if !first_image.get() {
            return ().into_any();
        }
        view! {
            <img
                src=address.clone()
                alt=""
                loading="lazy"
                decoding="async"
                draggable="false"
                on:error=on(move |_| failed.set(true))
            />
        }
        .into_any()
    };
    view! { <span class="series-thumbnail">{follow(content)}</span> }.into_any()
}

fn count(ui: Ui, images: u32) -> String {
    if images == 1 {
        ui.word("viewer.images_one").into_owned()
    } else {
        ui.fill("viewer.images_many", &[("count", &images.to_string())])
    }
}

fn loaded(ui: Ui, progress: Memo<Progress>) -> AnyView {
    let share = move || {
        let Progress { total, fetched, failed, .. } = progress.get();
        let share = f64::from(fetched + failed) / f64::from(total.max(1));
        format!("scaleX({})", format::decimal(share, 3))
    };
    let words = move || {
        let Progress { total, fetched, failed, .. } = progress.get();
        let [done, total, bad] = [fetched, total, failed].map(|count| count.to_string());
        let loaded = ui.fill("viewer.loaded_of", &[("done", &done), ("total", &total)]);
        if failed == 0 {
            loaded
        } else {
            format!("{loaded}, {}", ui.fill("viewer.failed_of", &[("count", &bad)]))
        }
    };
    view! {
        <span
            class="series-progress"
            aria-hidden="true"
            data-complete=follow(move || progress.get().complete().to_string())
        >
            <span style:transform=follow(share)></span>
        </span>
        <span class="spoken">{follow(words)}</span>
    }
    .into_any()
}

fn start_drag(event: &DragEvent, series: u32) {
    if let Some(data) = event.data_transfer() {
        data.set_data(DRAG_TYPE, &series.to_string()).ok();
        data.set_effect_allowed("copy");
    }
}

/// Whether a drag over a pane carries a series.
pub(super) fn carries_series(event: &DragEvent) -> bool {
    let types = event.data_transfer().map(|data| data.types());
    types.is_some_and(|types| {
        types.iter().any(|kind| kind.as_string().as_deref() == Some(DRAG_TYPE))
    })
}

/// The series that was dropped.
pub(super) fn dropped_series(event: &DragEvent) -> Option<u32> {
    event.data_transfer()?.get_data(DRAG_TYPE).ok()?.parse().ok()
}
