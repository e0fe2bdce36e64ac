//! Layers: who may reach the images, and which forms are believed.

use axum::{
    Json,
    extract::{FromRequestParts, Request, State},
    http::{
        HeaderMap, HeaderName, Method, StatusCode,
        header::{CACHE_CONTROL, ORIGIN},
    },
    middleware::Next,
    response::{IntoResponse, Response},
};
use serde_json::json;

use super::Current;
use crate::{client::Client, error::Failure, state::AppState};

const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Puts [`crate::access::Access`] into the request; without a live login the answer is 401.
pub(crate) async fn require_access(
    State(state): State<AppState>,
    request: Request,
    next: Next,
) -> Response {
    let (mut parts, body) = request.into_parts();
    let current = match Current::from_request_parts(&mut parts, &state).await {
        Ok(current) => current,
        Err(failure) => return failure.into_response(),
    };
    let Some(access) = current.access() else { return no_session() };
    current.touch();
    parts.extensions.insert(access);
    next.run(Request::from_parts(parts, body)).await
}

/// What the viewer understands as "log in again".
pub(crate) fn no_session() -> Response {
    (StatusCode::UNAUTHORIZED, [(CACHE_CONTROL, "no-store")], Json(json!({ "error": "session" })))
        .into_response()
}

/// Refuses requests that change something unless they come from this site's own pages.
///
/// `SameSite=Lax` is not enough: every box under `mesimagesmedicales.fr` is the same site for a browser.
pub(crate) async fn same_origin(request: Request, next: Next) -> Response {
    let changes = !matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    let Some(client) = request.extensions().get::<Client>() else {
        return Failure::Layer("client").into_response();
    };
    if changes && !is_same_origin(request.headers(), client) {
        return Failure::Forged.into_response();
    }
    next.run(request).await
}

/// By `Sec-Fetch-Site` where the browser sends it. Older ones: by `Origin`, which must name this host.
/// (Under `Referrer-Policy: no-referrer` forms send `Origin: null`; that alone proves nothing.)
fn is_same_origin(headers: &HeaderMap, client: &Client) -> bool {
    if let Some(site) = headers.get(FETCH_SITE) {
        return site == "same-origin";
    }
    headers
        .get(ORIGIN)
        .and_then(|origin| origin.to_str().ok())
        .and_then(|origin| {
            origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"))
        })
        .is_some_and(|authority| authority.eq_ignore_ascii_case(client.authority.as_str()))
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::*;

    #[test]
    fn only_the_sites_own_pages_may_post() {
        let client = Client {
            address: IpAddr::from([192, 0, 2, 1]),
            authority: "vi1.example:8443".parse().unwrap(),
            secure: true,
        };
        let table: &[(&[(&str, &str)], bool)] = &[
            (&[("sec-fetch-site", "same-origin"), ("origin", "null")], true),
            (&[("sec-fetch-site", "same-site"), ("origin", "https://vi1.example:8443")], false),
            (&[("sec-fetch-site", "cross-site")], false),
            (&[("sec-fetch-site", "none")], false),
            (&[("origin", "https://vi1.example:8443")], true),
            (&[("origin", "https://VI1.example:8443")], true),
            (&[("origin", "https://vi1.example")], false),
            (&[("origin", "https://vi2.example:8443")], false),
            (&[("origin", "null")], false),
            (&[], false),
        ];
        for (headers, expected) in table {
            let mut map = HeaderMap::new();
            for (name, value) in *headers {
                map.insert(name.parse::<HeaderName>().unwrap(), value.parse().unwrap());
            }
            assert_eq!(is_same_origin(&map, &client), *expected, "{headers:?}");
        }
    }
}
