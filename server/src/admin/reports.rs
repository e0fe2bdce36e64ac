//! Reports over HTTP.

use std::net::SocketAddr;

use axum::{
    Json,
    extract::{ConnectInfo, FromRequestParts, Path, State},
    http::{StatusCode, request::Parts},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use serde::Deserialize;
use serde_json::json;

use super::{Admin, Desk, DeskError, refuse};
use crate::{
    audit::LOCAL,
    link::is_uid,
    reports::{Change, Flags, parse_date, report_id},
};

/// The desk of a request: it knows who asks.
pub(super) struct AtDesk(Desk);

impl FromRequestParts<Admin> for AtDesk {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, admin: &Admin) -> Result<Self, Self::Rejection> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        Ok(Self(Desk {
            reports: admin.state.reports.clone(),
            audit: admin.state.audit.clone(),
            clock: admin.state.clock.clone(),
            address: peer.map_or(LOCAL, |ConnectInfo(peer)| peer.ip().to_canonical()),
            subject: "admin",
        }))
    }
}

impl IntoResponse for DeskError {
    fn into_response(self) -> Response {
        let status = match &self {
            Self::Import(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Unknown => StatusCode::NOT_FOUND,
            Self::Audit(_) | Self::Database(_) | Self::Task(_) => {
                tracing::error!(cause = %self, "administration");
                return refuse(StatusCode::INTERNAL_SERVER_ERROR, "something failed; see the log");
            }
        };
        refuse(status, &self.to_string())
    }
}

/// Only sites that are there: a slip of the pen must not fill the database.
pub(super) fn site_of(admin: &Admin, site: &str) -> Result<String, DeskError> {
    let site = site.to_ascii_lowercase();
    admin.state.sites.by_id(&site).map(|site| site.id.to_string()).ok_or(DeskError::Unknown)
}

/// `POST …/facts`: a document of any known kind.
pub(super) async fn import(
    State(admin): State<Admin>,
    AtDesk(desk): AtDesk,
    Path(site): Path<String>,
    body: Bytes,
) -> Result<Response, DeskError> {
    let site = site_of(&admin, &site)?;
    let applied = desk.import(&site, body.to_vec()).await?;
    Ok(Json(applied).into_response())
}

/// `GET …/reports/{report}`
pub(super) async fn show(
    State(admin): State<Admin>,
    Path((site, report)): Path<(String, String)>,
) -> Result<Response, DeskError> {
    let (site, id) = (site_of(&admin, &site)?, report_id(&report)?.id);
    let found = admin.state.reports.get(&site, &id).await?.ok_or(DeskError::Unknown)?;
    Ok(Json(found).into_response())
}

/// `GET …/studies/{study}`: the exam and the reports about it.
pub(super) async fn study(
    State(admin): State<Admin>,
    Path((site, study)): Path<(String, String)>,
) -> Result<Response, DeskError> {
    let site = site_of(&admin, &site)?;
    if !is_uid(&study) {
        return Err(DeskError::Unknown);
    }
    let exam = admin.state.reports.exam(&site, &study).await?;
    let reports = admin.state.reports.about(&site, &study).await?;
    if exam.is_none() && reports.is_empty() {
        return Err(DeskError::Unknown);
    }
    Ok(Json(json!({ "exam": exam, "reports": reports })).into_response())
}

/// `POST …/reports/{report}/depublish`
pub(super) async fn depublish(
    State(admin): State<Admin>,
    AtDesk(desk): AtDesk,
    Path((site, report)): Path<(String, String)>,
) -> Result<StatusCode, DeskError> {
    desk.set_depublished(&site_of(&admin, &site)?, &report, true).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST …/reports/{report}/publish`
pub(super) async fn publish(
    State(admin): State<Admin>,
    AtDesk(desk): AtDesk,
    Path((site, report)): Path<(String, String)>,
) -> Result<StatusCode, DeskError> {
    desk.set_depublished(&site_of(&admin, &site)?, &report, false).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Body of `PATCH …/reports/{report}`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    masked_professional: Option<bool>,
    invisible_patient: Option<bool>,
    invisible_representatives: Option<bool>,
    /// `YYYY-MM-DD`
    retention_end: Option<String>,
}

/// `PATCH …/reports/{report}`
pub(super) async fn change(
    State(admin): State<Admin>,
    AtDesk(desk): AtDesk,
    Path((site, report)): Path<(String, String)>,
    Json(wanted): Json<Wanted>,
) -> Result<StatusCode, DeskError> {
    let change = Change {
        flags: Flags {
            masked_professional: wanted.masked_professional,
            invisible_patient: wanted.invisible_patient,
            invisible_representatives: wanted.invisible_representatives,
        },
        retention_end: wanted.retention_end.as_deref().map(parse_date).transpose()?,
    };
    desk.change(&site_of(&admin, &site)?, &report, &change).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `DELETE …/rejections/{note}`
pub(super) async fn forget_rejection(
    State(admin): State<Admin>,
    AtDesk(desk): AtDesk,
    Path((site, note)): Path<(String, String)>,
) -> Result<Response, DeskError> {
    let site = site_of(&admin, &site)?;
    if !is_uid(&note) {
        return Err(DeskError::Unknown);
    }
    let instances = desk.forget_rejection(&site, &note).await?;
    Ok(Json(json!({ "instances": instances })).into_response())
}
