//! Access code and birth date: the patient's way in that needs nobody else.
//!
//! Whatever is wrong, the page answers after the same time, and whether the exam exists changes nothing of the
//! work: look it up, count the try, look the code up, compare. A wrong code costs next to nothing, so that a
//! flood of them keeps nobody waiting: see [`super::hash`].

use std::sync::Arc;

use async_trait::async_trait;
use subtle::ConstantTimeEq;

use super::{
    Answer, Granted, Hasher, IdentityProvider, Outcome, Reason, Slip,
    code::AccessCode,
    codes::{self, KnownCode},
    exam_tries::{self, Try, TryLimit},
    parse_birth_date,
};
use crate::{
    clock::Clock,
    config::AccessCodeConfig,
    error::Failure,
    link::Link,
    reports::Reports,
    sites::Site,
    source::{ExamFacts, SourceError},
    store::Store,
};

/// Checks access codes against the server's database.
pub struct AccessCodeProvider {
    store: Store,
    reports: Reports,
    hasher: Arc<Hasher>,
    clock: Clock,
    limit: TryLimit,
}

impl AccessCodeProvider {
    /// Over a database, with the limits of the configuration.
    #[must_use]
    pub fn new(
        store: Store,
        reports: Reports,
        hasher: Arc<Hasher>,
        clock: Clock,
        config: &AccessCodeConfig,
    ) -> Self {
        let limit = TryLimit {
            tries: config.tries.into(),
            lock_seconds: i64::from(config.lock_minutes) * 60,
        };
        Self { store, reports, hasher, clock, limit }
    }

    /// The code, if it is one. Only what may be one waits for its turn to be hashed.
    async fn find_code(
        &self,
        site: &Site,
        code: &AccessCode,
    ) -> Result<Option<KnownCode>, Failure> {
        let pool = &self.store.pool;
        if !codes::may_be_one(pool, &site.id, self.hasher.tag(&site.id, code)).await? {
            return Ok(None);
        }
        let hash = self.hasher.hash(&site.id, code).await?;
        Ok(codes::find(pool, &site.id, &hash).await?)
    }

    /// Why not, or the studies the code opens here.
    async fn judge(&self, case: Case<'_>) -> Result<Result<Granted, Reason>, Failure> {
        let code = match usable(case.code, case.is_locked, self.clock.seconds()) {
            Ok(code) => code,
            Err(reason) => return Ok(Err(reason)),
        };
        if !may_open(&code, case.link) {
            return Ok(Err(Reason::OtherExam));
        }
        // From here on the visitor holds a code for this exam: only they learn that the source is down.
        let found = case.found?;
        if found.is_empty() {
            return Ok(Err(Reason::UnknownExam));
        }
        let opened = found.iter().filter(|facts| code.studies.contains(&facts.study_instance_uid));
        let opened: Vec<&ExamFacts> = opened.collect();
        if opened.is_empty() {
            return Ok(Err(Reason::OtherExam));
        }
        // Counted before the birth date is looked at, so that many guesses at once do not slip through.
        if codes::count_failure(&self.store.pool, &code.id).await? > self.limit.tries {
            return Ok(Err(Reason::CodeLocked));
        }
        Ok(born_on(&opened, code, case.birth_date))
    }
}

/// All that a judgement rests on.
struct Case<'a> {
    link: &'a Link,
    found: Result<Vec<ExamFacts>, SourceError>,
    is_locked: bool,
    code: Option<KnownCode>,
    birth_date: &'a str,
}

/// The code, where it is worth anything now.
fn usable(code: Option<KnownCode>, is_locked: bool, now: i64) -> Result<KnownCode, Reason> {
    let code = code.ok_or(Reason::UnknownCode)?;
    if is_locked {
        return Err(Reason::ExamLocked);
    }
    if code.revoked {
        return Err(Reason::Revoked);
    }
    if code.expires <= now { Err(Reason::Expired) } else { Ok(code) }
}

/// Whether the code opens an exam that the link may mean.
fn may_open(code: &KnownCode, link: &Link) -> bool {
    link.studies.is_empty() || link.studies.iter().any(|study| code.studies.contains(study))
}

/// The studies whose patient was born on that day.
fn born_on(opened: &[&ExamFacts], code: KnownCode, birth_date: &str) -> Result<Granted, Reason> {
    let fits = |facts: &&&ExamFacts| {
        let expected = facts.birth_date.as_ref().or(code.birth_date.as_ref());
        expected
            .is_some_and(|expected| bool::from(expected.as_bytes().ct_eq(birth_date.as_bytes())))
    };
    let studies: Vec<String> =
        opened.iter().filter(fits).map(|facts| facts.study_instance_uid.clone()).collect();
    if studies.is_empty() {
        Err(Reason::BirthDate)
    } else {
        Ok(Granted { subject: code.id, studies })
    }
}

#[async_trait]
impl IdentityProvider for AccessCodeProvider {
    fn name(&self) -> &'static str {
        "code"
    }

    async fn identify(
        &self,
        site: &Site,
        link: &Link,
        answer: &Answer<'_>,
    ) -> Result<Outcome, Failure> {
        let Some(code) = AccessCode::parse(answer.get("code")) else {
            return Ok(Outcome::Slip(Slip::Code));
        };
        let (day, month, year) = (answer.get("jour"), answer.get("mois"), answer.get("annee"));
        let Some(birth_date) = parse_birth_date(day, month, year, self.clock.now().date()) else {
            return Ok(Outcome::Slip(Slip::BirthDate));
        };
        let (pool, now) = (&self.store.pool, self.clock.seconds());
        let found = self.reports.find_exams(site, link, now).await?;
        let by_whom = Try { site: &site.id, link, address: answer.address };
        let is_locked = exam_tries::count(pool, by_whom, self.limit, now).await?;
        let code = self.find_code(site, &code).await?;
        let case = Case { link, found, is_locked, code, birth_date: &birth_date };
        match self.judge(case).await {
            Ok(Ok(granted)) => {
                exam_tries::forget(pool, by_whom).await?;
                codes::forget_failures(pool, &granted.subject).await?;
                Ok(Outcome::Granted(granted))
            }
            Ok(Err(reason)) => Ok(Outcome::Refused(reason)),
            Err(failure) => {
                // Our fault, not a wrong try.
                exam_tries::forget(pool, by_whom).await?;
                Err(failure)
            }
        }
    }
}
