//! HTTP to the PACS: authentication, time-outs, limits, retries. Nothing here knows DICOM.

use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures::StreamExt;
use futures::stream::BoxStream;
use reqwest::header::{ACCEPT, CONTENT_TYPE};
use reqwest::{Client, Response, StatusCode, Url};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{PacsAuth, PacsError, PacsOptions};
use crate::source::SourceError;

/// Pauses before the second and third attempt.
const PAUSES: [Duration; 2] = [Duration::from_millis(150), Duration::from_millis(600)];

/// The PACS as an HTTP service.
pub(super) struct PacsClient {
    client: Client,
    base: Url,
    auth: PacsAuth,
    requests: Arc<Semaphore>,
}

/// An answer whose body has not been read; holds one of the allowed requests.
pub(super) struct Answer {
    response: Response,
    permit: OwnedSemaphorePermit,
}

impl PacsClient {
    /// # Errors
    /// [`PacsError`] for an unusable address or certificate file.
    pub(super) fn new(options: &PacsOptions) -> Result<Self, PacsError> {
        let mut base =
            Url::parse(&options.url).map_err(|error| PacsError::Url(error.to_string()))?;
        if base.cannot_be_a_base() {
            return Err(PacsError::Url("not an http address".to_owned()));
        }
        let path = base.path().trim_end_matches('/').to_owned();
        base.set_path(&path);
        let mut builder = Client::builder()
            .connect_timeout(options.connect_timeout)
            .read_timeout(options.read_timeout)
            .redirect(reqwest::redirect::Policy::none());
        for pem in &options.trusted_certificates {
            let certificate = reqwest::Certificate::from_pem(pem).map_err(PacsError::client)?;
            builder = builder.add_root_certificate(certificate);
        }
        Ok(Self {
            client: builder.build().map_err(PacsError::client)?,
            base,
            auth: options.auth.clone(),
            requests: Arc::new(Semaphore::new(options.max_requests.max(1))),
        })
    }

    /// The address of a resource: `path` is made of fixed words and checked UIDs.
    pub(super) fn url(&self, path: &str, query: &[(&str, &str)]) -> Url {
        let mut url = self.base.clone();
        url.set_path(&format!("{}/{path}", self.base.path().trim_end_matches('/')));
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        url
    }

    /// Resolves an address the PACS gave; `None` when it leads to another server.
    pub(super) fn resolve(&self, reference: &str) -> Option<Url> {
        let mut base = self.base.clone();
        base.set_path(&format!("{}/", self.base.path()));
        base.join(reference).ok().filter(|url| url.origin() == self.base.origin())
    }

    /// GET with retries where the PACS or the way to it failed for a moment. An answer with any other
    /// status than 503 and its like is returned as it is.
    pub(super) async fn get(&self, url: &Url, accept: &str) -> Result<Answer, SourceError> {
        let mut pauses = PAUSES.iter();
        loop {
            let result = self.get_once(url, accept).await;
            let again = match &result {
                Ok(answer) => is_momentary(answer.response.status()),
                Err(_) => true,
            };
            match pauses.next().filter(|_| again) {
                Some(pause) => tokio::time::sleep(*pause).await,
                None => return result,
            }
        }
    }

    async fn get_once(&self, url: &Url, accept: &str) -> Result<Answer, SourceError> {
        // On the heap: whoever waits for an answer, waits within a future that holds this one several times over.
        Box::pin(self.send(self.client.get(url.clone()).header(ACCEPT, accept))).await
    }

    /// POST, once: whether it was taken is found out by asking.
    pub(super) async fn post(
        &self,
        url: &Url,
        (content_type, accept): (&str, &str),
        body: reqwest::Body,
    ) -> Result<Answer, SourceError> {
        let request = self.client.post(url.clone()).header(ACCEPT, accept);
        self.send(request.header(CONTENT_TYPE, content_type).body(body)).await
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> Result<Answer, SourceError> {
        let permit = Arc::clone(&self.requests).acquire_owned().await.map_err(unavailable)?;
        let request = match &self.auth {
            PacsAuth::None => request,
            PacsAuth::Basic { user, password } => request.basic_auth(user, Some(password)),
            PacsAuth::Bearer { token } => request.bearer_auth(token),
        };
        let response = request.send().await.map_err(transport)?;
        Ok(Answer { response, permit })
    }
}

fn is_momentary(status: StatusCode) -> bool {
    matches!(status.as_u16(), 429 | 502 | 503 | 504)
}

fn unavailable(error: impl std::fmt::Display) -> SourceError {
    SourceError::Unavailable(error.to_string())
}

/// Without the address: it holds UIDs, and this text goes to the log.
fn transport(error: reqwest::Error) -> SourceError {
    let error = error.without_url();
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(&error);
    while let Some(inner) = cause {
        text = format!("{text}: {inner}");
        cause = inner.source();
    }
    SourceError::Unavailable(text)
}

impl Answer {
    pub(super) fn status(&self) -> StatusCode {
        self.response.status()
    }

    pub(super) fn content_type(&self) -> String {
        let value = self.response.headers().get(CONTENT_TYPE);
        value.and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
    }

    /// Length of the body where announced.
    pub(super) fn length(&self) -> Option<u64> {
        self.response.content_length()
    }

    /// Turns a status that is no success into an error; 204 is a success without content.
    pub(super) fn success(self) -> Result<Self, SourceError> {
        let status = self.status();
        if status.is_success() {
            return Ok(self);
        }
        Err(match status.as_u16() {
            404 | 410 => SourceError::NotFound,
            _ => SourceError::Unavailable(format!("the PACS answered {status}")),
        })
    }

    /// The whole body, refused beyond `limit` bytes.
    pub(super) async fn bytes(self, limit: u64) -> Result<Bytes, SourceError> {
        let announced = self.length().unwrap_or(0);
        if announced > limit {
            return Err(SourceError::TooLarge("answer of the PACS"));
        }
        let mut body = self.stream();
        let mut whole = BytesMut::with_capacity(announced as usize);
        while let Some(piece) = body.next().await {
            let piece = piece?;
            if (whole.len() + piece.len()) as u64 > limit {
                return Err(SourceError::TooLarge("answer of the PACS"));
            }
            whole.extend_from_slice(&piece);
        }
        Ok(whole.freeze())
    }

    /// The body as it comes.
    pub(super) fn stream(self) -> BoxStream<'static, Result<Bytes, SourceError>> {
        let Self { response, permit } = self;
        let body = response.bytes_stream().map(move |piece| {
            let _held_until_the_body_is_read = &permit;
            piece.map_err(transport)
        });
        body.boxed()
    }
}
