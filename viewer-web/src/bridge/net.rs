//! Requests to the server.

use js_sys::ArrayBuffer;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, AbortSignal, RequestInit, RequestRedirect, Response};

use crate::platform::dom::window;

/// How a request ended without its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NetFailure {
    /// No answer: no network, or cut while answering.
    NoAnswer,
    /// We took it back.
    Aborted,
    /// An answer that is not a success.
    Status(u16),
}

/// An answer and its whole body.
#[derive(Debug)]
pub struct Answer {
    /// `Content-Type`.
    pub content_type: String,
    /// The body.
    pub body: ArrayBuffer,
}

impl Answer {
    /// Nothing.
    #[must_use]
    pub fn empty() -> Self {
        Self { content_type: String::new(), body: ArrayBuffer::new(0) }
    }
}

/// A request that can be taken back.
#[derive(Debug)]
pub struct Abort(Option<AbortController>);

impl Default for Abort {
    /// A new handle; where the browser has none the request just runs to its end.
    fn default() -> Self {
        Self(AbortController::new().ok())
    }
}

impl Abort {
    /// For [`get`].
    #[must_use]
    pub fn signal(&self) -> Option<AbortSignal> {
        self.0.as_ref().map(AbortController::signal)
    }

    /// Takes the request back.
    pub fn abort(&self) {
        if let Some(controller) = &self.0 {
            controller.abort();
        }
    }
}

/// Fetches a whole body.
///
/// # Errors
/// [`NetFailure`].
pub async fn get(
    url: &str,
    accept: &str,
    signal: Option<&AbortSignal>,
) -> Result<Answer, NetFailure> {
    get_heard(url, accept, signal, &|| {}).await
}

/// The same; `heard` is called when the answer begins.
///
/// # Errors
/// [`NetFailure`].
pub async fn get_heard(
    url: &str,
    accept: &str,
    signal: Option<&AbortSignal>,
    heard: &dyn Fn(),
) -> Result<Answer, NetFailure> {
    let response = request(url, accept, signal).await?;
    heard();
    whole(&response, signal).await
}

/// The rest of an answer that has begun.
///
/// # Errors
/// As [`body_of`].
pub async fn whole(
    response: &Response,
    signal: Option<&AbortSignal>,
) -> Result<Answer, NetFailure> {
    let content_type = response.headers().get("content-type").ok().flatten().unwrap_or_default();
    let body = body_of(response, signal).await?;
    Ok(Answer { content_type, body })
}

/// Body of an answer.
///
/// # Errors
/// [`NetFailure::NoAnswer`] where it breaks off, [`NetFailure::Aborted`].
pub async fn body_of(
    response: &Response,
    signal: Option<&AbortSignal>,
) -> Result<ArrayBuffer, NetFailure> {
    let reading = response.array_buffer().map_err(|_js| NetFailure::NoAnswer)?;
    let body = JsFuture::from(reading).await.map_err(|_js| lost(signal))?;
    Ok(body.unchecked_into())
}

/// Text of an answer.
///
/// # Errors
/// [`NetFailure::NoAnswer`] where it breaks off.
pub async fn text_of(response: &Response) -> Result<String, NetFailure> {
    let reading = response.text().map_err(|_js| NetFailure::NoAnswer)?;
    let text = JsFuture::from(reading).await.map_err(|_js| NetFailure::NoAnswer)?;
    text.as_string().ok_or(NetFailure::NoAnswer)
}

/// Sends a request and waits for the head of its answer.
///
/// # Errors
/// [`NetFailure`]; every status that is not a success is one.
pub async fn request(
    url: &str,
    accept: &str,
    signal: Option<&AbortSignal>,
) -> Result<Response, NetFailure> {
    let options = RequestInit::new();
    options.set_signal(signal);
    set_header(&options, "accept", accept);
    send(url, &options, signal).await
}

/// Sends a form; a redirection counts as an answer and is not followed.
///
/// # Errors
/// [`NetFailure`]; every status that is not a success is one.
pub async fn post(url: &str, form: &str) -> Result<Response, NetFailure> {
    let options = RequestInit::new();
    options.set_method("POST");
    options.set_redirect(RequestRedirect::Manual);
    options.set_body(&JsValue::from_str(form));
    set_header(&options, "content-type", "application/x-www-form-urlencoded");
    send(url, &options, None).await
}

async fn send(
    url: &str,
    options: &RequestInit,
    signal: Option<&AbortSignal>,
) -> Result<Response, NetFailure> {
    let sent = window().fetch_with_str_and_init(url, options);
    let response: Response =
        JsFuture::from(sent).await.map_err(|_js| lost(signal))?.unchecked_into();
    if response.ok() { Ok(response) } else { Err(NetFailure::Status(response.status())) }
}

fn set_header(options: &RequestInit, name: &str, value: &str) {
    let headers = js_sys::Object::new();
    // Setting a property of a fresh object cannot fail.
    js_sys::Reflect::set(&headers, &JsValue::from_str(name), &JsValue::from_str(value)).ok();
    options.set_headers(&headers);
}

fn lost(signal: Option<&AbortSignal>) -> NetFailure {
    match signal {
        Some(signal) if signal.aborted() => NetFailure::Aborted,
        _ => NetFailure::NoAnswer,
    }
}
