//! One pane: the surface for pointers over the canvas, its annotations, its scroll bar, its state.

use leptos::prelude::*;
use viewer_core::command::Command;
use viewer_core::exam::Series;

use super::annotations::annotations;
use super::icons::{self, icon};
use super::slider::slider;
use super::{Ui, follow, on};
use crate::report::{failure, format};
use crate::state::view::{PaneStatus, PaneView};

/// All panes of the layout.
pub(super) fn panes(ui: Ui) -> AnyView {
    let views: Vec<AnyView> = ui
        .page
        .panes
        .into_iter()
        .enumerate()
        .map(|(index, pane)| {
            let is_there = Memo::new(move |_| pane.with(|view| view.rect.is_some()));
            view! { {follow(move || is_there.get().then(|| pane_view(ui, index, pane)))} }
                .into_any()
        })
        .collect();
    views.into_any()
}

fn pane_view(ui: Ui, index: usize, pane: RwSignal<PaneView>) -> AnyView {
    let edge = move |side: usize| {
        move || {
            pane.with(|view| {
                view.rect.map(|rect| {
                    let px = rect.get(side).copied().unwrap_or_default();
                    format!("{}px", format::decimal(px, 3))
                })
            })
        }
    };
    let label = move || ui.fill("viewer.pane", &[("number", &(index + 1).to_string())]);
    let is_active = move || ui.page.active.get() == index;
    view! {
        <section
            class="pane"
            role="group"
            tabindex="0"
            aria-label=follow(label)
            aria-roledescription=ui.say("viewer.pane_role")
            data-pane=index
            data-active=follow(move || is_active().to_string())
            data-drop=follow(move || (ui.page.drop_target.get() == Some(index)).to_string())
            data-frame-state=follow(move || pane.with(|view| view.status.name()))
            data-series-index=follow(move || pane.with(|view| view.series.map(|series| series.to_string())))
            data-image-index=follow(move || pane.with(|view| view.shown.as_ref().map(|shown| shown.position.to_string())))
            data-wanted-index=follow(move || pane.with(|view| view.series.map(|_| view.wanted.to_string())))
            data-cover-state=follow(move || pane.with(|view| Some(view.shown.as_ref()?.cover.as_ref()?.status.name())))
            data-image-count=follow(move || pane.with(|view| view.total.to_string()))
            data-cine-rate=follow(move || pane.with(|view| format::decimal(view.cine.rate, 3)))
            style:left=follow(edge(0))
            style:top=follow(edge(1))
            style:width=follow(edge(2))
            style:height=follow(edge(3))
            on:focus=on(move |_| ui.command(Command::Activate { pane: index }))
        >
            <div
                class="picture"
                role="img"
                aria-label=follow(move || picture_label(ui, &pane.get()))
                data-pane=index
                data-tool=follow(move || super::tool_name(ui.page.tool.get()))
            ></div>
            {annotations(ui, pane)}
            {follow(move || state(ui, index, pane))}
            {slider(ui, index, pane)}
            <div class="edges" aria-hidden="true" inner_html=EDGES></div>
        </section>
    }
    .into_any()
}

/// The frame of a pane, as four lines: one that is drawn around it would be a layer over all of the picture, which a browser
/// without GPU lays over it at every step.
const EDGES: &str = "<i></i><i></i><i></i><i></i>";

/// What a screen reader says of the picture.
fn picture_label(ui: Ui, view: &PaneView) -> String {
    let name = |index, series: &Series| match ui.exam_name(series.exam) {
        Some(exam) => format!("{}, {exam}", ui.series_name(index, series)),
        None => ui.series_name(index, series),
    };
    let Some(series) = ui.with_series(view.series, name) else {
        return ui.word("viewer.picture_empty").into_owned();
    };
    let position = view.shown.as_ref().map_or(view.wanted, |shown| shown.position);
    let values = [
        ("series", series.as_str()),
        ("index", &(position + 1).to_string()),
        ("total", &view.total.to_string()),
    ];
    ui.fill("viewer.picture_label", &values)
}

/// Said on the picture where the wanted image is not drawn.
fn state(ui: Ui, index: usize, pane: RwSignal<PaneView>) -> AnyView {
    let status = Memo::new(move |_| {
        pane.with(|view| (view.status.clone(), view.shown.is_some(), view.wanted))
    });
    let content = move || match status.get() {
        (PaneStatus::Ready, ..) => ().into_any(),
        (PaneStatus::Empty, ..) => {
            let has_images = ui.exam().series.iter().any(|series| !series.images.is_empty());
            let key = if has_images { "viewer.empty_pane" } else { "viewer.no_images" };
            view! { <div class="state"><p>{ui.word(key)}</p></div> }.into_any()
        }
        (status @ (PaneStatus::Loading | PaneStatus::Preview), _, wanted) => {
            let number = (wanted + 1).to_string();
            let is_preview = status == PaneStatus::Preview;
            let key = if is_preview { "viewer.preview_image" } else { "viewer.loading_image" };
            let words = ui.fill(key, &[("index", &number)]);
            view! { <p class="loading-mark">{words}</p> }.into_any()
        }
        (PaneStatus::Failed(failure), ..) => failed(ui, index, &failure),
    };
    view! { {follow(content)} }.into_any()
}

fn failed(ui: Ui, index: usize, why: &viewer_core::fetch::FrameFailure) -> AnyView {
    let retry = failure::is_worth_retrying(why).then(|| {
        view! {
            <button type="button" class="button" on:click=on(move |_| ui.viewer().retry(index))>
                {ui.word("viewer.retry")}
            </button>
        }
    });
    view! {
        <div class="state" role="alert">
            {icon(icons::FAILED)}
            <p>{failure::sentence(ui.lang(), why)}</p>
            {retry}
            <details>
                <summary>{ui.word("viewer.failed_details")}</summary>
                <p>{failure::detail(why)}</p>
            </details>
        </div>
    }
    .into_any()
}
