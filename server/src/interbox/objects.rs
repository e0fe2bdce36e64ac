//! WADO-RS of studies, series and instances between boxes: one file after the other.

use std::sync::{Arc, PoisonError};

use axum::{
    Extension,
    extract::{Path, State},
    http::HeaderMap,
    response::Response,
};
use futures::stream::{self, StreamExt as _};
use serde::Deserialize;

use super::{
    Interbox,
    delivery::{Accepted, DICOM, Delivery, Undelivered},
    door::Asking,
    listed::OfManifest,
    refused::Refused,
};
use crate::{
    audit::{Entry, Event},
    dicomweb::multipart::{self, Part},
    link::Link,
    reports::{Case, Closure, Verdict, VisitorKind},
    source::{InstanceRef, Scope, Source, is_uid},
};

const KOS_HEADER: &str = "kos-sopinstanceuid";
/// Seconds in which further requests of a box for the same professional and exam are part of the same export.
const ONE_EXPORT_SECONDS: i64 = 600;
/// Objects at the beginning of an answer that may not be had one after the other.
const MOST_TRIES: usize = 64;

/// Path of a study, series or instance.
#[derive(Deserialize)]
pub(super) struct ObjectPath {
    study: String,
    series: Option<String>,
    instance: Option<String>,
}

/// `/studies/{study}[/series/{series}[/instances/{instance}]]`.
pub(super) async fn objects(
    State(shared): State<Interbox>,
    Extension(asking): Extension<Asking>,
    Path(path): Path<ObjectPath>,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    let scope = Scope { study: path.study, series: path.series, instance: path.instance };
    let kos = kos(&headers)?;
    check_reports(&shared, &asking, &scope.study).await?;
    let under = (scope.study.as_str(), kos);
    let listed = shared.listed.under(&shared.state.store, &asking.site, under).await?;
    let instances = instances(&*asking.site.source, &scope, &listed).await?;
    let permit = Arc::clone(&shared.streams).try_acquire_owned().map_err(|_full| Refused::Busy)?;
    let delivery = Delivery {
        source: Arc::clone(&asking.site.source),
        accepted: Accepted::of(&headers),
        converting: Arc::clone(&shared.converting),
    };
    let (first, rest) = first(&delivery, instances).await?;
    write_audit(&shared, &asking, &scope.study)?;
    let rest = stream::iter(rest).filter_map(move |at| {
        let delivery = delivery.clone();
        async move { delivery.next(&at).await }
    });
    // Held until the last byte is sent, or the box goes away.
    let parts = stream::iter([Ok(first)]).chain(rest).inspect(move |_part| {
        let _held = &permit;
    });
    Ok(multipart::respond(DICOM, parts))
}

/// The first object that can be sent, and those behind it. Nothing has been answered yet, so that a status can say what is wrong.
async fn first(
    delivery: &Delivery,
    instances: Vec<InstanceRef>,
) -> Result<(Part, Vec<InstanceRef>), Refused> {
    let mut refused = Refused::Gone;
    let mut rest = instances.into_iter();
    for at in rest.by_ref().take(MOST_TRIES) {
        refused = match delivery.part(&at).await {
            Ok(part) => return Ok((part, rest.collect())),
            Err(Undelivered::Source(cause)) => cause.into(),
            Err(cause @ Undelivered::Stopped) => Refused::Internal(cause.to_string()),
            Err(cause) => Refused::NotAcceptable(cause.to_string()),
        };
        if !matches!(refused, Refused::Gone | Refused::NotAcceptable(_)) {
            break;
        }
    }
    Err(refused)
}

/// The manifest by which the box knows of the exam.
fn kos(headers: &HeaderMap) -> Result<&str, Refused> {
    let mut values = headers.get_all(KOS_HEADER).iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return Err(Refused::BadRequest("KOS-SOPInstanceUID is missing, or there twice."));
    };
    let uid = value.to_str().ok().map(str::trim).filter(|uid| is_uid(uid));
    uid.ok_or(Refused::BadRequest("KOS-SOPInstanceUID is no UID."))
}

/// What the reports about an exam hide from professionals is not there for those elsewhere either.
async fn check_reports(shared: &Interbox, asking: &Asking, study: &str) -> Result<(), Refused> {
    let studies = [study.to_owned()];
    let link = Link { studies: studies.to_vec(), ..Link::default() };
    let case = Case { link: &link, visitor: VisitorKind::Professional, studies: &studies };
    let now = shared.state.clock.seconds();
    match shared.state.reports.judge(&asking.site, &case, now).await? {
        Verdict::Open(open) if open.iter().any(|it| it == study) => Ok(()),
        Verdict::Closed(Closure::RetentionOver) => Err(Refused::Gone),
        Verdict::Open(_) | Verdict::Closed(_) => Err(Refused::NotFound),
    }
}

/// What is there of what the manifest lists. A box is told apart what was never listed from what is there no more.
async fn instances(
    source: &dyn Source,
    scope: &Scope,
    listed: &OfManifest,
) -> Result<Vec<InstanceRef>, Refused> {
    if !listed.has_any_of(scope) {
        return Err(Refused::NotFound);
    }
    let mut there = source.instances(scope).await?;
    there.retain(|at| listed.has(&at.series, &at.instance));
    if there.is_empty() { Err(Refused::Gone) } else { Ok(there) }
}

/// Before the first byte: what leaves no trace does not happen.
fn write_audit(shared: &Interbox, asking: &Asking, study: &str) -> Result<(), Refused> {
    let Asking { site, box_host, holder, client } = asking;
    let now = shared.state.clock.seconds();
    let key = format!("{} {box_host} {} {study}", site.id, holder.subject);
    // Series are asked for side by side.
    let _alone = shared.writing.lock().unwrap_or_else(PoisonError::into_inner);
    let exports = &shared.state.exports;
    if exports.get(&key).is_some_and(|at| (0..ONE_EXPORT_SECONDS).contains(&(now - at))) {
        return Ok(());
    }
    let (studies, reason) = ([study.to_owned()], format!("target={box_host}"));
    let written = shared.state.audit.write(&Entry {
        way: Some("interbox"),
        subject: Some(&holder.subject),
        studies: &studies,
        reason: Some(&reason),
        ..Entry::new(Event::Exported, &site.id, client.address)
    });
    written.map_err(|cause| Refused::Internal(format!("audit journal: {cause}")))?;
    exports.insert(key, now);
    Ok(())
}
