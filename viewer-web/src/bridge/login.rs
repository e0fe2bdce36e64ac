//! The login behind the page: how long it lasts, its end, network up and down, leaving.

use std::cell::Cell;
use std::rc::Rc;

use negatoscope_protocol::json;
use negatoscope_text::Lang;
use serde::Deserialize;
use viewer_core::fetch::Connection;
use web_sys::{Event, PageTransitionEvent};

use super::net::{NetFailure, post, request, text_of};
use super::viewer::Viewer;
use crate::platform::dom::{Listener, document, window};
use crate::platform::time::{now_ms, sleep_ms, spawn};
use crate::state::page::publish;

/// Seconds before the end at which the reader is told.
pub const WARNING_S: u32 = 120;

/// Where the server tells how long the session lasts (GET), and prolongs it (POST).
const SESSION: &str = "/api/session";

/// Watches for as long as it is kept.
pub struct Login {
    ends_ms: Rc<Cell<Option<f64>>>,
    _listeners: Vec<Listener>,
}

/// Answer of `GET /api/session`.
#[derive(Deserialize)]
struct SessionAnswer {
    expires_in_s: f64,
}

impl Login {
    /// Begins to watch.
    #[must_use]
    pub fn watch(viewer: &Viewer) -> Self {
        let ends_ms = Rc::new(Cell::new(None));
        spawn(tick(viewer.clone(), Rc::clone(&ends_ms)));
        Self { ends_ms, _listeners: listeners(viewer) }
    }

    /// Asks the server for more time.
    pub fn stay(&self, viewer: &Viewer) {
        spawn(ask(viewer.clone(), Rc::clone(&self.ends_ms), Asking::ToStay));
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Asking {
    HowLong,
    ToStay,
}

/// Once a second: what is left of the session and of the wait for the next attempt to connect.
async fn tick(viewer: Viewer, ends_ms: Rc<Cell<Option<f64>>>) {
    ask(viewer.clone(), Rc::clone(&ends_ms), Asking::HowLong).await;
    loop {
        sleep_ms(1000).await;
        let page = viewer.page();
        if let Connection::Waiting { until_ms, .. } = viewer.loader().connection() {
            publish(page.retry_in_s, seconds(until_ms - now_ms()));
        }
        let Some(end) = ends_ms.get() else { continue };
        let left_s = seconds(end - now_ms());
        publish(page.session_left_s, Some(left_s));
        // Work goes on in other pages or by requests of this one: the server knows best.
        if left_s == WARNING_S || left_s == 0 {
            ask(viewer.clone(), Rc::clone(&ends_ms), Asking::HowLong).await;
        }
    }
}

async fn ask(viewer: Viewer, ends_ms: Rc<Cell<Option<f64>>>, asking: Asking) {
    let sent = match asking {
        Asking::HowLong => request(SESSION, "application/json", None).await,
        Asking::ToStay => post(SESSION, "").await,
    };
    let answer = match sent {
        Ok(response) => text_of(&response).await,
        Err(failure) => Err(failure),
    };
    match answer.map(|text| json::read::<SessionAnswer>(&text)) {
        Ok(Ok(answer)) => {
            ends_ms.set(Some(now_ms() + answer.expires_in_s * 1000.0));
            publish(viewer.page().session_left_s, Some(seconds(answer.expires_in_s * 1000.0)));
        }
        Err(NetFailure::Status(401)) => {
            ends_ms.set(None);
            viewer.loader().session_changed(false);
        }
        // A server that does not tell, or does not answer: the end shows with the next image.
        Ok(Err(_)) | Err(_) => ends_ms.set(None),
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped; a session lasts hours at most"
)]
fn seconds(duration_ms: f64) -> u32 {
    (duration_ms / 1000.0).ceil().clamp(0.0, 1e6) as u32
}

fn listeners(viewer: &Viewer) -> Vec<Listener> {
    let window = window();
    let (online, offline, leaving) = (viewer.clone(), viewer.clone(), viewer.clone());
    let (hiding, losing) = (viewer.clone(), viewer.clone());
    vec![
        Listener::new(&window, "online", true, move |_: Event| {
            online.loader().network_changed(true);
        }),
        Listener::new(&window, "offline", true, move |_: Event| {
            offline.loader().network_changed(false);
        }),
        Listener::new(&window, "pagehide", true, move |_: Event| {
            leaving.save();
            if leaving.is_forgotten() {
                clear_page();
            }
        }),
        // A page that comes back from the browser's memory may belong to a session that is over.
        Listener::new(&window, "pageshow", true, |event: PageTransitionEvent| {
            if event.persisted() {
                clear_page();
                crate::platform::dom::window().location().reload().ok();
            }
        }),
        // For support and tests: what happens when the driver is reset.
        Listener::new(&document(), "negatoscope:lose-gpu", true, move |_: Event| losing.lose_gpu()),
        Listener::new(&document(), "visibilitychange", true, move |_: Event| {
            hiding.save();
            hiding.redraw();
        }),
    ]
}

fn clear_page() {
    if let Some(app) = document().get_element_by_id("app") {
        app.set_inner_html("");
    }
}

/// Tells the server the language, for its own pages. Where it cannot, this page speaks it all the same.
pub async fn remember_language(lang: Lang) {
    post("/langue", &format!("langue={}&retour=/", lang.code())).await.ok();
}
