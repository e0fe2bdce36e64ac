//! Query → [`Link`].

use percent_encoding::percent_decode_str;

use super::{
    Accession, Link, LinkError, MAX_IDENTIFIER, MAX_QUERY, MAX_STUDIES, Parameter, ReportId, clean,
    is_uid,
};

/// Values by parameter, cleaned.
#[derive(Default)]
struct Values {
    request_type: Option<String>,
    study_uid: Option<String>,
    accession: Option<String>,
    id_cda: Option<String>,
}

pub(super) fn parse(query: &str) -> Result<Link, LinkError> {
    let values = read_values(query)?;
    check_request_type(values.request_type.as_deref())?;
    let studies = values.study_uid.as_deref().map_or(Ok(Vec::new()), parse_studies)?;
    let accession = values.accession.map(|text| Accession::parse(&text)).transpose()?;
    let report = values.id_cda.map(|text| parse_report(&text)).transpose()?;
    if studies.is_empty() && accession.is_none() {
        return Err(LinkError::NoExam);
    }
    Ok(Link { studies, accession, report, consultation: None })
}

fn read_values(query: &str) -> Result<Values, LinkError> {
    if query.len() > MAX_QUERY {
        return Err(LinkError::TooLong);
    }
    let mut values = Values::default();
    for pair in query.split('&') {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let Some(parameter) = parameter_of(name) else { continue };
        let value = clean_value(parameter, value)?;
        // An empty value says nothing: `idCDA=` is the same as no idCDA.
        if !value.is_empty() {
            values.put(parameter, value)?;
        }
    }
    Ok(values)
}

/// The parameter of this name; `amp;` in front is what is left of an `&amp;` that was not undone.
fn parameter_of(name: &str) -> Option<Parameter> {
    let name = clean::without_blanks(&decode(name).ok()?).to_ascii_lowercase();
    let mut name = name.as_str();
    while let Some(rest) = name.strip_prefix("amp;") {
        name = rest;
    }
    Parameter::from_name(name)
}

fn decode(text: &str) -> Result<String, LinkError> {
    let spaced = text.replace('+', " ");
    if has_broken_escape(&spaced) {
        return Err(LinkError::Encoding);
    }
    percent_decode_str(&spaced)
        .decode_utf8()
        .map(Into::into)
        .map_err(|_not_utf8| LinkError::Encoding)
}

fn has_broken_escape(text: &str) -> bool {
    let is_hex = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_hexdigit);
    let bytes = text.as_bytes();
    bytes.iter().enumerate().any(|(at, byte)| {
        *byte == b'%' && !(is_hex(bytes.get(at + 1)) && is_hex(bytes.get(at + 2)))
    })
}

fn clean_value(parameter: Parameter, value: &str) -> Result<String, LinkError> {
    let decoded = decode(value)?;
    let unwrapped = match parameter {
        Parameter::AccessionNumber => clean::unwrap_lines(&decoded),
        _ => clean::without_blanks(&decoded),
    };
    Ok(clean::without_punctuation(&unwrapped).to_owned())
}

impl Values {
    fn put(&mut self, parameter: Parameter, value: String) -> Result<(), LinkError> {
        let place = match parameter {
            Parameter::RequestType => &mut self.request_type,
            Parameter::StudyUid => &mut self.study_uid,
            Parameter::AccessionNumber => &mut self.accession,
            Parameter::IdCda => &mut self.id_cda,
        };
        match place {
            Some(before) if *before != value => Err(LinkError::Contradiction(parameter)),
            _ => {
                *place = Some(value);
                Ok(())
            }
        }
    }
}

fn check_request_type(value: Option<&str>) -> Result<(), LinkError> {
    match value {
        None => Err(LinkError::NoRequestType),
        Some(value) if value.eq_ignore_ascii_case("STUDY") => Ok(()),
        Some(_) => Err(LinkError::RequestType),
    }
}

/// A list joined by commas (IHE), semicolons or backslashes (seen elsewhere).
fn parse_studies(text: &str) -> Result<Vec<String>, LinkError> {
    let mut studies: Vec<String> = Vec::new();
    for uid in text.split([',', ';', '\\']).filter(|uid| !uid.is_empty()) {
        if !is_uid(uid) {
            return Err(LinkError::StudyUid);
        }
        if !studies.iter().any(|known| known == uid) {
            studies.push(uid.to_owned());
        }
    }
    if studies.len() > MAX_STUDIES {
        return Err(LinkError::TooManyStudies);
    }
    Ok(studies)
}

pub(super) fn parse_report(text: &str) -> Result<ReportId, LinkError> {
    check_identifier(text, Parameter::IdCda)?;
    let (name, version) = match text.rsplit_once('_') {
        Some((name, digits)) if is_version(digits) => (name, Some(digits.to_owned())),
        _ => (text, None),
    };
    let parts: Vec<&str> = name.split(['^', '/', '.']).filter(|part| !part.is_empty()).collect();
    Ok(ReportId { id: parts.join("."), version })
}

fn is_version(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Refuses what is too long to be an identifier, or could not be printed on paper.
pub(super) fn check_identifier(text: &str, parameter: Parameter) -> Result<(), LinkError> {
    if text.chars().count() > MAX_IDENTIFIER || text.chars().any(char::is_control) {
        return Err(LinkError::Identifier(parameter));
    }
    Ok(())
}

#[cfg(test)]
#[path = "parse_tests.rs"]
mod tests;
