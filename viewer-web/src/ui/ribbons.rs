//! Ribbons over the stage: connection, session, display. They come and go by themselves and never stand
//! between the reader and the picture.

use leptos::prelude::*;
use viewer_core::fetch::Connection;

use super::icons::{self, icon};
use super::{Ui, follow, on};
use crate::bridge::login::WARNING_S;
use crate::platform::dom::window;
use crate::state::page::PageTrouble;

pub(super) fn ribbons(ui: Ui) -> AnyView {
    view! {
        <section class="ribbons" aria-label=ui.say("viewer.notices")>
            <div role="status">
                {follow(move || connection(ui))}
                {follow(move || session_end(ui))}
                {follow(move || page_trouble(ui))}
            </div>
        </section>
    }
    .into_any()
}

fn ribbon(svg: &'static str, words: String, action: Option<AnyView>) -> AnyView {
    view! { <div class="ribbon">{icon(svg)}<p>{words}</p>{action}</div> }.into_any()
}

fn action(words: String, act: impl Fn() + 'static) -> Option<AnyView> {
    let button = view! {
        <button type="button" class="button button-main" on:click=on(move |_| act())>{words}</button>
    };
    Some(button.into_any())
}

/// A short interruption is not worth a word: the ribbon comes with the second failure.
fn connection(ui: Ui) -> Option<AnyView> {
    match ui.page.connection.get() {
        Connection::Waiting { failures, .. } if failures > 1 => {
            let seconds = ui.page.retry_in_s.get().max(1).to_string();
            let words = ui.fill("viewer.offline", &[("seconds", &seconds)]);
            Some(ribbon(icons::OFFLINE, words, None))
        }
        Connection::Probing { failures } if failures > 1 => {
            Some(ribbon(icons::OFFLINE, ui.word("viewer.offline_trying").into_owned(), None))
        }
        Connection::Offline => {
            Some(ribbon(icons::OFFLINE, ui.word("viewer.offline_network").into_owned(), None))
        }
        Connection::SessionExpired => {
            let log_in =
                action(ui.word("viewer.login").into_owned(), move || ui.viewer().log_in_again());
            Some(ribbon(icons::EXPIRED, ui.word("viewer.expired").into_owned(), log_in))
        }
        Connection::Up | Connection::Waiting { .. } | Connection::Probing { .. } => None,
    }
}

fn session_end(ui: Ui) -> Option<AnyView> {
    let left_s = ui.page.session_left_s.get()?;
    if left_s > WARNING_S || ui.page.connection.get() == Connection::SessionExpired {
        return None;
    }
    let minutes = left_s.div_ceil(60).max(1).to_string();
    let stay = action(ui.word("viewer.stay").into_owned(), move || {
        let viewer = ui.viewer();
        if let Some(login) = viewer.login() {
            login.stay(&viewer);
        }
    });
    Some(ribbon(icons::EXPIRED, ui.fill("viewer.expires_soon", &[("minutes", &minutes)]), stay))
}

fn page_trouble(ui: Ui) -> Option<AnyView> {
    let key = match ui.page.trouble.get() {
        PageTrouble::None => return None,
        PageTrouble::GpuLost => {
            return Some(ribbon(icons::TROUBLE, ui.word("viewer.gpu_lost").into_owned(), None));
        }
        PageTrouble::GpuFailed => "viewer.gpu_failed",
        PageTrouble::WorkersFailed => "viewer.workers_failed",
    };
    let reload = action(ui.word("viewer.reload").into_owned(), move || {
        ui.viewer().save();
        window().location().reload().ok();
    });
    Some(ribbon(icons::TROUBLE, ui.word(key).into_owned(), reload))
}
