//! The fields of the contextual call: which patient, and that the patient agreed. What the software of a practice sends to
//! its box of the network, as a form.

use thiserror::Error;

use super::patient::Identity;

/// The fields that must be there.
const NEEDED: [&str; 10] = [
    "Patient.identifier.value",
    "Patient.identifier.system",
    "Patient.name.family",
    "Patient.name.given",
    "Patient.gender",
    "Patient.birthDate",
    "Address.district",
    "InformationEtConsentement",
    "PatientID",
    "PatientIDIssuer",
];
/// The field that may be there.
const OPTIONAL: &str = "Situation";
/// Characters of one value.
const MAX_VALUE: usize = 256;
/// Characters that are repeated of a field nobody knows.
const MAX_NAME: usize = 64;

/// Why a call is refused: names the field, never a value.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CallError {
    /// A field that does not exist.
    #[error("unknown field {0}")]
    Unknown(String),
    /// A field that must be there.
    #[error("missing field {0}")]
    Missing(&'static str),
    /// A field without value.
    #[error("empty field {0}")]
    Empty(&'static str),
    /// A field that came twice.
    #[error("field {0} given twice")]
    Twice(&'static str),
    /// A value that cannot be one.
    #[error("malformed field {0}")]
    Malformed(&'static str),
    /// The patient did not agree.
    #[error("no consent of the patient")]
    NoConsent,
}

impl CallError {
    /// Its name in the catalogue, in answers and in the audit.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Unknown(_) => "unknown_field",
            Self::Missing(_) => "missing_field",
            Self::Empty(_) => "empty_field",
            Self::Twice(_) => "repeated_field",
            Self::Malformed(_) => "malformed_field",
            Self::NoConsent => "no_consent",
        }
    }

    /// The field it is about.
    #[must_use]
    pub fn field(&self) -> &str {
        match self {
            Self::Unknown(name) => name,
            Self::Missing(name) | Self::Empty(name) | Self::Twice(name) | Self::Malformed(name) => {
                name
            }
            Self::NoConsent => "InformationEtConsentement",
        }
    }
}

/// Reads the fields of a form. Names are compared without regard to case: links of reports are seen in several, too.
///
/// # Errors
/// [`CallError`] for the first field that is wrong.
pub fn read(fields: &[(String, String)]) -> Result<Identity, CallError> {
    let known = || NEEDED.into_iter().chain([OPTIONAL]);
    let mut values: Vec<(&'static str, &str)> = Vec::new();
    for (name, value) in fields {
        let known = known().find(|known| known.eq_ignore_ascii_case(name));
        let name = known.ok_or_else(|| CallError::Unknown(printable(name)))?;
        let value = value.trim();
        if value.is_empty() {
            return Err(CallError::Empty(name));
        }
        if value.chars().count() > MAX_VALUE || value.chars().any(char::is_control) {
            return Err(CallError::Malformed(name));
        }
        if values.iter().any(|(before, _)| *before == name) {
            return Err(CallError::Twice(name));
        }
        values.push((name, value));
    }
    let get = |name: &'static str| {
        let found = values.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| *value).ok_or(CallError::Missing(name))
    };
    for name in NEEDED {
        get(name)?;
    }
    consent(get("InformationEtConsentement")?)?;
    let authority = get("Patient.identifier.system")?;
    Ok(Identity {
        id: get("Patient.identifier.value")?.to_owned(),
        authority: authority.strip_prefix("urn:oid:").unwrap_or(authority).to_owned(),
        birth_name: get("Patient.name.family")?.to_owned(),
        given_names: get("Patient.name.given")?.to_owned(),
        birth_date: Some(birth_date(get("Patient.birthDate")?)?),
        sex: sex(get("Patient.gender")?)?,
        others: vec![get("PatientID")?.to_owned()],
    })
}

/// What the field holds is not laid down in anything that is published: plain words for yes and no.
fn consent(value: &str) -> Result<(), CallError> {
    match value.to_ascii_lowercase().as_str() {
        "true" | "1" | "oui" | "o" | "yes" | "y" => Ok(()),
        "false" | "0" | "non" | "n" | "no" => Err(CallError::NoConsent),
        _ => Err(CallError::Malformed("InformationEtConsentement")),
    }
}

/// `YYYY-MM-DD` as in FHIR, or `YYYYMMDD`.
fn birth_date(value: &str) -> Result<String, CallError> {
    let wrong = CallError::Malformed("Patient.birthDate");
    let is_dated =
        value.len() == 10 && value.is_ascii() && value[4..5] == *"-" && value[7..8] == *"-";
    let digits = if is_dated { value.replace('-', "") } else { value.to_owned() };
    let format = time::macros::format_description!("[year][month][day]");
    match time::Date::parse(&digits, format) {
        Ok(_) if digits.len() == 8 => Ok(digits),
        _ => Err(wrong),
    }
}

/// FHIR's codes.
fn sex(value: &str) -> Result<Option<String>, CallError> {
    Ok(match value.to_ascii_lowercase().as_str() {
        "male" | "m" => Some("M".to_owned()),
        "female" | "f" => Some("F".to_owned()),
        "other" => Some("O".to_owned()),
        "unknown" => None,
        _ => return Err(CallError::Malformed("Patient.gender")),
    })
}

fn printable(name: &str) -> String {
    name.chars()
        .filter(|letter| letter.is_ascii_graphic() && *letter != '<')
        .take(MAX_NAME)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form() -> Vec<(String, String)> {
        [
            ("Patient.identifier.value", "274031234567890"),
            ("Patient.identifier.system", "urn:oid:1.2.250.1.213.1.4.8"),
            ("Patient.name.family", "LEFEVRE"),
            ("Patient.name.given", "ANNE-MARIE"),
            ("Patient.gender", "female"),
            ("Patient.birthDate", "1974-03-12"),
            ("Address.district", "51215"),
            ("InformationEtConsentement", "true"),
            ("PatientID", "IPP7"),
            ("PatientIDIssuer", "HOPITAL&1.2.3&ISO"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec()
    }

    fn with(name: &str, value: &str) -> Result<Identity, CallError> {
        let mut form = form();
        form.iter_mut()
            .filter(|(known, _)| known == name)
            .for_each(|(_, old)| *old = value.to_owned());
        read(&form)
    }

    #[test]
    fn a_call_says_whose_exams_are_looked_for() {
        let identity = read(&form()).unwrap();
        assert_eq!(identity.authority, "1.2.250.1.213.1.4.8");
        assert_eq!(identity.birth_date.as_deref(), Some("19740312"));
        assert_eq!(identity.sex.as_deref(), Some("F"));
        assert_eq!(identity.others, ["IPP7"]);
        assert_eq!(with("Patient.birthDate", "19740312").unwrap(), identity);
        let mut lower: Vec<_> =
            form().into_iter().map(|(name, value)| (name.to_lowercase(), value)).collect();
        lower.push(("situation".to_owned(), "1".to_owned()));
        assert_eq!(read(&lower).unwrap(), identity);
    }

    #[test]
    fn every_field_that_is_wrong_is_named() {
        for place in 0..NEEDED.len() {
            let mut without = form();
            let (name, _) = without.remove(place);
            assert_eq!(read(&without), Err(CallError::Missing(NEEDED[place])), "{name}");
            assert_eq!(with(&name, " "), Err(CallError::Empty(NEEDED[place])));
            assert_eq!(with(&name, "a\u{0}b"), Err(CallError::Malformed(NEEDED[place])));
            let mut twice = form();
            twice.push(twice[place].clone());
            assert_eq!(read(&twice), Err(CallError::Twice(NEEDED[place])));
        }
        let mut unknown = form();
        unknown.push(("Patient.<b>\r\nname".to_owned(), "x".to_owned()));
        assert_eq!(read(&unknown), Err(CallError::Unknown("Patient.b>name".to_owned())));
        for (name, value) in [
            ("Patient.birthDate", "1974-13-12"),
            ("Patient.birthDate", "12/03/1974"),
            ("Patient.birthDate", "+0974-3-1"),
            ("Patient.birthDate", "é974-03-1"),
            ("Patient.gender", "woman"),
            ("InformationEtConsentement", "peut-être"),
        ] {
            assert!(
                matches!(with(name, value), Err(CallError::Malformed(field)) if field == name),
                "{value}"
            );
        }
        assert_eq!(with("InformationEtConsentement", "non"), Err(CallError::NoConsent));
    }
}
