//! What differs between two patients, trait by trait: images of two people beside each other harm both.

use crate::exam::Patient;

/// A trait that tells who somebody is (PS3.3 C.7.1.1, and the strict traits of the French national identity).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trait {
    /// Birth (family) name.
    BirthName,
    /// Given names.
    GivenNames,
    /// Birth date.
    BirthDate,
    /// Sex.
    Sex,
    /// Patient ID.
    PatientId,
}

impl Trait {
    /// Every trait, in the order in which people name them.
    pub const ALL: [Self; 5] =
        [Self::BirthName, Self::GivenNames, Self::BirthDate, Self::Sex, Self::PatientId];

    /// Key of its name, under `compare.trait_…`.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::BirthName => "birth_name",
            Self::GivenNames => "given_names",
            Self::BirthDate => "birth_date",
            Self::Sex => "sex",
            Self::PatientId => "patient_id",
        }
    }

    /// What a file says of it; empty where it says nothing.
    #[must_use]
    pub fn of(self, patient: &Patient) -> &str {
        match self {
            Self::BirthName => &patient.birth_name,
            Self::GivenNames => &patient.given_names,
            Self::BirthDate => patient.birth_date.as_deref().unwrap_or(""),
            Self::Sex => patient.sex.as_deref().unwrap_or(""),
            Self::PatientId => &patient.patient_id,
        }
    }
}

/// The traits in which two patients differ. Capitals and spaces tell nobody apart; accents, hyphens and a value
/// that one of them lacks may, and count.
#[must_use]
pub fn differing(one: &Patient, other: &Patient) -> Vec<Trait> {
    let differs = |of: &Trait| {
        let [one, other] = [one, other].map(|patient| of.of(patient));
        match of {
            Trait::BirthName | Trait::GivenNames => plain(one) != plain(other),
            _ => one.trim() != other.trim(),
        }
    };
    Trait::ALL.into_iter().filter(differs).collect()
}

fn plain(name: &str) -> String {
    name.split_whitespace().collect::<Vec<_>>().join(" ").to_uppercase()
}
