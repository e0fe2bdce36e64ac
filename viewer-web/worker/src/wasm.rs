//! What `worker.js` calls. Heads are JSON; their shapes are known here only, not in JavaScript.

use js_sys::Uint8Array;
use negatoscope_protocol::{Failure, FailureKind, Reply, Request, json};
use wasm_bindgen::prelude::*;

use crate::home::{DecodeModule, module_to_bring};
use crate::request::{Outcome, decode_request, decode_stored_request};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    fn now_ms() -> f64;
}

/// Makes a panic an exception with its message; the module must not be used after one.
#[wasm_bindgen(start)]
pub fn start() {
    std::panic::set_hook(Box::new(|panic| wasm_bindgen::throw_str(&panic.to_string())));
}

/// Head and body of a reply.
#[wasm_bindgen]
pub struct Answer {
    head: String,
    body: Option<Uint8Array>,
    ask: &'static str,
    is_colour: bool,
}

#[wasm_bindgen]
impl Answer {
    /// JSON of the reply.
    #[wasm_bindgen(getter)]
    pub fn head(&self) -> String {
        self.head.clone()
    }

    /// Name of the module that should be asked instead; empty where this is the answer.
    #[wasm_bindgen(getter)]
    pub fn ask(&self) -> String {
        self.ask.to_owned()
    }

    /// Whether the body is R G B A, which a colour profile can be applied to.
    #[wasm_bindgen(getter)]
    pub fn is_colour(&self) -> bool {
        self.is_colour
    }

    /// Samples in a buffer of their own, to be transferred; undefined where they are the bytes that were decoded.
    #[wasm_bindgen(getter)]
    pub fn body(&self) -> Option<Uint8Array> {
        self.body.clone()
    }
}

/// Head of the message that says the module is ready.
///
/// # Errors
/// None in practice: the reply is always written.
#[wasm_bindgen]
pub fn ready() -> Result<String, JsError> {
    Ok(json::write(&Reply::Ready)?)
}

/// Name of the module that will be asked about the frame of this request; empty where it is this one.
///
/// # Errors
/// A head that is no request.
#[wasm_bindgen]
pub fn foresee(head: &str) -> Result<String, JsError> {
    let request: Request = json::read(head)?;
    let module = module_to_bring(&request.format.transfer_syntax_uid);
    Ok(module.map_or("", DecodeModule::name).to_owned())
}

/// Decodes one request; `content_type` is that of the body where the request was written before it came.
///
/// # Errors
/// A head that is no request.
#[wasm_bindgen]
pub fn decode(head: &str, body: &[u8], content_type: Option<String>) -> Result<Answer, JsError> {
    let mut request: Request = json::read(head)?;
    if let Some(content_type) = content_type {
        request.content_type = content_type;
    }
    let outcome = decode_request(&request, body, now_ms);
    let is_new = !outcome.is_as_it_came(body);
    answer(&outcome, is_new)
}

fn answer(outcome: &Outcome, is_new: bool) -> Result<Answer, JsError> {
    let head = json::write(&outcome.reply)?;
    let ask = outcome.ask.map_or("", DecodeModule::name);
    let is_colour = matches!(outcome.reply, Reply::Decoded { kind, .. } if kind.is_colour());
    let body = is_new.then(|| Uint8Array::from(&*outcome.body()));
    Ok(Answer { head, body, ask, is_colour })
}

/// A frame that is decoded while it comes.
#[cfg(feature = "common")]
#[wasm_bindgen]
pub struct Arriving(crate::ArrivingRequest);

/// Begins the frame of a request, whose body of `length` bytes is on its way; undefined where it has to be whole before
/// it is decoded.
///
/// # Errors
/// A head that is no request.
#[cfg(feature = "common")]
#[wasm_bindgen]
pub fn begin(head: &str, content_type: String, length: usize) -> Result<Option<Arriving>, JsError> {
    let request = Request { content_type, ..json::read(head)? };
    Ok(crate::ArrivingRequest::begin(request, length).map(Arriving))
}

#[cfg(feature = "common")]
#[wasm_bindgen]
impl Arriving {
    /// Takes the next bytes and decodes what can be.
    pub fn push(&mut self, bytes: &[u8]) {
        self.0.push(bytes, now_ms);
    }

    /// Decodes the rest.
    ///
    /// # Errors
    /// None in practice: the reply is always written.
    pub fn finish(self) -> Result<Answer, JsError> {
        answer(&self.0.finish(now_ms), true)
    }
}

/// Decodes one request to stored samples, little endian: head `null` or the JSON of a failure.
///
/// # Errors
/// A head that is no request.
#[wasm_bindgen]
pub fn decode_stored(head: &str, body: &[u8]) -> Result<Answer, JsError> {
    let request: Request = json::read(head)?;
    let decoded = decode_stored_request(&request, body);
    let (failure, ask, samples) = match decoded {
        Ok(frame) => (None, None, frame.samples.to_le_bytes()),
        Err(refusal) => (Some(refusal.failure), refusal.ask, Vec::new()),
    };
    let head = json::write(&failure)?;
    let body = Some(Uint8Array::from(samples.as_slice()));
    Ok(Answer { head, body, ask: ask.map_or("", DecodeModule::name), is_colour: false })
}

/// Head of the reply to a request that stopped another instance of this module.
///
/// # Errors
/// A head that is no request.
#[wasm_bindgen]
pub fn stopped(head: &str, message: &str) -> Result<String, JsError> {
    let request: Request = json::read(head)?;
    let detail = format!("the decoder stopped: {message}");
    let failure = Failure { kind: FailureKind::Corrupt, detail };
    Ok(json::write(&Reply::Failed { id: request.id, failure })?)
}
