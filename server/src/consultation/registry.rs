//! The consultations of this server: in memory, for as long as the session that has them lasts.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::{disk::Disks, one::Consultation};
use crate::{
    link::Link,
    reports::{Closure, Verdict, VisitorKind, Why},
};

/// Consultations that nobody has logged in for yet, over all sites; the oldest make room.
const MAX_WAITING: usize = 256;
/// Seconds for which a browser session may take its time to log in.
const WAITING_SECONDS: i64 = 1800;

/// Calls that nobody has opened: one-time name → name of the consultation, and until when.
type Calls = HashMap<String, (String, i64)>;

/// All of them.
#[derive(Default)]
pub struct Consultations {
    inner: Mutex<Inner>,
    pub(super) disks: Disks,
}

#[derive(Default)]
struct Inner {
    all: HashMap<String, Arc<Consultation>>,
    calls: Calls,
}

impl Inner {
    /// Keeps some; nothing of the others goes on.
    fn end_unless(&mut self, stays: impl Fn(&str, &Consultation) -> bool) {
        self.all.retain(|id, one| {
            let stays = stays(id, one);
            if !stays {
                one.end();
            }
            stays
        });
    }
}

impl Consultations {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps a new one.
    pub(super) fn put(&self, consultation: Consultation) -> Arc<Consultation> {
        let consultation = Arc::new(consultation);
        let mut inner = self.lock();
        let waiting = inner.all.values().filter(|one| one.login().is_none());
        let oldest = waiting.clone().min_by_key(|one| one.created).map(|one| one.id.clone());
        if waiting.count() >= MAX_WAITING
            && let Some(oldest) = oldest
        {
            inner.all.remove(&oldest);
        }
        inner.all.insert(consultation.id.clone(), Arc::clone(&consultation));
        consultation
    }

    /// Makes the one-time name of a call.
    pub(super) fn expect(&self, name: &str, consultation: &Consultation, until: i64) {
        self.lock().calls.insert(name.to_owned(), (consultation.id.clone(), until));
    }

    /// The consultation of a call that was not opened yet.
    pub(super) fn called(&self, site: &str, name: &str, now: i64) -> Option<Arc<Consultation>> {
        let inner = self.lock();
        let (id, until) = inner.calls.get(name)?;
        let found = inner.all.get(id).filter(|one| now < *until && *one.site == *site);
        found.cloned()
    }

    /// Opens a call for a browser session: once, whoever comes first.
    pub(super) fn open(
        &self,
        site: &str,
        name: &str,
        visitor: &str,
        now: i64,
    ) -> Option<Arc<Consultation>> {
        let found = self.called(site, name, now)?;
        self.lock().calls.remove(name)?;
        found.bind(visitor).then_some(found)
    }

    /// The consultation of a browser session.
    #[must_use]
    pub fn of(&self, site: &str, visitor: &str, id: &str) -> Option<Arc<Consultation>> {
        let found = self.lock().all.get(id).cloned()?;
        (*found.site == *site && found.is_of(visitor)).then_some(found)
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.lock().all.len()
    }

    /// How many somebody has logged in for on a site.
    pub(super) fn open_on(&self, site: &str) -> usize {
        self.lock().all.values().filter(|one| *one.site == *site && one.login().is_some()).count()
    }

    /// The sites that have some.
    pub(super) fn sites(&self) -> HashSet<Arc<str>> {
        self.lock().all.values().map(|one| Arc::clone(&one.site)).collect()
    }

    /// Drops those of a site whose login has ended, and those nobody came back for.
    pub(super) fn prune(&self, site: &str, logins: &HashSet<String>, now: i64) {
        let mut inner = self.lock();
        inner.calls.retain(|_, (_, until)| now < *until);
        let expected: HashSet<String> = inner.calls.values().map(|(id, _)| id.clone()).collect();
        inner.end_unless(|id, one| match one.login() {
            _ if *one.site != *site => true,
            Some(login) => logins.contains(&login),
            None => expected.contains(id) || now - one.created < WAITING_SECONDS,
        });
    }

    pub(super) fn end_every(&self) {
        self.lock().end_unless(|_, _| false);
    }

    /// Drops those of a login that has ended.
    pub(crate) fn end(&self, login: &str) {
        self.lock().end_unless(|_, one| one.login().as_deref() != Some(login));
    }

    /// Whether the exams of a consultation may be seen, and which they are by now; `None` for any other link.
    #[must_use]
    pub fn judge(
        &self,
        link: &Link,
        site: &str,
        visitor: Option<&str>,
        kind: VisitorKind,
    ) -> Option<Verdict> {
        let id = link.consultation.as_deref()?;
        let closed = Verdict::Closed(Closure::Unavailable(Why::UnknownReport));
        if kind != VisitorKind::Professional {
            return Some(closed);
        }
        let found = visitor.and_then(|visitor| self.of(site, visitor, id));
        Some(found.map_or(closed, |consultation| Verdict::Open(consultation.studies())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site() -> Arc<str> {
        Arc::from("vi1")
    }

    fn link(consultation: &Consultation) -> Link {
        Link { consultation: Some(consultation.id.clone()), ..Link::default() }
    }

    #[test]
    fn a_call_is_opened_once_in_time_and_on_its_site() {
        let all = Consultations::default();
        let one = all.put(Consultation::new(&site(), None, 100));
        all.expect("name", &one, 220);
        assert!(all.open("vi2", "name", "a", 150).is_none(), "another site");
        assert!(all.open("vi1", "other", "a", 150).is_none());
        assert!(all.open("vi1", "name", "a", 220).is_none(), "too late");
        assert!(all.open("vi1", "name", "a", 219).is_some());
        assert!(all.open("vi1", "name", "a", 219).is_none(), "once only");
        assert!(all.of("vi1", "a", &one.id).is_some());
        assert!(all.of("vi1", "b", &one.id).is_none(), "another browser session");
    }

    #[test]
    fn patients_and_strangers_see_nothing_of_it() {
        let all = Consultations::default();
        let one = all.put(Consultation::new(&site(), None, 100));
        assert!(one.bind("a"));
        let judge = |visitor, kind| all.judge(&link(&one), "vi1", visitor, kind).unwrap();
        assert_eq!(judge(Some("a"), VisitorKind::Professional), Verdict::Open(Vec::new()));
        for verdict in [
            judge(Some("a"), VisitorKind::Patient),
            judge(Some("a"), VisitorKind::Representative),
            judge(Some("b"), VisitorKind::Professional),
            judge(None, VisitorKind::Professional),
        ] {
            assert!(matches!(verdict, Verdict::Closed(_)));
        }
        assert!(all.judge(&Link::default(), "vi1", Some("a"), VisitorKind::Professional).is_none());
    }

    #[test]
    fn it_ends_with_its_login_or_when_nobody_comes() {
        let all = Consultations::default();
        let [open, ended, waiting, called] =
            std::array::from_fn(|_| all.put(Consultation::new(&site(), None, 0)));
        open.log_in("here", "psc:1", None);
        ended.log_in("gone", "psc:1", None);
        all.expect("name", &called, 5000);
        let logins = HashSet::from(["here".to_owned()]);
        all.prune("vi2", &logins, 100);
        assert_eq!(all.lock().all.len(), 4);
        all.prune("vi1", &logins, 100);
        assert!(!all.lock().all.contains_key(&ended.id));
        all.prune("vi1", &logins, WAITING_SECONDS);
        let kept = |one: &Consultation| all.lock().all.contains_key(&one.id);
        assert_eq!([kept(&open), kept(&waiting), kept(&called)], [true, false, true]);
        all.prune("vi1", &logins, 5000);
        assert!(!kept(&called));
        assert!(open.may_be_of("psc:1") && !open.may_be_of("psc:2"));
    }

    #[test]
    fn those_nobody_logs_in_for_are_bounded() {
        let all = Consultations::default();
        for created in 0..1000 {
            all.put(Consultation::new(&site(), None, created));
        }
        assert_eq!(all.lock().all.len(), MAX_WAITING);
        assert!(all.lock().all.values().all(|one| one.created >= 744));
    }
}
