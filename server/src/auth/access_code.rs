//! Access code and birth date: the patient's way in that needs nobody else.
//!
//! Whatever is wrong, the same work is done in the same order (look the exam up, count the try, hash
//! the code, look it up, compare), and the page answers after the same time.

use std::sync::Arc;

use async_trait::async_trait;
use subtle::ConstantTimeEq;

use super::{
    Answer, Granted, Hasher, IdentityProvider, Outcome, Reason, Slip,
    code::AccessCode,
    codes::{self, KnownCode},
    exam_tries::{self, TryLimit},
    parse_birth_date,
};
use crate::{
    clock::Clock,
    config::AccessCodeConfig,
    error::Failure,
    link::{self, Link},
    sites::Site,
    source::ExamFacts,
    store::Store,
};

/// Checks access codes against the server's database.
pub struct AccessCodeProvider {
    store: Store,
    hasher: Arc<Hasher>,
    clock: Clock,
    limit: TryLimit,
}

impl AccessCodeProvider {
    /// Over a database, with the limits of the configuration.
    #[must_use]
    pub fn new(store: Store, hasher: Arc<Hasher>, clock: Clock, config: &AccessCodeConfig) -> Self {
        let limit = TryLimit {
            tries: config.tries.into(),
            lock_seconds: i64::from(config.lock_minutes) * 60,
        };
        Self { store, hasher, clock, limit }
    }

    /// Why not, or the code and the studies it opens here.
    async fn judge(
        &self,
        found: &[ExamFacts],
        locked: bool,
        known: Option<KnownCode>,
        birth_date: &str,
    ) -> Result<Result<Granted, Reason>, Failure> {
        let Some(code) = known else { return Ok(Err(Reason::UnknownCode)) };
        if locked {
            return Ok(Err(Reason::ExamLocked));
        }
        if code.revoked {
            return Ok(Err(Reason::Revoked));
        }
        if code.expires <= self.clock.seconds() {
            return Ok(Err(Reason::Expired));
        }
        if found.is_empty() {
            return Ok(Err(Reason::UnknownExam));
        }
        // Counted before the birth date is looked at, so that many guesses at once do not slip through.
        if codes::count_failure(&self.store.pool, &code.id).await? > self.limit.tries {
            return Ok(Err(Reason::CodeLocked));
        }
        Ok(entitled(found, code, birth_date))
    }
}

/// The studies that the link names, the code opens and the birth date fits.
fn entitled(found: &[ExamFacts], code: KnownCode, birth_date: &str) -> Result<Granted, Reason> {
    let opened: Vec<&ExamFacts> =
        found.iter().filter(|facts| code.studies.contains(&facts.study_instance_uid)).collect();
    if opened.is_empty() {
        return Err(Reason::OtherExam);
    }
    let fits = |facts: &&ExamFacts| {
        let expected = facts.birth_date.as_ref().or(code.birth_date.as_ref());
        expected
            .is_some_and(|expected| bool::from(expected.as_bytes().ct_eq(birth_date.as_bytes())))
    };
    let studies: Vec<String> =
        opened.into_iter().filter(fits).map(|facts| facts.study_instance_uid.clone()).collect();
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
        let found = link::find_exams(site, link).await?;
        let (pool, now) = (&self.store.pool, self.clock.seconds());
        let locked = exam_tries::count(pool, &site.id, link, self.limit, now).await?;
        let hash = self.hasher.hash(&site.id, &code).await?;
        let known = codes::find(pool, &site.id, &hash).await?;
        match self.judge(&found, locked, known, &birth_date).await? {
            Ok(granted) => {
                exam_tries::forget(pool, &site.id, link).await?;
                codes::forget_failures(pool, &granted.subject).await?;
                Ok(Outcome::Granted(granted))
            }
            Err(reason) => Ok(Outcome::Refused(reason)),
        }
    }
}
