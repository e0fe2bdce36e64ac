//! HTTP to the providers: time and size limits, no redirects, a private authority, a client certificate.

use std::{future::Future, pin::Pin, time::Duration};

use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};
use reqwest::{Certificate, Client, Identity, redirect::Policy};
use thiserror::Error;

use crate::error::transport_words;

const CONNECT_TIME: Duration = Duration::from_secs(3);

/// The largest answer read: key sets and user information are a few KiB.
const MAX_ANSWER_BYTES: usize = 256 * 1024;

/// Without the address: it may hold parameters, and this goes to the log.
#[derive(Debug, Error)]
pub(super) enum HttpError {
    #[error("{0}")]
    Transport(String),
    #[error("answer larger than {MAX_ANSWER_BYTES} bytes")]
    TooLarge,
}

impl From<reqwest::Error> for HttpError {
    fn from(error: reqwest::Error) -> Self {
        Self::Transport(transport_words(error))
    }
}

pub(super) struct Http(Client);

impl Http {
    /// `authorities`: PEM, beside the system's. `identity`: PEM with private key and certificates.
    /// `whole_time`: until the end of an answer.
    pub(super) fn new(
        authorities: Option<&[u8]>,
        identity: Option<&[u8]>,
        https_only: bool,
        whole_time: Duration,
    ) -> Result<Self, HttpError> {
        let mut builder = Client::builder()
            .connect_timeout(CONNECT_TIME)
            .timeout(whole_time)
            .https_only(https_only)
            .redirect(Policy::none());
        if let Some(pem) = authorities {
            for certificate in Certificate::from_pem_bundle(pem)? {
                builder = builder.add_root_certificate(certificate);
            }
        }
        if let Some(pem) = identity {
            builder = builder.identity(Identity::from_pem(pem)?);
        }
        Ok(Self(builder.build()?))
    }

    pub(super) async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let mut answer = self.0.execute(request.try_into()?).await?;
        let mut response = HttpResponse::new(Vec::new());
        *response.status_mut() = answer.status();
        *response.headers_mut() = answer.headers().clone();
        while let Some(bytes) = answer.chunk().await? {
            if response.body().len() + bytes.len() > MAX_ANSWER_BYTES {
                return Err(HttpError::TooLarge);
            }
            response.body_mut().extend_from_slice(&bytes);
        }
        Ok(response)
    }
}

impl<'c> AsyncHttpClient<'c> for Http {
    type Error = HttpError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, HttpError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(Self::call(self, request))
    }
}
