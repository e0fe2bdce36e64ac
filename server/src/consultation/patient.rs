//! Whose exam a manifest lists, and whether two documents are about the same person.

use serde::Serialize;
use serde_json::Value;
use viewer_core::exam::Patient;

use crate::{
    auth::identity_match::names::normalise,
    reports::kos::{date, items, text},
};

/// The patient of a manifest.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Identity {
    /// Patient ID (0010,0020): the INS in the network's manifests.
    pub id: String,
    /// Who gave it: an OID where one is stated, else the name of the issuer; may be empty.
    pub authority: String,
    /// Family name at birth, as written.
    pub birth_name: String,
    /// Given names, as written.
    pub given_names: String,
    /// `YYYYMMDD`.
    pub birth_date: Option<String>,
    /// `M`, `F` or `O`.
    pub sex: Option<String>,
    /// Other names and identifiers by which images may know the patient.
    #[serde(skip)]
    pub others: Vec<String>,
}

impl Identity {
    /// Of a data set as DICOM JSON.
    pub(super) fn read(object: &Value) -> Self {
        let name = name(object, "00100010").unwrap_or_default();
        let (family, given) = name.split_once('^').unwrap_or((&name, ""));
        let other_ids = items(object, "00101002").filter_map(|item| text(item, "00100020"));
        let other_names =
            ["00101001", "00101005"].into_iter().filter_map(|tag| self::name(object, tag));
        let qualifier = items(object, "00100024").find_map(|item| text(item, "00400032"));
        Self {
            id: text(object, "00100020").unwrap_or_default().to_owned(),
            authority: qualifier
                .or_else(|| text(object, "00100021"))
                .unwrap_or_default()
                .to_owned(),
            birth_name: family.trim().to_owned(),
            given_names: given.split('^').next().unwrap_or_default().trim().to_owned(),
            birth_date: text(object, "00100030").and_then(date),
            sex: text(object, "00100040")
                .filter(|sex| ["M", "F", "O"].contains(sex))
                .map(str::to_owned),
            others: other_ids.map(str::to_owned).chain(other_names).collect(),
        }
    }

    /// Enough to tell somebody from somebody else.
    pub(super) fn is_somebody(&self) -> bool {
        !self.birth_name.is_empty() && self.birth_date.is_some()
    }

    /// Whether two documents are about one person. By the identifier where the same authority gave both, and then the
    /// birth date must agree too; else by name, first name, birth date and sex, none of which may be missing.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        let dates_agree = self.birth_date.is_some() && self.birth_date == other.birth_date;
        let both = |one: &str, two: &str| !one.is_empty() && !two.is_empty();
        let has_one_authority = both(&self.authority, &other.authority)
            && self.authority.eq_ignore_ascii_case(&other.authority);
        if has_one_authority && both(&self.id, &other.id) {
            return self.id == other.id && dates_agree;
        }
        let agree = |one: &str, two: &str| both(one, two) && normalise(one) == normalise(two);
        dates_agree
            && agree(&self.birth_name, &other.birth_name)
            && agree(first(&self.given_names), first(&other.given_names))
            && self.sex.is_some()
            && self.sex == other.sex
    }

    /// Whether an image can be of this patient. Archives know patients by their own identifiers and by names in use, so
    /// only a contradiction counts, and an image that tells nothing of its patient.
    #[must_use]
    pub fn may_be(&self, image: &Patient) -> bool {
        let differ = |one: &Option<String>, two: &Option<String>| matches!((one, two), (Some(one), Some(two)) if one != two);
        if differ(&self.birth_date, &image.birth_date) {
            return false;
        }
        let sexes = [&self.sex, &image.sex].map(|sex| sex.as_deref().filter(|sex| *sex != "O"));
        if matches!(sexes, [Some(one), Some(two)] if one != two) {
            return false;
        }
        let id = image.patient_id.trim();
        if !id.is_empty() && (id == self.id || self.others.iter().any(|other| other == id)) {
            return true;
        }
        let words = |text: &str| normalise(text).split(' ').map(str::to_owned).collect::<Vec<_>>();
        let family = words(&image.birth_name);
        let mut known = words(&self.birth_name);
        known.extend(self.others.iter().flat_map(|other| words(other)));
        family.iter().any(|word| !word.is_empty() && known.contains(word))
    }
}

fn first(given_names: &str) -> &str {
    given_names.split([' ', ',']).next().unwrap_or_default()
}

fn name(object: &Value, tag: &str) -> Option<String> {
    let value = object.get(tag)?.get("Value")?.get(0)?;
    let name = value.get("Alphabetic").unwrap_or(value).as_str()?;
    let name = name.trim_matches(|mark: char| mark == '\0' || mark == '^' || mark.is_whitespace());
    (!name.is_empty()).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn somebody() -> Identity {
        Identity {
            id: "274031234567890".to_owned(),
            authority: "1.2.250.1.213.1.4.8".to_owned(),
            birth_name: "LEFEVRE".to_owned(),
            given_names: "ANNE-MARIE".to_owned(),
            birth_date: Some("19740312".to_owned()),
            sex: Some("F".to_owned()),
            others: vec!["DURAND^ANNE".to_owned(), "IPP7".to_owned()],
        }
    }

    #[test]
    fn one_identifier_and_one_birth_date_are_one_person() {
        let one = somebody();
        assert!(one.is_same(&one));
        let renamed = Identity { birth_name: "LEFÈVRE DURAND".to_owned(), ..somebody() };
        assert!(one.is_same(&renamed));
        for other in [
            Identity { id: "274031234567891".to_owned(), ..somebody() },
            Identity { birth_date: Some("19740313".to_owned()), ..somebody() },
            Identity { birth_date: None, ..somebody() },
        ] {
            assert!(!one.is_same(&other), "{other:?}");
        }
    }

    #[test]
    fn without_a_common_authority_every_trait_must_agree() {
        let one = somebody();
        let elsewhere =
            || Identity { id: "9".to_owned(), authority: "PACS".to_owned(), ..somebody() };
        assert!(one.is_same(&elsewhere()));
        assert!(one.is_same(&Identity { birth_name: "Lefèvre".to_owned(), ..elsewhere() }));
        for other in [
            Identity { birth_name: "LEFEBVRE".to_owned(), ..elsewhere() },
            Identity { given_names: "ANNE".to_owned(), ..elsewhere() },
            Identity { given_names: String::new(), ..elsewhere() },
            Identity { sex: None, ..elsewhere() },
            Identity { sex: Some("M".to_owned()), ..elsewhere() },
        ] {
            assert!(!one.is_same(&other), "{other:?}");
        }
    }

    #[test]
    fn images_of_somebody_else_are_told_by_what_contradicts() {
        let image = |name: &str, born: Option<&str>, sex: Option<&str>, id: &str| Patient {
            birth_name: name.to_owned(),
            birth_date: born.map(str::to_owned),
            sex: sex.map(str::to_owned),
            patient_id: id.to_owned(),
            ..Patient::default()
        };
        let (born, one) = (Some("19740312"), somebody());
        for same in [
            image("LEFEVRE", born, Some("F"), "anything"),
            image("Durand", None, None, ""),
            image("LEFÈVRE-DURAND", born, Some("O"), ""),
            image("", born, None, "274031234567890"),
            image("X", None, None, "IPP7"),
        ] {
            assert!(one.may_be(&same), "{same:?}");
        }
        for other in [
            image("LEFEVRE", Some("19740313"), Some("F"), "274031234567890"),
            image("LEFEVRE", born, Some("M"), ""),
            image("MARTIN", born, Some("F"), "7"),
            image("", None, None, ""),
        ] {
            assert!(!one.may_be(&other), "{other:?}");
        }
    }
}
