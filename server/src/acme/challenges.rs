//! What the authority asks for over plain HTTP while an order is under way. In memory: nothing is left on
//! a disk, nothing is there after a restart.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

/// Answers by token.
#[derive(Debug, Default)]
pub struct Challenges(Mutex<HashMap<String, String>>);

impl Challenges {
    /// The answer to a token, while its order is under way.
    #[must_use]
    pub fn answer(&self, token: &str) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(token).cloned()
    }

    /// Answers until the guard is dropped.
    pub(super) fn put(self: &Arc<Self>, token: &str, answer: &str) -> Shown {
        let mut answers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        answers.insert(token.to_owned(), answer.to_owned());
        Shown { challenges: Arc::clone(self), token: token.to_owned() }
    }
}

/// An answer that is given as long as this lives.
pub(super) struct Shown {
    challenges: Arc<Challenges>,
    token: String,
}

impl Drop for Shown {
    fn drop(&mut self) {
        let mut answers = self.challenges.0.lock().unwrap_or_else(PoisonError::into_inner);
        answers.remove(&self.token);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_lives_as_long_as_its_order() {
        let challenges = Arc::new(Challenges::default());
        let shown = challenges.put("token", "answer");
        assert_eq!(challenges.answer("token").as_deref(), Some("answer"));
        assert_eq!(challenges.answer("other"), None);
        drop(shown);
        assert_eq!(challenges.answer("token"), None);
    }
}
