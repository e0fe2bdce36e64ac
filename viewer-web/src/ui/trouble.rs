//! What stands on the page when there is no exam to show.

use leptos::prelude::*;
use negatoscope_text::{Lang, text};

use super::on;
use crate::platform::dom::window;

/// Why there is no exam to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StartTrouble {
    /// Not logged in any more.
    Expired,
    /// No such exam for this login.
    Missing,
    /// No answer, or an error of the server.
    Unreachable,
    /// The answer is not an exam summary.
    Unreadable,
}

/// One sentence, and what to do.
pub fn trouble(lang: Lang, why: &StartTrouble, visit: &str) -> AnyView {
    let (sentence, action) = match why {
        StartTrouble::Expired => ("viewer.expired", Some("viewer.login")),
        StartTrouble::Missing => ("viewer.summary_missing", None),
        StartTrouble::Unreachable => ("viewer.summary_failed", Some("viewer.retry")),
        StartTrouble::Unreadable => ("viewer.summary_unreadable", Some("viewer.reload")),
    };
    let address = (*why == StartTrouble::Expired).then(|| format!("/entree/{visit}"));
    let act = move || match &address {
        Some(address) => window().location().assign(address).ok(),
        None => window().location().reload().ok(),
    };
    let button = action.map(|words| {
        view! {
            <button type="button" class="button button-main" on:click=on(move |_| { act(); })>
                {text(lang, words)}
            </button>
        }
    });
    view! {
        <main class="viewer">
            <div class="empty" role="alert">
                <p>{text(lang, sentence)}</p>
                {button}
            </div>
        </main>
    }
    .into_any()
}
