//! Whether a person who proved their civil identity is the patient of one exam.
//!
//! Never a search: the link names the exam, this compares two identities. What is missing or cannot be
//! told apart is [`Verdict::Undecided`], which opens nothing; the words to the visitor are the same as for
//! [`Verdict::No`].

mod birth_date;
pub(crate) mod names;

use self::names::Likeness;

/// `birthcountry` of France in the INSEE code of countries: only then is a birth place code given.
const FRANCE: &str = "99100";

/// The civil identity as the identity provider proved it (FranceConnect's pivot identity).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proven {
    /// Birth name.
    pub family_name: String,
    /// Given names in the order of the birth certificate; a composed one is one entry.
    pub given_names: Vec<String>,
    /// `YYYY-MM-DD`; `YYYY-MM` or `YYYY` where the rest is unknown.
    pub birth_date: String,
    /// `female` or `male`.
    pub gender: String,
    /// INSEE code of the commune, empty where born abroad.
    pub birth_place: String,
    /// INSEE code of the country.
    pub birth_country: String,
}

/// The patient as the exam has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recorded {
    /// Family name at birth; the name in use where the images hold no other.
    pub birth_name: String,
    /// Given names.
    pub given_names: String,
    /// `YYYYMMDD`.
    pub birth_date: Option<String>,
    /// `F`, `M` or `O`.
    pub sex: Option<String>,
    /// INSEE code of the commune or country, where the source tells it.
    pub birth_place: Option<String>,
}

/// What a comparison found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The same person as far as the traits tell.
    Match,
    /// Another person.
    No,
    /// A trait is missing, presumed or ambiguous.
    Undecided,
}

impl Verdict {
    /// One contradiction is enough for [`Verdict::No`], one doubt for [`Verdict::Undecided`].
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::No, _) | (_, Self::No) => Self::No,
            (Self::Undecided, _) | (_, Self::Undecided) => Self::Undecided,
            _ => Self::Match,
        }
    }
}

impl From<Likeness> for Verdict {
    fn from(likeness: Likeness) -> Self {
        match likeness {
            Likeness::Same => Self::Match,
            Likeness::Other => Self::No,
            Likeness::Unclear => Self::Undecided,
        }
    }
}

/// Compares the five traits.
#[must_use]
pub fn compare(proven: &Proven, recorded: &Recorded) -> Verdict {
    let place = birth_place(proven, recorded);
    let family = names::family(&proven.family_name, &recorded.birth_name);
    let given = names::first_given(&proven.given_names, &recorded.given_names);
    sex(&proven.gender, recorded.sex.as_deref())
        .and(birth_date::compare(
            &proven.birth_date,
            recorded.birth_date.as_deref(),
            place == Some(true),
        ))
        .and(family.into())
        .and(given.into())
        .and(if place == Some(false) { Verdict::No } else { Verdict::Match })
}

fn sex(gender: &str, recorded: Option<&str>) -> Verdict {
    match (gender, recorded) {
        ("female", Some("F")) | ("male", Some("M")) => Verdict::Match,
        ("female", Some("M")) | ("male", Some("F")) => Verdict::No,
        _ => Verdict::Undecided,
    }
}

/// Whether the places agree; `None` where one side has none. Abroad, the country stands for the commune.
fn birth_place(proven: &Proven, recorded: &Recorded) -> Option<bool> {
    let born_in_france = proven.birth_country == FRANCE || proven.birth_country.is_empty();
    let code = if born_in_france { &proven.birth_place } else { &proven.birth_country };
    let known = recorded.birth_place.as_deref().map(str::trim).filter(|place| !place.is_empty())?;
    (!code.is_empty()).then(|| code.trim().eq_ignore_ascii_case(known))
}

#[cfg(test)]
mod tests;
