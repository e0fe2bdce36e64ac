//! Facts of HL7 v2 messages: reports as CDA documents in ORU^R01 and MDM (CI-SIS "Transmission d'un
//! document CDA-R2 en HL7v2"), and orders with the retention of their images (OMI^O23).

use base64::{Engine, engine::general_purpose::STANDARD};
use time::{Date, Duration, macros::format_description};

use super::{
    cda,
    facts::{AccessionNumber, Exam, Facts, Flags, Report, Traits},
    hl7::{Hl7Error, Message, Segment},
    import::ImportError,
    kos::{date, insee_code, some},
};
use crate::link::{Link, ReportId, is_uid};

/// What the message is about.
pub(super) fn read(bytes: &[u8]) -> Result<Facts, ImportError> {
    let message = Message::parse(bytes)?;
    let kind = message.first("MSH", 9, 1);
    if !["ORU", "MDM", "OMI"].contains(&kind.as_str()) {
        return Err(Hl7Error::MessageType.into());
    }
    let mut facts = document(&message)?.unwrap_or_default();
    if facts.report.is_none() && kind != "OMI" {
        facts.report = report_of_header(&message);
    }
    add_header(&message, &mut facts);
    if let Some(report) = &mut facts.report {
        read_flags(&message, &mut report.flags);
    }
    if is_withdrawn(&message) {
        facts.withdrawn = facts.report.take().map(|report| report.id);
        facts.exams.clear();
    }
    Ok(facts)
}

/// The CDA document in the first OBX that holds XML.
fn document(message: &Message) -> Result<Option<Facts>, ImportError> {
    for obx in message.segments("OBX").filter(|obx| obx.get(2, 1) == "ED") {
        let [kind, encoding, data] = [3, 4, 5].map(|component| obx.get(5, component));
        if !kind.eq_ignore_ascii_case("XML") || !encoding.eq_ignore_ascii_case("Base64") {
            continue;
        }
        let xml = STANDARD.decode(data).map_err(|_not_base64| Hl7Error::Document)?;
        return cda::read(&xml).map(Some).map_err(ImportError::Cda);
    }
    Ok(None)
}

/// The identifier in the header of a document (TXA-12, TXA-13), where the document itself is no CDA.
fn report_of_header(message: &Message) -> Option<Report> {
    let txa = message.segments("TXA").next()?;
    let id = report_id(txa, 12)?;
    let replaces = report_id(txa, 13).filter(|parent| *parent != id).into_iter().collect();
    Some(Report {
        id,
        studies: Vec::new(),
        accession: None,
        flags: Flags::default(),
        retention_end: None,
        replaces,
    })
}

/// An entity identifier: `entity^namespace^root^ISO`.
fn report_id(segment: Segment<'_>, field: usize) -> Option<ReportId> {
    let [entity, root] = [1, 3].map(|component| segment.get(field, component));
    let text = if is_uid(&root) { format!("{root}^{entity}") } else { entity };
    ReportId::parse(&text).ok()
}

/// What stands around the document: studies, accession number, retention, patient.
fn add_header(message: &Message, facts: &mut Facts) {
    let accession = accession(message);
    let retention_end = retention_end(message);
    let traits = traits(message);
    let mut studies = studies(message);
    studies.extend(facts.report.iter().flat_map(|report| report.studies.clone()));
    for study in studies {
        let known = facts.exams.iter_mut().find(|exam| exam.study == study);
        if let Some(exam) = known {
            exam.accession = exam.accession.take().or_else(|| accession.clone());
            exam.retention_end = retention_end.or(exam.retention_end);
            fill(&mut exam.traits, &traits);
        } else {
            let (accession, traits) = (accession.clone(), traits.clone());
            facts.exams.push(Exam { study, accession, traits, retention_end });
        }
    }
    if let Some(report) = &mut facts.report {
        report.accession = report.accession.take().or(accession);
        report.retention_end = report.retention_end.or(retention_end);
        for exam in &facts.exams {
            if !report.studies.contains(&exam.study) {
                report.studies.push(exam.study.clone());
            }
        }
    }
}

/// What the document says counts more than what stands around it.
fn fill(known: &mut Traits, other: &Traits) {
    let or = |one: &mut Option<String>, other: &Option<String>| {
        *one = one.take().or_else(|| other.clone());
    };
    or(&mut known.birth_name, &other.birth_name);
    or(&mut known.first_name, &other.first_name);
    or(&mut known.birth_date, &other.birth_date);
    or(&mut known.sex, &other.sex);
    or(&mut known.birth_place, &other.birth_place);
}

/// IPC-3, ZDS-1, and the (partial) address of the viewer.
fn studies(message: &Message) -> Vec<String> {
    let mut studies: Vec<String> = message.segments("IPC").map(|ipc| ipc.get(3, 1)).collect();
    studies.extend(message.segments("ZDS").map(|zds| zds.get(1, 1)));
    for obx in message.segments("OBX").filter(|obx| obx.get(3, 1) == "URL_PARTIELLE_VIEWER") {
        let decoded = STANDARD.decode(obx.get(5, 5)).unwrap_or_default();
        let address = String::from_utf8(decoded).unwrap_or_default();
        studies.extend(link_of(&address).into_iter().flat_map(|link| link.studies));
    }
    studies.retain(|study| is_uid(study));
    studies.sort_unstable();
    studies.dedup();
    studies
}

/// The link in an address of the viewer.
pub(super) fn link_of(address: &str) -> Option<Link> {
    let (path, query) = address.split_once('?')?;
    path.ends_with("IHEInvokeImageDisplay").then(|| Link::parse(query).ok())?
}

/// IPC-1, else OBR-18.
fn accession(message: &Message) -> Option<AccessionNumber> {
    [("IPC", 1), ("OBR", 18)].into_iter().find_map(|(segment, field)| {
        let number = some(&message.first(segment, field, 1))?;
        let root = Some(message.first(segment, field, 3)).filter(|root| is_uid(root));
        Some(AccessionNumber { number, root })
    })
}

/// TQ1-6 in days (dureeRetentionImages), counted from the exam or else from the message.
fn retention_end(message: &Message) -> Option<i64> {
    let days: i64 = message.first("TQ1", 6, 1).parse().ok()?;
    let unit = message.first("TQ1", 6, 2).to_ascii_lowercase();
    if !["", "d", "j", "day", "days", "jour", "jours"].contains(&unit.as_str()) {
        return None;
    }
    let from = date(&message.first("OBR", 7, 1)).or_else(|| date(&message.first("MSH", 7, 1)))?;
    let from = Date::parse(&from, format_description!("[year][month][day]")).ok()?;
    let end = from.checked_add(Duration::days(days.clamp(0, 100_000)))?;
    Some(end.midnight().assume_utc().unix_timestamp())
}

fn traits(message: &Message) -> Traits {
    let Some(pid) = message.segments("PID").next() else { return Traits::default() };
    let names: Vec<[String; 3]> = pid.each(5, [1, 2, 7]).collect();
    // L: the name at birth. A single name without a type is that, too.
    let name = names.iter().find(|[_, _, kind]| kind == "L");
    let name = name.or(names.first().filter(|[_, _, kind]| kind.is_empty()));
    let place = pid.each(11, [7, 9]).find(|[kind, _]| kind == "BDL");
    Traits {
        birth_name: name.and_then(|[family, ..]| some(family)),
        first_name: name.and_then(|[_, given, _]| some(given)),
        birth_date: date(&pid.get(7, 1)),
        sex: Some(pid.get(8, 1)).filter(|sex| ["M", "F", "O"].contains(&sex.as_str())),
        birth_place: place.and_then(|[_, code]| insee_code(&code)),
    }
}

/// The flags of OBX segments. One name is known with a slip of the pen. Said twice, the stricter counts.
fn read_flags(message: &Message, flags: &mut Flags) {
    for obx in message.segments("OBX") {
        let name = obx.get(3, 1);
        let flag: fn(&mut Flags) -> &mut Option<bool> = match name.as_str() {
            "MASQUE_PS" => |flags| &mut flags.masked_professional,
            "INVISIBLE_PATIENT" => |flags| &mut flags.invisible_patient,
            // A secret connection is one that parents must not learn of.
            "INVISIBLE_REPRESENTANTS_LEGAUX"
            | "INVISIBLE_REPRENSANTS_LEGAUX"
            | "INVISIBLE_REP_LEGAUX"
            | "CONNEXION_SECRETE" => |flags| &mut flags.invisible_representatives,
            _ => continue,
        };
        let (flag, value) = (flag(flags), obx.get(5, 1) == "Y");
        *flag = Some(flag.unwrap_or_default() || value);
    }
}

/// OBX-11 of the document is D, or its header says that it was cancelled.
fn is_withdrawn(message: &Message) -> bool {
    let mut documents = message.segments("OBX").filter(|obx| obx.get(2, 1) == "ED");
    let is_deleted = documents.next().is_some_and(|obx| obx.get(11, 1) == "D");
    is_deleted || message.first("MSH", 9, 2) == "T11" || message.first("TXA", 19, 1) == "CA"
}

#[cfg(test)]
#[path = "hl7_report_tests.rs"]
mod tests;
