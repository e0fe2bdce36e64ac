//! The visitor of this request, as handlers see them.

use std::sync::Arc;

use axum::{extract::FromRequestParts, http::request::Parts};
use tower_sessions::Session;

use super::{LiveLogin, OpenedExam, VISITOR, Visitor, logins, visits};
use crate::{
    access::Access,
    error::Failure,
    link::Link,
    reports::{Case, Closure, Verdict},
    sites::Site,
    source::Source,
    state::AppState,
    store::random_name,
};

/// The visitor of this request on this site.
pub struct Current {
    /// The site asked for.
    pub site: Arc<Site>,
    /// The login, if it has not ended, with the exams that may still be seen.
    pub login: Option<LiveLogin>,
    /// Visits of exams that may not be seen any more.
    pub closed: Vec<(u32, Closure)>,
    visitor: Option<Visitor>,
    session: Session,
    state: AppState,
}

impl FromRequestParts<AppState> for Current {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Failure> {
        let site = parts.extensions.get::<Arc<Site>>().cloned().ok_or(Failure::Layer("site"))?;
        let session =
            parts.extensions.get::<Session>().cloned().ok_or(Failure::Layer("session"))?;
        let visitor: Option<Visitor> = session.get(VISITOR).await?;
        // A cookie of another site is no cookie here.
        let visitor = visitor.filter(|visitor| *visitor.site == *site.id);
        let mut current =
            Self { site, login: None, closed: Vec::new(), visitor, session, state: state.clone() };
        current.find_login().await?;
        Ok(current)
    }
}

impl Current {
    /// Looks the login up, and judges each of its exams anew: reports are withdrawn and hidden while
    /// people look at them.
    async fn find_login(&mut self) -> Result<(), Failure> {
        let (state, now) = (&self.state, self.state.clock.seconds());
        self.login = None;
        self.closed.clear();
        let Some(visitor) = &self.visitor else { return Ok(()) };
        let found = logins::find(&state.store, visitor, state.limits, now).await?;
        let Some(mut login) = found else { return Ok(()) };
        let mut open = Vec::with_capacity(login.exams.len());
        for mut exam in std::mem::take(&mut login.exams) {
            match judge_again(state, &self.site, visitor, &exam, now).await? {
                Verdict::Open(studies) => {
                    exam.studies = studies;
                    open.push(exam);
                }
                Verdict::Closed(closure) => self.closed.push((exam.number, closure)),
            }
        }
        login.exams = open;
        self.login = Some(login);
        Ok(())
    }

    /// Why the exam of a visit may not be seen any more.
    #[must_use]
    pub fn closure(&self, number: u32) -> Option<Closure> {
        self.closed.iter().find(|(closed, _)| *closed == number).map(|(_, closure)| *closure)
    }

    /// The browser session as the audit names it: a name that opens nothing.
    #[must_use]
    pub fn trace(&self) -> Option<String> {
        self.visitor.as_ref().map(|visitor| logins::trace(&visitor.id))
    }

    /// Remembers a link under a number, making the visitor known where they are not.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn remember(&mut self, link: &Link) -> Result<u32, Failure> {
        let visitor = match &self.visitor {
            Some(visitor) => visitor.clone(),
            None => self.welcome().await?,
        };
        Ok(visits::remember(&self.state.store, &visitor, link, self.state.clock.seconds()).await?)
    }

    async fn welcome(&mut self) -> Result<Visitor, Failure> {
        let visitor = Visitor { id: random_name(), site: self.site.id.to_string(), login: None };
        self.session.insert(VISITOR, &visitor).await?;
        self.visitor = Some(visitor.clone());
        Ok(visitor)
    }

    /// The link of a visit.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn visit(&self, number: u32) -> Result<Option<Link>, Failure> {
        match &self.visitor {
            Some(visitor) => Ok(visits::find(&self.state.store, visitor, number).await?),
            None => Ok(None),
        }
    }

    /// Grants an exam and gives the session a new identifier, so that a cookie known from before the
    /// login is worth nothing after it.
    ///
    /// # Errors
    /// When the database fails; nothing is granted then.
    pub async fn grant(&mut self, exam: &OpenedExam) -> Result<(), Failure> {
        let mut visitor = self.visitor.clone().ok_or(Failure::Layer("visitor"))?;
        let now = self.state.clock.seconds();
        let login =
            logins::grant(&self.state.store, &visitor, self.login.as_ref(), exam, now).await?;
        visitor.login = Some(login);
        self.session.insert(VISITOR, &visitor).await?;
        self.session.cycle_id().await?;
        self.visitor = Some(visitor);
        Ok(())
    }

    /// The visitor behind the cookie; `None` for somebody who never clicked a link.
    #[must_use]
    pub fn visitor_id(&self) -> Option<&str> {
        self.visitor.as_ref().map(|visitor| visitor.id.as_str())
    }

    /// The name of the login that was found or granted in this request.
    #[must_use]
    pub fn login_id(&self) -> Option<&str> {
        self.visitor.as_ref()?.login.as_deref()
    }

    /// Ends the login and keeps the visitor: somebody else logs in on the same browser.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn end_login(&mut self) -> Result<(), Failure> {
        if let Some(login) = self.login.take() {
            logins::close(&self.state.store, &login.id).await?;
        }
        Ok(())
    }

    /// Whether the visitor was logged in and no longer is.
    #[must_use]
    pub fn login_ended(&self) -> bool {
        self.login.is_none() && self.visitor.as_ref().is_some_and(|visitor| visitor.login.is_some())
    }

    /// Notes activity and reads the login again.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn prolong(&mut self) -> Result<(), Failure> {
        self.touch();
        self.find_login().await
    }

    /// Notes activity of the login.
    pub fn touch(&self) {
        if let Some(login) = &self.login {
            logins::touch(&self.state.store, login, self.state.clock.seconds());
        }
    }

    /// Ends the login and forgets the visitor.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn leave(&mut self) -> Result<(), Failure> {
        if let Some(visitor) = self.visitor.take() {
            if let Some(login) = &visitor.login {
                logins::close(&self.state.store, login).await?;
            }
            visits::forget(&self.state.store, &visitor).await?;
        }
        self.login = None;
        self.session.flush().await?;
        Ok(())
    }

    /// Where the exams of a login come from.
    fn source(&self, login: &LiveLogin) -> Arc<dyn Source> {
        let visitor = self.visitor_id().unwrap_or_default();
        self.state.consultations.source(&self.site, visitor, login)
    }

    /// What image handlers may serve, if anything.
    #[must_use]
    pub fn access(&self) -> Option<Access> {
        let login = self.login.as_ref()?;
        let visits = login.exams.iter().map(|exam| (exam.number, exam.studies.clone())).collect();
        Some(Access {
            site: Arc::clone(&self.site.id),
            login: login.id.as_str().into(),
            source: self.source(login),
            visits,
        })
    }
}

async fn judge_again(
    state: &AppState,
    site: &Site,
    visitor: &Visitor,
    exam: &OpenedExam,
    now: i64,
) -> Result<Verdict, Failure> {
    let bare;
    let link = match &exam.link {
        Some(link) => link,
        None => {
            bare = Link { studies: exam.studies.clone(), ..Link::default() };
            &bare
        }
    };
    if let Some(verdict) =
        state.consultations.judge(link, &site.id, Some(&visitor.id), exam.visitor)
    {
        return Ok(verdict);
    }
    let case = Case { link, visitor: exam.visitor, studies: &exam.studies };
    Ok(state.reports.judge(site, &case, now).await?)
}
