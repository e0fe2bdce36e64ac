//! Professionals: who they are and in which situations they practise, from Pro Santé Connect's claims.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// More than anybody practises in; the claims come from outside.
const MAX_SITUATIONS: usize = 64;
/// Characters kept of any text.
const MAX_TEXT: usize = 200;

/// One "situation d'exercice": a profession, practised somewhere.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Situation {
    /// Code of the profession (TRE_G15).
    pub profession: String,
    /// Code of the speciality, may be empty.
    pub speciality: String,
    /// Name of the place, may be empty.
    pub place: String,
    /// Identifier of the place, may be empty.
    pub place_id: String,
}

/// A professional.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Professional {
    /// National identifier (RPPS or other): for the audit.
    pub national_id: String,
    /// Situations, in the order given, without repeats.
    pub situations: Vec<Situation>,
}

impl Professional {
    /// Reads the claims; `None` without national identifier.
    #[must_use]
    pub fn from_claims(claims: &Map<String, Value>) -> Option<Self> {
        let id = |name| claims.get(name).and_then(Value::as_str).filter(|id| is_id(id));
        let national_id = id("SubjectNameID").or_else(|| id("preferred_username"))?.to_owned();
        let mut situations = Vec::new();
        for practice in
            list(claims.get("SubjectRefPro").and_then(|ref_pro| ref_pro.get("exercices")))
        {
            for situation in situations_of(practice) {
                if situations.len() < MAX_SITUATIONS && !situations.contains(&situation) {
                    situations.push(situation);
                }
            }
        }
        Some(Self { national_id, situations })
    }

    /// Those of the situations whose profession is let in; an empty list lets all in.
    #[must_use]
    pub fn admitted(&self, professions: &[String]) -> Vec<Situation> {
        let is_admitted = |situation: &&Situation| {
            professions.is_empty() || professions.contains(&situation.profession)
        };
        self.situations.iter().filter(is_admitted).cloned().collect()
    }
}

impl Situation {
    /// As the audit writes it: codes and identifiers.
    #[must_use]
    pub fn for_audit(&self) -> String {
        let Self { profession, speciality, place_id, .. } = self;
        format!("profession={profession} speciality={speciality} place={place_id}")
    }
}

/// A practice without place is a situation too.
fn situations_of(practice: &Value) -> Vec<Situation> {
    let base = Situation {
        profession: text(practice.get("codeProfession")),
        speciality: text(practice.get("codeSavoirFaire")),
        ..Situation::default()
    };
    if base.profession.is_empty() {
        return Vec::new();
    }
    let at = |activity: &Value| {
        let ids = ["identifiantTechniqueDeLaStructure", "numeroFinessSite", "numeroSiretSite"];
        let place_id =
            ids.into_iter().map(|name| text(activity.get(name))).find(|id| !id.is_empty());
        Situation {
            place: text(activity.get("raisonSocialeSite")),
            place_id: place_id.unwrap_or_default(),
            ..base.clone()
        }
    };
    let places: Vec<Situation> = list(practice.get("activities")).iter().map(at).collect();
    if places.is_empty() { vec![base] } else { places }
}

fn list(value: Option<&Value>) -> &[Value] {
    value.and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn text(value: Option<&Value>) -> String {
    let text = value.and_then(Value::as_str).unwrap_or_default().trim();
    text.chars().filter(|letter| !letter.is_control()).take(MAX_TEXT).collect()
}

/// National identifiers are letters and digits; anything else would be somebody's try to write elsewhere.
pub(super) fn is_id(id: &str) -> bool {
    (1..=64).contains(&id.len())
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-./_".contains(&byte))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn professional(claims: &Value) -> Option<Professional> {
        Professional::from_claims(claims.as_object().unwrap())
    }

    fn practice(profession: &str, places: &[&str]) -> Value {
        let activity = |name: &&str| json!({ "raisonSocialeSite": name, "numeroFinessSite": name });
        let activities: Vec<Value> = places.iter().map(activity).collect();
        json!({ "codeProfession": profession, "codeSavoirFaire": "", "activities": activities })
    }

    fn with(practices: &[Value]) -> Value {
        json!({ "SubjectNameID": "899700000001", "SubjectRefPro": { "exercices": practices } })
    }

    #[test]
    fn item_17_no_practice_is_no_situation() {
        for claims in [
            with(&[]),
            json!({ "SubjectNameID": "899700000001" }),
            json!({ "preferred_username": "899700000001", "SubjectRefPro": "" }),
            with(&[practice("", &["Clinique"])]),
        ] {
            assert_eq!(professional(&claims).unwrap().situations, [], "{claims}");
        }
    }

    #[test]
    fn item_18_every_place_of_every_practice_is_a_situation() {
        let claims = with(&[practice("10", &["A", "B", "A"]), practice("60", &[])]);
        let found = professional(&claims).unwrap().situations;
        let told: Vec<_> = found
            .iter()
            .map(|found| (found.profession.as_str(), found.place_id.as_str()))
            .collect();
        assert_eq!(told, [("10", "A"), ("10", "B"), ("60", "")]);
        let many: Vec<String> = (0..1000).map(|number| number.to_string()).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        let found = professional(&with(&[practice("10", &many)])).unwrap().situations;
        assert_eq!(found.len(), MAX_SITUATIONS);
    }

    #[test]
    fn item_19_only_the_professions_of_the_list() {
        let known = professional(&with(&[practice("10", &["A"]), practice("80", &["B"])])).unwrap();
        assert_eq!(known.admitted(&[]).len(), 2);
        assert_eq!(known.admitted(&["10".to_owned()])[0].place, "A");
        assert_eq!(known.admitted(&["21".to_owned()]), []);
    }

    #[test]
    fn item_61_an_identifier_cannot_carry_anything_else() {
        for id in ["", "8997\n00", "a b", "<b>", &"9".repeat(65)] {
            assert_eq!(professional(&json!({ "SubjectNameID": id })), None, "{id}");
        }
        let claims = with(&[practice("10", &["Cli\u{202e}nique\r\nX"])]);
        assert!(!professional(&claims).unwrap().situations[0].place.contains(['\r', '\n']));
    }
}
