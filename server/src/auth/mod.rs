//! Ways to prove who one is: one trait, each site offers some of its implementations.
//!
//! A provider never opens a session and never shows a page. It is handed what the visitor sent back
//! and the exam asked for, and says which studies this person may see, or why not. Everything after
//! that is the same for all of them.

mod access_code;
mod address_limit;
mod birth_date;
pub mod code;
pub mod codes;
mod exam_tries;
mod hash;
pub mod identity_match;
pub mod oidc;

use std::net::IpAddr;

use async_trait::async_trait;

pub(crate) use self::exam_tries::prune as prune_tries;
pub use self::{
    access_code::AccessCodeProvider,
    address_limit::AddressLimit,
    birth_date::parse_birth_date,
    hash::{CodeHash, Hasher},
};
use crate::{error::Failure, link::Link, reports::VisitorKind, sites::Site};

/// What the visitor sent back: fields of a form, or the parameters of a provider's callback.
pub struct Answer<'a> {
    fields: &'a [(String, String)],
    /// Neighbourhood it comes from ([`crate::client::Client::neighbourhood`]).
    pub address: IpAddr,
}

impl<'a> Answer<'a> {
    /// Of decoded fields.
    #[must_use]
    pub const fn new(fields: &'a [(String, String)], address: IpAddr) -> Self {
        Self { fields, address }
    }

    /// The first value of a field; empty where it is missing.
    #[must_use]
    pub fn get(&self, name: &str) -> &'a str {
        self.fields.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.as_str())
    }
}

/// Who may see what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Granted {
    /// Who, for the audit: never a secret, never a name.
    pub subject: String,
    /// Study Instance UIDs, at least one, each named by the link.
    pub studies: Vec<String>,
}

/// What a provider found.
#[derive(Debug)]
pub enum Outcome {
    /// Proven, and entitled.
    Granted(Granted),
    /// Not. The visitor is never told why; the audit is.
    Refused(Reason),
    /// Could not have been right: a slip of the pen, not a try. The visitor is told which field.
    Slip(Slip),
}

/// Why somebody was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The source has no such exam, or the link contradicts it.
    UnknownExam,
    /// No such code on this site.
    UnknownCode,
    /// The code is for another exam.
    OtherExam,
    /// The code is too old.
    Expired,
    /// The code was withdrawn.
    Revoked,
    /// Right code, other birth date.
    BirthDate,
    /// Too many tries on this exam from this neighbourhood.
    ExamLocked,
    /// Too many wrong birth dates with this code.
    CodeLocked,
    /// The proven identity is not the patient's.
    OtherPatient,
    /// The proven identity may or may not be the patient's.
    PatientUndecided,
    /// A professional without any practice.
    NoPractice,
    /// A professional of a profession that is not let in.
    Profession,
}

impl Reason {
    /// As the audit writes it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::UnknownExam => "unknown_exam",
            Self::UnknownCode => "unknown_code",
            Self::OtherExam => "other_exam",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
            Self::BirthDate => "birth_date",
            Self::ExamLocked => "exam_locked",
            Self::CodeLocked => "code_locked",
            Self::OtherPatient => "other_patient",
            Self::PatientUndecided => "patient_undecided",
            Self::NoPractice => "no_practice",
            Self::Profession => "profession",
        }
    }
}

/// Which field cannot be right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slip {
    /// The code misses characters, or its check character does not fit.
    Code,
    /// Not a date in the past.
    BirthDate,
}

/// A way to prove who one is.
#[async_trait]
pub trait IdentityProvider: Send + Sync {
    /// Its name in addresses: the form posts to `/entree/{n}/{name}`.
    fn name(&self) -> &'static str;

    /// As whom it lets people in: who may see a report depends on it.
    fn visitor(&self) -> VisitorKind {
        VisitorKind::Patient
    }

    /// Judges an answer about the exam of `link` on `site`.
    async fn identify(
        &self,
        site: &Site,
        link: &Link,
        answer: &Answer<'_>,
    ) -> Result<Outcome, Failure>;
}
