//! The moves under way: brings what the storage SCP gets to the move that asked for it.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use tokio::sync::{mpsc, oneshot};

use super::stores::{Depot, NOT_AUTHORIZED, OUT_OF_RESOURCES};
use crate::source::SourceError;
use crate::source::received::Incoming;

/// Errands that wait for a move; the association they are of waits too.
const QUEUE: usize = 4;

/// What an association of the storage SCP wants of a move.
pub(super) enum Errand {
    Begin { instance: String, answer: oneshot::Sender<Result<Incoming, u16>> },
    Put { instance: String, object: Incoming, answer: oneshot::Sender<u16> },
    GiveUp { cause: SourceError },
}

impl Errand {
    pub(super) async fn run(self, depot: &mut dyn Depot) {
        // Where the association ended meanwhile, nobody wants the answer.
        match self {
            Self::Begin { instance, answer } => {
                let _gone = answer.send(depot.begin(&instance).await);
            }
            Self::Put { instance, object, answer } => {
                let _gone = answer.send(depot.put(&instance, object).await);
            }
            Self::GiveUp { cause } => depot.give_up(cause),
        }
    }
}

struct Expecting {
    wanted: HashSet<String>,
    errands: mpsc::Sender<Errand>,
}

/// The moves of one site.
#[derive(Default)]
pub(super) struct Moves {
    next: AtomicU64,
    under_way: Mutex<HashMap<u64, Expecting>>,
}

/// A move, until it is dropped.
pub(super) struct UnderWay {
    number: u64,
    moves: Arc<Moves>,
    errands: mpsc::Receiver<Errand>,
    /// Kept, so that the queue never ends.
    _sender: mpsc::Sender<Errand>,
}

impl Moves {
    pub(super) fn begin(self: &Arc<Self>, wanted: HashSet<String>) -> UnderWay {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let (sender, errands) = mpsc::channel(QUEUE);
        self.lock().insert(number, Expecting { wanted, errands: sender.clone() });
        UnderWay { number, moves: Arc::clone(self), errands, _sender: sender }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<u64, Expecting>> {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }

    fn who_wants(&self, instance: &str) -> Option<mpsc::Sender<Errand>> {
        let moves = self.lock();
        let found = moves.values().find(|expecting| expecting.wanted.contains(instance));
        found.map(|expecting| expecting.errands.clone())
    }
}

impl UnderWay {
    pub(super) async fn next(&mut self) -> Errand {
        match self.errands.recv().await {
            Some(errand) => errand,
            None => std::future::pending().await,
        }
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.moves.lock().remove(&self.number);
    }
}

/// The depot of an association of the storage SCP.
pub(super) struct Forward {
    moves: Arc<Moves>,
    /// Whom the object that is coming is for.
    to: Option<mpsc::Sender<Errand>>,
}

impl Forward {
    pub(super) fn new(moves: Arc<Moves>) -> Self {
        Self { moves, to: None }
    }
}

#[async_trait]
impl Depot for Forward {
    async fn begin(&mut self, instance: &str) -> Result<Incoming, u16> {
        self.to = self.moves.who_wants(instance);
        let to = self.to.as_ref().ok_or(NOT_AUTHORIZED)?;
        let (answer, begun) = oneshot::channel();
        let errand = Errand::Begin { instance: instance.to_owned(), answer };
        to.send(errand).await.map_err(|_ended| NOT_AUTHORIZED)?;
        begun.await.map_err(|_ended| NOT_AUTHORIZED)?
    }

    async fn put(&mut self, instance: &str, object: Incoming) -> u16 {
        let Some(to) = self.to.take() else { return NOT_AUTHORIZED };
        let (answer, done) = oneshot::channel();
        let errand = Errand::Put { instance: instance.to_owned(), object, answer };
        match to.send(errand).await {
            Ok(()) => done.await.unwrap_or(OUT_OF_RESOURCES),
            Err(_ended) => NOT_AUTHORIZED,
        }
    }

    fn give_up(&mut self, cause: SourceError) {
        let errand = Errand::GiveUp { cause };
        let is_told = self.to.take().is_some_and(|to| to.try_send(errand).is_ok());
        if !is_told {
            tracing::debug!("an object was given up, and nobody told");
        }
    }
}
