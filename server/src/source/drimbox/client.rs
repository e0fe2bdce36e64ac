//! HTTPS to the DRIMbox: mutual TLS, headers, time-outs. Nothing here knows DICOM objects.

use std::sync::Arc;

use bytes::Bytes;
use futures::stream::{BoxStream, StreamExt};
use reqwest::header::{ACCEPT, CONTENT_TYPE};
use reqwest::{Certificate, Identity, RequestBuilder, Response, Url, redirect::Policy};
use viewer_core::base::multipart::MediaType;

use super::{DrimboxError, DrimboxOptions, Token, listed};
use crate::config::TlsConfig;
use crate::error::transport_words;
use crate::source::{Scope, SourceError, is_uid};
use crate::trust_list::Keeper;
use crate::{secret_file, tls};

const KOS_HEADER: &str = "KOS-SOPInstanceUID";
/// Transfer syntaxes with their weights: the network's lossless preference. All of these are decoded or played by the
/// viewer, or said on the image.
const SYNTAXES: [(&str, &str); 10] = [
    ("1.2.840.10008.1.2.4.70", "0.9"),
    ("1.2.840.10008.1.2.4.80", "0.8"),
    ("1.2.840.10008.1.2.4.91", "0.6"),
    ("1.2.840.10008.1.2.4.50", "0.5"),
    ("1.2.840.10008.1.2.4.51", "0.5"),
    ("1.2.840.10008.1.2.4.100", "0.5"),
    ("1.2.840.10008.1.2.4.101", "0.5"),
    ("1.2.840.10008.1.2.4.102", "0.5"),
    ("1.2.840.10008.1.2.4.103", "0.5"),
    ("1.2.840.10008.1.2.1", "0.4"),
];

/// Longest HTTP/2 frame: objects are long, and each frame of the usual 16 KiB is a piece of work of its own.
const FRAME_BYTES: u32 = 256 * 1024;

pub(super) type Body = BoxStream<'static, Result<Bytes, SourceError>>;

/// The DRIMbox as an HTTPS service.
pub(super) struct Client {
    client: reqwest::Client,
    base: Url,
    token: Token,
    listed: Option<Arc<Keeper>>,
    accept: String,
}

impl Client {
    pub(super) fn new(options: &DrimboxOptions) -> Result<Self, DrimboxError> {
        let mut base =
            Url::parse(&options.url).map_err(|_details| DrimboxError::Url("is no address"))?;
        if base.scheme() != "https" || !base.has_host() {
            return Err(DrimboxError::Url("is no https address"));
        }
        let path = base.path().trim_end_matches('/').to_owned();
        base.set_path(&path);
        let builder = reqwest::Client::builder()
            .https_only(true)
            .connect_timeout(options.connect_timeout)
            .read_timeout(options.read_timeout)
            .http2_max_frame_size(FRAME_BYTES)
            .redirect(Policy::none());
        let builder = match &options.listed {
            Some(keeper) => listed::restrict(builder, options, keeper)?,
            None => builder.tls_certs_only(authorities(options)?).identity(identity(options)?),
        };
        let client =
            builder.build().map_err(|error| DrimboxError::Client(transport_words(error)))?;
        let (token, listed) = (options.token.clone(), options.listed.clone());
        Ok(Self { client, base, token, listed, accept: accept() })
    }

    pub(super) fn base(&self) -> &Url {
        &self.base
    }

    /// The answer for a series or an instance: its type and its body as it comes.
    pub(super) async fn get(
        &self,
        scope: &Scope,
        kos: &str,
    ) -> Result<(MediaType, Body), SourceError> {
        let url = self.url(scope).ok_or(SourceError::NotFound)?;
        self.check_listed()?;
        let request = self.client.get(url).header(ACCEPT, &self.accept).header(KOS_HEADER, kos);
        let answer = self.authorized(request).await?.send().await.map_err(unavailable)?;
        check(&answer)?;
        let content_type = answer.headers().get(CONTENT_TYPE).and_then(|it| it.to_str().ok());
        let content_type = MediaType::parse(content_type.unwrap_or_default());
        let body = answer.bytes_stream().map(|piece| piece.map_err(unavailable));
        Ok((content_type, body.boxed()))
    }

    /// Whether the box answers and lets us in; it need not have anything at its root.
    pub(super) async fn probe(&self) -> Result<(), SourceError> {
        self.check_listed()?;
        let request = self.client.get(self.base.clone()).header(ACCEPT, "application/json");
        let answer = self.authorized(request).await?.send().await.map_err(unavailable)?;
        match check(&answer) {
            Err(SourceError::Unavailable(_)) if is_about_the_request(&answer) => Ok(()),
            Ok(()) | Err(SourceError::NotFound) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Asked before every request: lists change, and connections that are open stay.
    fn check_listed(&self) -> Result<(), SourceError> {
        let Some(keeper) = &self.listed else { return Ok(()) };
        listed::check(keeper, &self.base).map_err(SourceError::Unavailable)
    }

    /// `None` where a UID could not stand in an address.
    fn url(&self, scope: &Scope) -> Option<Url> {
        let checked = |uid: &str| is_uid(uid).then(|| uid.to_owned());
        let (study, series) = (checked(&scope.study)?, checked(scope.series.as_deref()?)?);
        let mut path = format!("{}/studies/{study}/series/{series}", self.base.path());
        if let Some(instance) = &scope.instance {
            path = format!("{path}/instances/{}", checked(instance)?);
        }
        let mut url = self.base.clone();
        url.set_path(&path);
        Some(url)
    }

    async fn authorized(&self, request: RequestBuilder) -> Result<RequestBuilder, SourceError> {
        Ok(match &self.token {
            Token::None => request,
            Token::Text(token) => request.bearer_auth(token),
            Token::File(path) => {
                let token = secret_file::read(path);
                let token = token.map_err(|cause| SourceError::Unavailable(cause.to_string()))?;
                request.bearer_auth(token.trim())
            }
            Token::Bearer(professional) => request.bearer_auth(professional.bearer().await?),
        })
    }
}

fn accept() -> String {
    let range = |(uid, weight): &(&str, &str)| {
        format!(
            r#"multipart/related; type="application/dicom";transfer-syntax={uid};q={weight};boundary=**"#
        )
    };
    SYNTAXES.iter().map(range).collect::<Vec<_>>().join(", ")
}

fn authorities(options: &DrimboxOptions) -> Result<Vec<Certificate>, DrimboxError> {
    let wrong = |cause: String| DrimboxError::Authorities(cause);
    let path = options.ca_file.display();
    let pem = std::fs::read(&options.ca_file).map_err(|cause| wrong(format!("{path}: {cause}")))?;
    let found =
        Certificate::from_pem_bundle(&pem).map_err(|cause| wrong(transport_words(cause)))?;
    if found.is_empty() { Err(wrong(format!("{path}: no certificate in it"))) } else { Ok(found) }
}

/// Our certificate, once it is certain that the key is its own and private.
pub(super) fn certificate(options: &DrimboxOptions) -> Result<tls::Certificate, DrimboxError> {
    Ok(tls::Certificate::load(&TlsConfig {
        certificate: options.certificate_file.clone(),
        key: options.key_file.clone(),
    })?)
}

fn identity(options: &DrimboxOptions) -> Result<Identity, DrimboxError> {
    certificate(options)?;
    let key = secret_file::read(&options.key_file)?;
    let chain = std::fs::read_to_string(&options.certificate_file);
    let chain = chain.map_err(|cause| DrimboxError::Client(cause.to_string()))?;
    let identity = Identity::from_pem(format!("{key}\n{chain}").as_bytes());
    identity.map_err(|error| DrimboxError::Client(transport_words(error)))
}

fn check(answer: &Response) -> Result<(), SourceError> {
    let status = answer.status();
    match status.as_u16() {
        200 | 206 => Ok(()),
        404 | 410 => Err(SourceError::NotFound),
        _ => Err(SourceError::Unavailable(format!("the DRIMbox answered {status}"))),
    }
}

/// A refusal that says the box is there: it does not like the question.
fn is_about_the_request(answer: &Response) -> bool {
    matches!(answer.status().as_u16(), 204 | 400 | 405 | 406)
}

fn unavailable(error: reqwest::Error) -> SourceError {
    SourceError::Unavailable(transport_words(error))
}
