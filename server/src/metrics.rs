//! What is counted, for Prometheus; told on the administration's listener only.
//!
//! Labels are sites, routes, ways in and outcomes: nobody, no exam and no report is named.

use axum::{
    extract::{MatchedPath, Request, State},
    middleware::Next,
    response::Response,
};
use prometheus_client::{
    encoding::{EncodeLabelSet, text::encode},
    metrics::{
        counter::Counter,
        family::Family,
        gauge::Gauge,
        histogram::{Histogram, exponential_buckets},
    },
    registry::{Registry, Unit},
};

use crate::{audit::Entry, session::count as count_logins, state::AppState};

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    route: String,
    status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct EventLabels {
    site: String,
    event: String,
    way: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CheckLabels {
    site: String,
    check: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CopyLabels {
    site: String,
    whole: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct SiteLabels {
    site: String,
}

/// Lines of the audit journal that this process wrote.
#[derive(Clone, Debug, Default)]
pub struct Events(Family<EventLabels, Counter>);

impl Events {
    /// Counts a line.
    pub fn count(&self, entry: &Entry<'_>) {
        let event = serde_json::to_string(&entry.event).unwrap_or_default();
        let labels = EventLabels {
            site: entry.site.to_owned(),
            event: event.trim_matches('"').to_owned(),
            way: entry.way.unwrap_or_default().to_owned(),
        };
        self.0.get_or_create(&labels).inc();
    }
}

/// Every metric.
pub struct Metrics {
    registry: Registry,
    requests: Family<RequestLabels, Counter>,
    seconds: Histogram,
    checks: Family<CheckLabels, Gauge>,
    certificates: Family<SiteLabels, Gauge>,
    sessions: Family<SiteLabels, Gauge>,
    copies: Family<CopyLabels, Counter>,
    copied: Family<SiteLabels, Counter>,
    /// Without labels, and not there where there is no list.
    trust_list: Family<Vec<(&'static str, &'static str)>, Gauge>,
}

impl Metrics {
    /// With the counts of the journal.
    #[must_use]
    pub fn new(events: &Events) -> Self {
        let mut registry = Registry::with_prefix("negatoscope");
        let requests = Family::default();
        let seconds = Histogram::new(exponential_buckets(0.001, 4.0, 8));
        let (checks, certificates, sessions) =
            (Family::default(), Family::default(), Family::default());
        registry.register("requests", "Requests by route and status", requests.clone());
        registry.register_with_unit(
            "request_duration",
            "Time until an answer started",
            Unit::Seconds,
            seconds.clone(),
        );
        registry.register("events", "Lines of the audit journal", events.0.clone());
        registry.register("up", "Whether what a site depends on works", checks.clone());
        registry.register_with_unit(
            "certificate_not_after",
            "When the site's certificate ends, as Unix time",
            Unit::Seconds,
            certificates.clone(),
        );
        registry.register("sessions", "Logins that are not known to have ended", sessions.clone());
        let (copies, copied) = (Family::default(), Family::default());
        registry.register("copies", "Copies of exams that ended, whole or cut", copies.clone());
        registry.register_with_unit("copied", "Sent in copies", Unit::Bytes, copied.clone());
        let trust_list = Family::default();
        registry.register_with_unit(
            "trust_list_confirmed",
            "When the list of DRIMboxes was last known to be the newest, as Unix time",
            Unit::Seconds,
            trust_list.clone(),
        );
        Self {
            registry,
            requests,
            seconds,
            checks,
            certificates,
            sessions,
            copies,
            copied,
            trust_list,
        }
    }

    /// Counts a copy of an exam that ended.
    pub(crate) fn count_copy(&self, site: String, bytes: u64, is_whole: bool) {
        self.copied.get_or_create(&SiteLabels { site: site.clone() }).inc_by(bytes);
        let whole = if is_whole { "yes" } else { "no" };
        self.copies.get_or_create(&CopyLabels { site, whole }).inc();
    }

    /// The text that Prometheus reads; what is not counted is looked up now.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn tell(&self, state: &AppState) -> Result<String, sqlx::Error> {
        let now = state.clock.seconds();
        if let Some(kept) = state.trust_list.get().and_then(|keeper| keeper.kept()) {
            self.trust_list.get_or_create(&Vec::new()).set(kept.confirmed.unix_timestamp());
        }
        for site in state.sites.all() {
            let name = || site.id.to_string();
            for check in state.health.of(state, &site).await.iter() {
                let labels = CheckLabels { site: name(), check: check.name };
                self.checks.get_or_create(&labels).set(check.is_up.into());
            }
            if let Some(certificate) = state.certificates.of(&site.id) {
                let labels = SiteLabels { site: name() };
                self.certificates.get_or_create(&labels).set(certificate.not_after);
            }
            let live = count_logins(&state.store, &site.id, state.limits, now).await?;
            self.sessions.get_or_create(&SiteLabels { site: name() }).set(live);
        }
        let mut text = String::new();
        if let Err(cause) = encode(&mut text, &self.registry) {
            tracing::error!(%cause, "metrics are cut: they cannot be written down");
        }
        Ok(text)
    }
}

/// Counts every request by its route: an address that leads nowhere is one label like any other.
pub(crate) async fn count(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let began = std::time::Instant::now();
    let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let response = next.run(request).await;
    let route = route.unwrap_or_else(|| "(none)".to_owned());
    let labels = RequestLabels { route, status: response.status().as_u16() };
    state.metrics.requests.get_or_create(&labels).inc();
    state.metrics.seconds.observe(began.elapsed().as_secs_f64());
    response
}
