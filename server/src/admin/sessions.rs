//! Who is logged in, and ending it, over HTTP.

use std::net::SocketAddr;

use axum::{
    Json,
    extract::{ConnectInfo, Path, Query, State},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

use super::{Admin, DeskError, reports::site_of};
use crate::{
    audit::LOCAL,
    session::{Ending, EndingError, Which},
};

fn ending(admin: &Admin) -> Ending {
    let state = &admin.state;
    Ending { store: state.store.clone(), audit: state.audit.clone(), limits: state.limits }
}

impl From<EndingError> for DeskError {
    fn from(error: EndingError) -> Self {
        match error {
            EndingError::Audit(cause) => Self::Audit(cause),
            EndingError::Database(cause) => Self::Database(cause),
        }
    }
}

/// `GET …/sessions`
pub(super) async fn list(
    State(admin): State<Admin>,
    Path(site): Path<String>,
    Query(which): Query<Which>,
) -> Result<Response, DeskError> {
    let site = site_of(&admin, &site)?;
    let open = ending(&admin).find(&site, &which, admin.state.clock.seconds()).await?;
    let told: Vec<Value> = open.iter().map(|login| login.told(None)).collect();
    Ok(Json(json!({ "sessions": told })).into_response())
}

/// `DELETE …/sessions`: ends what is meant; tells how many that were.
pub(super) async fn end(
    State(admin): State<Admin>,
    peer: Option<axum::Extension<ConnectInfo<SocketAddr>>>,
    Path(site): Path<String>,
    Query(which): Query<Which>,
) -> Result<Response, DeskError> {
    let site = site_of(&admin, &site)?;
    let address = peer.map_or(LOCAL, |axum::Extension(ConnectInfo(peer))| peer.ip().to_canonical());
    let now = admin.state.clock.seconds();
    let ended = ending(&admin).end(&site, &which, address, now).await?;
    Ok(Json(json!({ "ended": ended })).into_response())
}
