//! What the free text of a manifest says of its series (113012 "Key Object Description"): in the network's manifests it is
//! the only place for a modality and a description.

use std::collections::HashMap;

use crate::source::is_uid;

/// Characters kept of a description.
const MAX_DESCRIPTION: usize = 256;

/// Modality and description of one series.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Words {
    pub(super) modality: String,
    pub(super) description: String,
}

/// What was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Described {
    /// `Examen : …`
    pub(super) exam: String,
    /// By Series Instance UID.
    pub(super) series: HashMap<String, Words>,
}

/// Reads `Examen : … / Acte = … / Série-<uid> : <modality> @ : <description>`, in lines or separated by slashes. What
/// does not look like that is passed over.
pub(super) fn read(text: &str) -> Described {
    let mut found = Described::default();
    for (start, _) in text.match_indices("rie-") {
        let rest = &text[start + "rie-".len()..];
        let end =
            rest.find(|mark: char| !mark.is_ascii_digit() && mark != '.').unwrap_or(rest.len());
        let (uid, rest) = rest.split_at(end);
        if is_uid(uid) {
            found.series.entry(uid.to_owned()).or_insert_with(|| words(rest));
        }
    }
    if let Some((_, rest)) = text.split_once("Examen") {
        found.exam = clean(rest.split(['\n', '\r', '/']).next().unwrap_or_default());
    }
    found
}

fn words(rest: &str) -> Words {
    // Until the end of the line, or the next series on the same one.
    let line = rest.split(['\n', '\r']).next().unwrap_or_default();
    let next =
        ["/ Série-", "/Série-", "Série-", "Serie-"].iter().filter_map(|mark| line.find(mark)).min();
    let line = &line[..next.unwrap_or(line.len())];
    match line.split_once('@') {
        Some((modality, description)) => {
            Words { modality: modality_of(modality), description: clean(description) }
        }
        None => Words { modality: modality_of(line), description: String::new() },
    }
}

/// A code string (PS3.5 6.2), or nothing.
fn modality_of(text: &str) -> String {
    let code = clean(text);
    let is_code = code.len() <= 16
        && code
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_');
    if is_code { code } else { String::new() }
}

fn clean(text: &str) -> String {
    let text = text.trim().trim_start_matches([':', '=']).trim().trim_end_matches('/').trim();
    text.chars().filter(|letter| !letter.is_control()).take(MAX_DESCRIPTION).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is(text: &str, uid: &str) -> (String, String) {
        let words = read(text).series.remove(uid).unwrap_or_default();
        (words.modality, words.description)
    }

    #[test]
    fn lines_and_slashes_separate() {
        for text in [
            "Examen : TDM thorax\nActe = ZBQK001\nSérie-1.2.3 : CT @ : Axial 1 mm / parenchyme\nSérie-1.2.4 : SR @ : Dose\n",
            "Examen : TDM thorax / Acte = ZBQK001 / Série-1.2.3 : CT @ : Axial 1 mm / parenchyme / Série-1.2.4 : SR @ : Dose",
            "Examen : TDM thorax\r\nSerie-1.2.3: CT@:Axial 1 mm / parenchyme\r\nSerie-1.2.4 :SR @: Dose ",
        ] {
            assert_eq!(read(text).exam, "TDM thorax", "{text}");
            let expected = ("CT".to_owned(), "Axial 1 mm / parenchyme".to_owned());
            assert_eq!(is(text, "1.2.3"), expected, "{text}");
            assert_eq!(is(text, "1.2.4"), ("SR".to_owned(), "Dose".to_owned()), "{text}");
        }
    }

    #[test]
    fn what_is_no_description_says_nothing() {
        for text in
            ["", "Série-", "Série- : CT @ : x", "Série-abc : CT", "rie-1..2", "@ : x", "Examen"]
        {
            let found = read(text);
            assert!(found.exam.is_empty(), "{text}");
            assert!(
                found.series.values().all(|words| *words == Words::default()),
                "{text}: {found:?}"
            );
        }
        assert_eq!(
            is("Série-1.2 : <b>x</b> @ : <i>y\u{7}</i>", "1.2"),
            (String::new(), "<i>y</i>".to_owned())
        );
        let long = format!("Série-1.2 : CT @ : {}", "é".repeat(5000));
        assert_eq!(is(&long, "1.2").1.chars().count(), MAX_DESCRIPTION);
    }
}
