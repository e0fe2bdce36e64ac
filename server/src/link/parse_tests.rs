//! Golden tables: links as they are printed, mangled, and wrong.

use proptest::prelude::*;

use super::*;

const STUDY: &str = "1.2.250.1.213.4.5.2.1.199";
const ROOT: &str = "1.2.250.1.925.994044785528.27";

fn one_study() -> Link {
    Link {
        studies: vec![STUDY.to_owned()],
        accession: Some(Accession::parse("1.2.250.1.925.994044785528.27.ACN103").unwrap()),
        report: Some(ReportId { id: "1.2.250.1.213.4.5.4.403".to_owned(), version: None }),
        consultation: None,
    }
}

/// All of these are the same link.
#[test]
fn mangled_links_are_understood() {
    let usual = format!(
        "requestType=STUDY&studyUID={STUDY}&Accessionnumber={ROOT}.ACN103&idCDA=1.2.250.1.213.4.5.4.403"
    );
    let table: &[(&str, String)] = &[
        ("as printed", usual.clone()),
        ("accessionNumber", usual.replace("Accessionnumber", "accessionNumber")),
        (
            "lower case names",
            usual.replace("requestType", "requesttype").replace("studyUID", "studyuid"),
        ),
        ("upper case names", usual.replace("studyUID", "STUDYUID").replace("idCDA", "IDCDA")),
        ("lower case value", usual.replace("STUDY&", "study&")),
        (
            "other order",
            format!(
                "idCDA=1.2.250.1.213.4.5.4.403&Accessionnumber={ROOT}.ACN103&studyUID={STUDY}&requestType=STUDY"
            ),
        ),
        ("HTML entity", usual.replace('&', "&amp;")),
        ("HTML entity twice", usual.replace('&', "&amp;amp;")),
        ("HTML entity, encoded", usual.replace('&', "&amp%3B")),
        ("percent-encoded dots", usual.replace('.', "%2E")),
        ("lower case escapes", usual.replace('.', "%2e")),
        ("padding", usual.replace('=', "=%20%20").replace('&', "+&")),
        ("padded names", usual.replace('=', "%20=")),
        ("line wrap in the UID", usual.replace("213.4.5.2", "213.4.%0D%0A5.2")),
        ("line wrap with indent", usual.replace("ACN103", "AC%0D%0A%20%20N103")),
        ("soft hyphen", usual.replace("ACN103", "ACN%C2%AD103")),
        ("zero width space", usual.replace("213.4.5.2", "213%E2%80%8B.4.5.2")),
        ("full stop", format!("{usual}.")),
        ("bracket and comma", format!("{usual}),")),
        ("encoded quotation mark", format!("{usual}%22")),
        ("French quotation mark", format!("{usual}%C2%A0%C2%BB")),
        ("greater-than entity", format!("{usual}&gt;")),
        ("line break at the end", format!("{usual}%0A")),
        ("unknown parameters", format!("viewerType=IHE_BIR&{usual}&diagnosticQuality=true&x")),
        ("broken escape in an unknown parameter", format!("{usual}&utm=%zz%")),
        ("same parameter, same value", format!("{usual}&studyUID={STUDY}")),
        ("same study twice in the list", usual.replace(STUDY, &format!("{STUDY},{STUDY}"))),
        ("list with an empty entry", usual.replace(STUDY, &format!("{STUDY},"))),
        ("empty duplicate", format!("{usual}&idCDA=")),
        ("empty pairs", format!("&&{usual}&&")),
        ("trailing semicolon", format!("{usual};")),
    ];
    for (name, query) in table {
        assert_eq!(Link::parse(query), Ok(one_study()), "{name}: {query}");
    }
}

#[test]
fn parts_may_be_missing() {
    let link = Link::parse("requestType=STUDY&studyUID=1.2,1.3;1.4%5C1.5,1.2").unwrap();
    assert_eq!(link.studies, ["1.2", "1.3", "1.4", "1.5"]);
    assert_eq!((link.accession, link.report), (None, None));
    let link = Link::parse("requestType=STUDY&accessionNumber=ACN%20103").unwrap();
    assert!(link.studies.is_empty());
    assert_eq!(link.accession, Some(Accession::parse("ACN 103").unwrap()));
}

#[test]
fn report_ids_have_one_form() {
    let version = |digits: &str| Some(digits.to_owned());
    let table = [
        ("1.2.250.1.213.4.5.4.403", "1.2.250.1.213.4.5.4.403", None),
        ("1.2.250.1.213.1.1.8^A71024", "1.2.250.1.213.1.1.8.A71024", None),
        ("1.2.250.1.213.1.1.8.A71024", "1.2.250.1.213.1.1.8.A71024", None),
        ("1.2.250.1.213.1.1.8/A71024", "1.2.250.1.213.1.1.8.A71024", None),
        ("1.2.250.1.213.1.1.8%5EA71024_6", "1.2.250.1.213.1.1.8.A71024", version("6")),
        ("1.2.250.1.213.4.5.4.403_2", "1.2.250.1.213.4.5.4.403", version("2")),
        ("1.2.3^A_B", "1.2.3.A_B", None),
    ];
    for (text, id, version) in table {
        let link = Link::parse(&format!("requestType=STUDY&studyUID=1.2&idCDA={text}")).unwrap();
        assert_eq!(link.report, Some(ReportId { id: id.to_owned(), version }), "{text}");
    }
}

#[test]
fn wrong_links_say_why() {
    let long_uid = "1.".repeat(32) + "1";
    let many: Vec<String> = (0..=MAX_STUDIES).map(|n| format!("1.{n}")).collect();
    let table: &[(&str, LinkError)] = &[
        ("", LinkError::NoRequestType),
        ("studyUID=1.2", LinkError::NoRequestType),
        ("requestType=&studyUID=1.2", LinkError::NoRequestType),
        ("requestType=PATIENT&patientID=1", LinkError::RequestType),
        ("requestType=SERIES&studyUID=1.2&seriesUID=1.3", LinkError::RequestType),
        ("requestType=STUDY", LinkError::NoExam),
        ("requestType=STUDY&studyUID=", LinkError::NoExam),
        ("requestType=STUDY&studyUID=,", LinkError::NoExam),
        ("requestType=STUDY&idCDA=1.2.3", LinkError::NoExam),
        ("requestType=STUDY&studyUID=abc", LinkError::StudyUid),
        ("requestType=STUDY&studyUID=1..2", LinkError::StudyUid),
        ("requestType=STUDY&studyUID=.1.2", LinkError::StudyUid),
        ("requestType=STUDY&studyUID=1.2/../3", LinkError::StudyUid),
        ("requestType=STUDY&studyUID=1.2'--", LinkError::StudyUid),
        ("requestType=STUDY&studyUID=1.%D9%A3", LinkError::StudyUid),
        ("requestType=STUDY&studyUID=1.2,x", LinkError::StudyUid),
        (
            "requestType=STUDY&studyUID=1.2&studyUID=1.3",
            LinkError::Contradiction(Parameter::StudyUid),
        ),
        (
            "requestType=STUDY&requestType=PATIENT&studyUID=1.2",
            LinkError::Contradiction(Parameter::RequestType),
        ),
        (
            "requestType=STUDY&accessionNumber=A&Accessionnumber=B",
            LinkError::Contradiction(Parameter::AccessionNumber),
        ),
        (
            "requestType=STUDY&studyUID=1.2&accessionNumber=%01",
            LinkError::Identifier(Parameter::AccessionNumber),
        ),
        (
            "requestType=STUDY&studyUID=1.2&accessionNumber=%5E%5E1.2",
            LinkError::Identifier(Parameter::AccessionNumber),
        ),
        ("requestType=STUDY&studyUID=1.2%", LinkError::Encoding),
        ("requestType=STUDY&studyUID=1.2%2", LinkError::Encoding),
        ("requestType=STUDY&studyUID=%FF", LinkError::Encoding),
    ];
    for (query, error) in table {
        assert_eq!(Link::parse(query), Err(*error), "{query}");
    }
    let study = |value: &str| Link::parse(&format!("requestType=STUDY&studyUID={value}"));
    assert_eq!(study(&long_uid), Err(LinkError::StudyUid));
    assert_eq!(study(&long_uid[..63]).unwrap().studies, [&long_uid[..63]]);
    assert_eq!(study(&many.join(",")), Err(LinkError::TooManyStudies));
    assert_eq!(study(&many[1..].join(",")).unwrap().studies.len(), MAX_STUDIES);
    assert_eq!(study(&"1".repeat(MAX_QUERY)), Err(LinkError::TooLong));
    let id = |length: usize| {
        Link::parse(&format!("requestType=STUDY&studyUID=1.2&idCDA={}", "1".repeat(length)))
            .map(|_| ())
    };
    assert_eq!(id(MAX_IDENTIFIER), Ok(()));
    assert_eq!(id(MAX_IDENTIFIER + 1), Err(LinkError::Identifier(Parameter::IdCda)));
}

#[test]
fn every_error_has_words_in_both_languages() {
    use negatoscope_text::{Lang, text};
    let errors = [
        LinkError::TooLong,
        LinkError::Encoding,
        LinkError::NoRequestType,
        LinkError::RequestType,
        LinkError::Contradiction(Parameter::StudyUid),
        LinkError::NoExam,
        LinkError::StudyUid,
        LinkError::TooManyStudies,
        LinkError::Identifier(Parameter::IdCda),
    ];
    for (error, lang) in errors.iter().flat_map(|error| Lang::ALL.map(|lang| (error, lang))) {
        let words = text(lang, error.key());
        assert!(words.len() > 10 && !words.contains(error.key()), "{error}: {words}");
    }
}

proptest! {
    /// Any text is a link or an error; what is accepted is within the limits.
    #[test]
    fn never_panics(query in ".{0,300}") {
        if let Ok(link) = Link::parse(&query) {
            prop_assert!(link.studies.iter().all(|study| is_uid(study)));
        }
    }

    /// A valid study survives blanks anywhere.
    #[test]
    fn blanks_do_not_matter(at in 0_usize..STUDY.len()) {
        let (head, tail) = STUDY.split_at(at);
        let link = Link::parse(&format!("requestType=STUDY&studyUID={head}%0D%0A+{tail}")).unwrap();
        prop_assert_eq!(link.studies, vec![STUDY.to_owned()]);
    }
}
