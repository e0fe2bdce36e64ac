//! Frames that the page fetches itself: what is kept as it came, and colours that need a profile.

use viewer_core::fetch::{Event, FetchFailure, FrameKey, RequestId};

use super::loader::{Loader, LoaderNews};
use super::net::{Abort, Answer, NetFailure, get_heard};
use super::url;
use crate::platform::time::spawn;

impl Loader {
    pub(super) fn fetch(&self, id: RequestId, key: FrameKey) {
        let abort = Abort::default();
        let signal = abort.signal();
        self.0.held.borrow_mut().requested(id, abort);
        let (address, accept) = (url::frame(&self.0.exams.now(), key), self.accept());
        let loader = self.clone();
        spawn(async move {
            let answer = match address {
                Some(address) => {
                    let heard = || loader.handle(Event::FetchAnswered { id });
                    get_heard(&address, accept, signal.as_ref(), &heard).await
                }
                None => Err(NetFailure::Status(404)),
            };
            loader.fetched(id, key, answer);
        });
    }

    fn fetched(&self, id: RequestId, key: FrameKey, answer: Result<Answer, NetFailure>) {
        // A request that was taken back may still have been answered.
        if self.0.held.borrow_mut().answered(id).is_none() {
            return;
        }
        let failure = match answer {
            Ok(answer) => {
                let bytes = u64::from(answer.body.byte_length());
                self.0.held.borrow_mut().frame_mut(key).encoded = Some(answer);
                self.handle(Event::FetchDone { id, bytes });
                (self.0.tell)(LoaderNews::Progress);
                return;
            }
            Err(NetFailure::NoAnswer | NetFailure::Aborted) => FetchFailure::Connection,
            Err(NetFailure::Status(status)) => failure_of(status),
        };
        self.handle(Event::FetchFailed { id, failure });
        (self.0.tell)(LoaderNews::Frame(key));
    }
}

/// What a status other than of a success means for what is done next.
pub(super) fn failure_of(status: u16) -> FetchFailure {
    match status {
        401 => FetchFailure::SessionExpired,
        429 | 500.. => FetchFailure::Server { status },
        _ => FetchFailure::Refused { status },
    }
}
