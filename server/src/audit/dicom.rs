//! A line as a DICOM audit message (PS3.15 A.5.1), in XML.
//!
//! The patient is no participant of these messages: the journal does not know who they are, only
//! which exam was seen. Whoever holds the exam finds its patient by its Study Instance UID.

use std::borrow::Cow;

use quick_xml::escape::escape;

use super::entry::{Event, Record};

/// A coded value: code of the DICOM controlled terminology (PS3.16 D) and its meaning.
type Code = (&'static str, &'static str);

const LOGIN: Code = ("110122", "Login");
const AUTHENTICATION: Code = ("110114", "User Authentication");
const ALERT: Code = ("110113", "Security Alert");
const USER_CHANGED: Code = ("110137", "User security Attributes Changed");

/// What kind of event a line is: event, type, action, outcome (PS3.15 A.5.1: 0 success, 4 minor and 8
/// serious failure).
struct Kind {
    event: Code,
    kind: Option<Code>,
    action: char,
    outcome: u8,
}

const fn kind(event: Code, kind: Option<Code>, action: char, outcome: u8) -> Kind {
    Kind { event, kind, action, outcome }
}

fn kind_of(record: &Record) -> Kind {
    match record.event {
        Event::Login => kind(AUTHENTICATION, Some(LOGIN), 'E', 0),
        Event::Refusal if is_attack(record) => kind(ALERT, Some(USER_CHANGED), 'E', 8),
        Event::Refusal => kind(AUTHENTICATION, Some(LOGIN), 'E', 4),
        Event::Logout => kind(AUTHENTICATION, Some(("110123", "Logout")), 'E', 0),
        Event::ExamOpened => kind(("110103", "DICOM Instances Accessed"), None, 'R', 0),
        Event::Exported => kind(("110106", "Export"), None, 'R', 0),
        Event::Queried => kind(("110112", "Query"), None, 'E', 0),
        Event::Imported if is_partial(record) => kind(("110107", "Import"), None, 'C', 4),
        Event::Imported | Event::FactsImported => kind(("110107", "Import"), None, 'C', 0),
        Event::CodeGranted | Event::CodeRevoked => kind(ALERT, Some(USER_CHANGED), 'E', 0),
        Event::ReportChanged => {
            kind(ALERT, Some(("110135", "Object Security Attributes Changed")), 'E', 0)
        }
        Event::AdminRefused => kind(ALERT, Some(("110132", "Use of Restricted Function")), 'E', 8),
        Event::Started => {
            kind(("110100", "Application Activity"), Some(("110120", "Application Start")), 'E', 0)
        }
        Event::Stopped => {
            kind(("110100", "Application Activity"), Some(("110121", "Application Stop")), 'E', 0)
        }
        Event::Repaired => kind(ALERT, Some(("110134", "Audit Recording Started")), 'E', 4),
        Event::Pruned => kind(("110101", "Audit Log Used"), None, 'D', 0),
    }
}

/// Too many tries: somebody guesses.
fn is_attack(record: &Record) -> bool {
    matches!(record.reason.as_deref(), Some("exam_locked" | "code_locked"))
}

/// An import of which something failed.
fn is_partial(record: &Record) -> bool {
    record.reason.as_deref().is_some_and(|reason| !reason.ends_with("failed=0"))
}

/// The message, without XML declaration. `server` names this installation.
#[must_use]
pub fn message(record: &Record, server: &str) -> String {
    let mut xml = String::from("<AuditMessage>");
    event(&mut xml, record);
    participants(&mut xml, record, server);
    xml.push_str(&format!(
        r#"<AuditSourceIdentification AuditSourceID="{}" AuditEnterpriseSiteID="{}"><AuditSourceTypeCode csd-code="4" codeSystemName="DCM" originalText="Application Server"/></AuditSourceIdentification>"#,
        text(server),
        text(&record.site)
    ));
    for study in &record.studies {
        object(&mut xml, study, ("110180", "DCM", "Study Instance UID"), None, &exported(record));
    }
    if let Some(report) = &record.report {
        object(&mut xml, report, ("12", "RFC-3881", "URI"), record.reason.as_deref(), "");
    }
    xml.push_str("</AuditMessage>");
    xml
}

fn event(xml: &mut String, record: &Record) {
    let Kind { event, kind, action, outcome } = kind_of(record);
    xml.push_str(&format!(
        r#"<EventIdentification EventActionCode="{action}" EventDateTime="{}" EventOutcomeIndicator="{outcome}">"#,
        text(&record.time)
    ));
    coded(xml, "EventID", event);
    if let Some(code) = kind {
        coded(xml, "EventTypeCode", code);
    }
    if let Some(reason) = record.reason.as_deref().filter(|_| outcome > 0) {
        xml.push_str(&format!(
            "<EventOutcomeDescription>{}</EventOutcomeDescription>",
            text(reason)
        ));
    }
    xml.push_str("</EventIdentification>");
}

/// Who asked, from where; and this server.
fn participants(xml: &mut String, record: &Record, server: &str) {
    let subject = record.subject.as_deref().unwrap_or("anonymous");
    xml.push_str(&format!(r#"<ActiveParticipant UserID="{}""#, text(subject)));
    if let Some(way) = &record.way {
        xml.push_str(&format!(r#" AlternativeUserID="way:{}""#, text(way)));
    }
    xml.push_str(&format!(
        r#" UserIsRequestor="true" NetworkAccessPointID="{}" NetworkAccessPointTypeCode="2"/>"#,
        record.address
    ));
    xml.push_str(&format!(
        r#"<ActiveParticipant UserID="{}" UserIsRequestor="false">"#,
        text(server)
    ));
    coded(xml, "RoleIDCode", ("110150", "Application"));
    xml.push_str("</ActiveParticipant>");
    let reason = record.reason.as_deref().and_then(|reason| reason.strip_prefix("target="));
    if let Some(reason) = reason {
        // The name of the target may have spaces, so it is the last but for whence and what is counted.
        let ways = reason.split_once(" confirmed=").map_or(reason, |(ways, _)| ways);
        let (target, whence) = ways.rsplit_once(" whence=").unwrap_or((ways, ""));
        participant(xml, target, ("110152", "Destination Role ID"));
        for host in whence.split_whitespace() {
            participant(xml, host, ("110153", "Source Role ID"));
        }
    }
}

/// Another system that objects go to or come from.
fn participant(xml: &mut String, name: &str, role: Code) {
    xml.push_str(&format!(
        r#"<ActiveParticipant UserID="{}" UserIsRequestor="false">"#,
        text(name)
    ));
    coded(xml, "RoleIDCode", role);
    xml.push_str("</ActiveParticipant>");
}

fn coded(xml: &mut String, element: &str, (code, meaning): Code) {
    xml.push_str(&format!(
        r#"<{element} csd-code="{code}" codeSystemName="DCM" originalText="{meaning}"/>"#
    ));
}

/// How many objects left the server, all studies of the line together, and whether without identity.
fn exported(record: &Record) -> String {
    let Some(instances) = record.instances else { return String::new() };
    let is_anonymised = record.reason.as_deref() == Some("zip_anonymised");
    format!(
        r#"<SOPClass NumberOfInstances="{instances}"/><Anonymized>{is_anonymised}</Anonymized>"#
    )
}

/// A study or report: type 2 (system object), role 3 (report: the object that was looked at).
fn object(
    xml: &mut String,
    id: &str,
    (code, system, meaning): (&str, &str, &str),
    how: Option<&str>,
    details: &str,
) {
    xml.push_str(&format!(
        r#"<ParticipantObjectIdentification ParticipantObjectID="{}" ParticipantObjectTypeCode="2" ParticipantObjectTypeCodeRole="3"><ParticipantObjectIDTypeCode csd-code="{code}" codeSystemName="{system}" originalText="{meaning}"/>"#,
        text(id)
    ));
    if let Some(how) = how {
        xml.push_str(&format!("<ParticipantObjectName>{}</ParticipantObjectName>", text(how)));
    }
    xml.push_str(details);
    xml.push_str("</ParticipantObjectIdentification>");
}

/// Text for XML: what XML cannot hold is a replacement character.
fn text(raw: &str) -> String {
    let allowed = |mark: char| if mark.is_control() { '\u{fffd}' } else { mark };
    let clean: Cow<'_, str> = if raw.chars().any(char::is_control) {
        raw.chars().map(allowed).collect::<String>().into()
    } else {
        raw.into()
    };
    escape(clean).into_owned()
}
