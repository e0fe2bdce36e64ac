//! Who sees what: a table of links, visitors and what is known.

use super::*;
use crate::reports::Traits;

const STUDY: &str = "1.2.3";
const OTHER: &str = "1.2.4";
const NOW: i64 = 1_000_000;

fn report(id: &str, studies: &[&str]) -> KnownReport {
    KnownReport {
        report: id.to_owned(),
        version: None,
        studies: studies.iter().map(|study| (*study).to_owned()).collect(),
        accession: Some(AccessionNumber { number: "A1".to_owned(), root: Some("1.9".to_owned()) }),
        depublished: false,
        visibility: Visibility::default(),
        retention_end: None,
        successor: None,
    }
}

fn exam(accession: &str, retention_end: Option<i64>) -> Exam {
    Exam {
        study: STUDY.to_owned(),
        accession: Some(AccessionNumber { number: accession.to_owned(), root: None }),
        traits: Traits::default(),
        retention_end,
    }
}

struct Court {
    policy: ReportPolicy,
    known: Known,
    visitor: VisitorKind,
    studies: Vec<String>,
}

impl Court {
    fn of(reports: Vec<KnownReport>) -> Self {
        Self {
            policy: ReportPolicy::Optional,
            known: Known { reports, ..Known::default() },
            visitor: VisitorKind::Patient,
            studies: vec![STUDY.to_owned()],
        }
    }

    fn judge(&self, query: &str) -> Verdict {
        let link = Link::parse(&format!("requestType=STUDY&studyUID={STUDY}{query}")).unwrap();
        let case = Case { link: &link, visitor: self.visitor, studies: &self.studies };
        judge(self.policy, &["1.9".to_owned()], &case, &self.known, NOW)
    }

    fn why(&self, query: &str) -> &'static str {
        match self.judge(query) {
            Verdict::Open(studies) => {
                assert_eq!(studies, self.studies, "{query}");
                "open"
            }
            Verdict::Closed(closure) => closure.name(),
        }
    }
}

#[test]
fn all_identifiers_must_belong_together() {
    let court = Court::of(vec![report("1.5", &[STUDY]), report("1.6", &[OTHER])]);
    let table = [
        ("", "open"),
        ("&idCDA=1.5", "open"),
        ("&idCDA=1.5&accessionNumber=A1", "open"),
        ("&idCDA=1.5&accessionNumber=1.9.A1", "open"),
        ("&accessionNumber=A1%5E%5E%5E1.9", "open"),
        ("&idCDA=1.5&accessionNumber=1.8.A1", "contradiction"),
        ("&idCDA=1.5&accessionNumber=A2", "contradiction"),
        ("&accessionNumber=A2", "contradiction"),
        ("&idCDA=1.6", "contradiction"),
        ("&idCDA=1.7", "unknown_report"),
        ("&idCDA=1.7&accessionNumber=A1", "unknown_report"),
    ];
    for (query, expected) in table {
        assert_eq!(court.why(query), expected, "{query}");
    }
}

#[test]
fn a_site_without_facts_works_as_ever_unless_it_says_otherwise() {
    let mut court = Court::of(Vec::new());
    for query in ["", "&idCDA=1.5", "&accessionNumber=A2&idCDA=1.5"] {
        assert_eq!(court.why(query), "open", "{query}");
    }
    court.policy = ReportPolicy::Required;
    for query in ["", "&idCDA=1.5", "&accessionNumber=A2&idCDA=1.5"] {
        assert_eq!(court.why(query), "unknown_report", "{query}");
    }
    court.known.reports.push(report("1.5", &[STUDY]));
    assert_eq!((court.why(""), court.why("&idCDA=1.5")), ("open", "open"));
}

#[test]
fn a_manifest_alone_ties_the_accession_number() {
    let mut court = Court::of(Vec::new());
    court.known.exams.push(exam("A1", None));
    assert_eq!(court.why("&idCDA=1.5&accessionNumber=A1"), "open");
    assert_eq!(court.why("&idCDA=1.5&accessionNumber=A2"), "contradiction");
    court.policy = ReportPolicy::Required;
    assert_eq!(court.why("&idCDA=1.5&accessionNumber=A1"), "unknown_report");
}

#[test]
fn a_replaced_report_leads_to_its_successor() {
    let chain = |last: KnownReport| {
        let first = KnownReport { successor: Some("1.6".to_owned()), ..report("1.5", &[STUDY]) };
        let second = KnownReport {
            successor: Some("1.7".to_owned()),
            depublished: true,
            ..report("1.6", &[STUDY])
        };
        Court::of(vec![first, second, last])
    };
    let last = report("1.7", &[STUDY]);
    for query in ["", "&idCDA=1.5", "&idCDA=1.6", "&idCDA=1.7"] {
        assert_eq!(chain(last.clone()).why(query), "open", "{query}");
        let withdrawn = KnownReport { depublished: true, ..last.clone() };
        assert_eq!(chain(withdrawn).why(query), "depublished", "{query}");
        let hidden = Visibility { invisible_patient: true, ..Visibility::default() };
        let hidden = KnownReport { visibility: hidden, ..last.clone() };
        assert_eq!(chain(hidden).why(query), "invisible_patient", "{query}");
    }
    let about_another = chain(report("1.7", &[OTHER]));
    assert_eq!(about_another.why("&idCDA=1.5"), "replaced");
    assert_eq!(about_another.why(""), "replaced");
    let circle = chain(KnownReport { successor: Some("1.5".to_owned()), ..last });
    assert_eq!(circle.why("&idCDA=1.5"), "replaced");
    let dangling = Court::of(vec![KnownReport {
        successor: Some("1.9".to_owned()),
        ..report("1.5", &[STUDY])
    }]);
    assert_eq!(dangling.why("&idCDA=1.5"), "replaced");
}

#[test]
fn a_replaced_report_that_was_never_heard_of_leads_on_too() {
    let mut court = Court::of(vec![report("1.6", &[STUDY])]);
    court.known.replaced.push(("1.5".to_owned(), "1.6".to_owned()));
    assert_eq!(court.why("&idCDA=1.5"), "open");
    assert_eq!(court.why("&idCDA=1.4"), "unknown_report");
}

#[test]
fn an_older_version_leads_to_the_latest_and_a_later_one_nowhere() {
    let court =
        Court::of(vec![KnownReport { version: Some("10".to_owned()), ..report("1.5", &[STUDY]) }]);
    for (query, expected) in [
        ("&idCDA=1.5", "open"),
        ("&idCDA=1.5_9", "open"),
        ("&idCDA=1.5_10", "open"),
        ("&idCDA=1.5_010", "open"),
        ("&idCDA=1.5_11", "unknown_report"),
    ] {
        assert_eq!(court.why(query), expected, "{query}");
    }
}

#[test]
fn each_kind_of_visitor_has_its_own_flag() {
    use VisitorKind::{Patient, Professional, Representative};
    let flags = |ps, patient, others| Visibility {
        masked_professional: ps,
        invisible_patient: patient,
        invisible_representatives: others,
    };
    let table = [
        (flags(false, false, false), ["open", "open", "open"]),
        (flags(true, false, false), ["open", "open", "masked_professional"]),
        (flags(false, true, false), ["invisible_patient", "invisible_patient", "open"]),
        (flags(false, false, true), ["open", "invisible_representatives", "open"]),
        (
            flags(true, true, true),
            ["invisible_patient", "invisible_representatives", "masked_professional"],
        ),
    ];
    for (visibility, expected) in table {
        let mut court = Court::of(vec![KnownReport { visibility, ..report("1.5", &[STUDY]) }]);
        for (visitor, expected) in [Patient, Representative, Professional].into_iter().zip(expected)
        {
            court.visitor = visitor;
            for query in ["", "&idCDA=1.5"] {
                assert_eq!(court.why(query), expected, "{visibility:?} {visitor:?} {query}");
            }
        }
    }
}

#[test]
fn without_a_report_in_the_link_the_strictest_one_counts() {
    let hidden = Visibility { invisible_patient: true, ..Visibility::default() };
    let hidden = KnownReport { visibility: hidden, ..report("1.6", &[STUDY]) };
    let court = Court::of(vec![report("1.5", &[STUDY]), hidden.clone()]);
    assert_eq!(court.why(""), "invisible_patient");
    assert_eq!(court.why("&idCDA=1.5"), "open", "the report in hand is not hidden");
    let withdrawn = KnownReport { depublished: true, ..hidden };
    let court = Court::of(vec![report("1.5", &[STUDY]), withdrawn.clone()]);
    assert_eq!(court.why(""), "open", "the other one is published");
    assert_eq!(Court::of(vec![withdrawn]).why(""), "depublished");
}

#[test]
fn after_the_retention_nothing_opens_and_what_is_hidden_stays_so() {
    let mut court = Court::of(vec![report("1.5", &[STUDY])]);
    for (of_exam, of_report, expected) in [
        (None, None, "open"),
        (Some(NOW + 1), None, "open"),
        (Some(NOW), None, "retention_over"),
        (None, Some(NOW), "retention_over"),
        (Some(NOW - 9), Some(NOW + 9), "open"),
        (Some(NOW + 9), Some(NOW - 9), "open"),
        (Some(NOW - 9), Some(NOW - 9), "retention_over"),
    ] {
        court.known.exams = vec![exam("A1", of_exam)];
        court.known.reports[0].retention_end = of_report;
        assert_eq!(court.why("&idCDA=1.5"), expected, "{of_exam:?} {of_report:?}");
    }
    court.known.reports[0].depublished = true;
    assert_eq!(court.why("&idCDA=1.5"), "depublished");
}

#[test]
fn of_several_studies_those_that_may_be_seen_are_open() {
    let other = KnownReport { depublished: true, ..report("1.6", &[OTHER]) };
    let mut court = Court::of(vec![report("1.5", &[STUDY]), other]);
    court.studies.push(OTHER.to_owned());
    assert_eq!(court.judge(""), Verdict::Open(vec![STUDY.to_owned()]));
    court.known.exams = vec![exam("A1", Some(NOW))];
    let closed = Verdict::Closed(Closure::Unavailable(Why::Depublished));
    assert_eq!(
        court.judge(""),
        closed,
        "that images are gone is told only where nothing is hidden"
    );
}
