//! Who is let in: a listed box, with a professional's token, at one of our boxes.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::request::Parts,
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::{Interbox, caller::Caller, refused::Refused};
use crate::{auth::oidc::Holder, client::Client, sites::Site};

/// Who asks, once they are let in.
#[derive(Clone)]
pub(super) struct Asking {
    /// The site whose box is asked.
    pub(super) site: Arc<Site>,
    /// Host name of the box that asks.
    pub(super) box_host: String,
    /// For whom.
    pub(super) holder: Arc<Holder>,
    /// From where.
    pub(super) client: Client,
}

/// Puts [`Asking`] into the request. Lists change and connections stay, so the list is asked every time.
pub(super) async fn admit(
    State(shared): State<Interbox>,
    request: Request,
    next: Next,
) -> Response {
    let (mut parts, body) = request.into_parts();
    match asking(&shared, &parts).await {
        Ok(asking) => {
            parts.extensions.insert(asking);
            next.run(Request::from_parts(parts, body)).await
        }
        Err(refused) => refused.into_response(),
    }
}

async fn asking(shared: &Interbox, parts: &Parts) -> Result<Asking, Refused> {
    let Parts { headers, extensions, .. } = parts;
    let client = Client::of((&parts.uri, headers, extensions), &[], true);
    let client = client.ok_or(Refused::Misdirected)?;
    let site = shared.sites.get(&client.host()).ok_or(Refused::Misdirected)?;
    shared.keeper.check_age().map_err(Refused::NoList)?;
    let caller = extensions.get::<Caller>().ok_or(Refused::Stranger)?;
    let box_host = shared.keeper.box_of(&caller.subject).ok_or(Refused::Stranger)?;
    let now = shared.state.clock.seconds();
    let holder = shared.tokens.holder(site, headers, now).await?;
    Ok(Asking { site: Arc::clone(site), box_host, holder, client })
}
