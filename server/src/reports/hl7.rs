//! HL7 v2 messages (ER7), as far as facts need them: segments, fields, components, escapes. Strict about
//! the header, because everything else is read by what it says.

use thiserror::Error;

/// Most segments of a message.
const MAX_SEGMENTS: usize = 4096;

/// Why a text is no message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Hl7Error {
    /// Does not begin with a header segment.
    #[error("does not begin with MSH and its separators")]
    Header,
    /// More segments than a message of this kind has.
    #[error("more than {MAX_SEGMENTS} segments")]
    TooLong,
    /// Bytes that are not in the character set the header states.
    #[error("not in the character set that MSH-18 states, or one that is not supported")]
    CharacterSet,
    /// A message type that says nothing about reports.
    #[error("message type is not ORU, MDM or OMI")]
    MessageType,
    /// The document in it cannot be taken out.
    #[error("the document in OBX-5 is not base64")]
    Document,
}

/// The separators of a message.
#[derive(Clone, Copy)]
struct Marks {
    field: char,
    component: char,
    repetition: char,
    escape: char,
    subcomponent: char,
}

/// A message.
pub(super) struct Message {
    marks: Marks,
    segments: Vec<String>,
}

/// A segment.
#[derive(Clone, Copy)]
pub(super) struct Segment<'a> {
    marks: Marks,
    text: &'a str,
}

impl Message {
    /// Reads a message, with or without the frame of a connection (MLLP).
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, Hl7Error> {
        let bytes = bytes.strip_prefix(b"\x0b").unwrap_or(bytes);
        let end = bytes.iter().position(|byte| *byte == 0x1c).unwrap_or(bytes.len());
        let bytes = bytes.get(..end).unwrap_or_default();
        let marks = read_marks(bytes).ok_or(Hl7Error::Header)?;
        let text = decode(bytes, marks)?;
        let segments: Vec<String> = text
            .split(['\r', '\n'])
            .map(str::trim_end)
            .filter(|segment| !segment.is_empty())
            .take(MAX_SEGMENTS + 1)
            .map(str::to_owned)
            .collect();
        if segments.len() > MAX_SEGMENTS {
            Err(Hl7Error::TooLong)
        } else {
            Ok(Self { marks, segments })
        }
    }

    /// The segments of this name, in order.
    pub(super) fn segments<'a>(&'a self, name: &'a str) -> impl Iterator<Item = Segment<'a>> {
        let marks = self.marks;
        let is_it = move |text: &&String| {
            text.strip_prefix(name)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(marks.field))
        };
        self.segments.iter().filter(is_it).map(move |text| Segment { marks, text })
    }

    /// A component of the first segment of this name; empty where it is missing.
    pub(super) fn first(&self, name: &str, field: usize, component: usize) -> String {
        let segment = self.segments(name).next();
        segment.map(|segment| segment.get(field, component)).unwrap_or_default()
    }
}

impl<'a> Segment<'a> {
    /// The repetitions of a field, from 1, as they stand.
    fn repetitions(self, field: usize) -> impl Iterator<Item = &'a str> {
        // MSH-1 is the field separator itself.
        let index = if self.text.starts_with("MSH") { field.saturating_sub(1) } else { field };
        let text = self.text.split(self.marks.field).nth(index).unwrap_or_default();
        text.split(self.marks.repetition)
    }

    /// A component, from 1, of the first repetition of a field.
    pub(super) fn get(self, field: usize, component: usize) -> String {
        let repetition = self.repetitions(field).next().unwrap_or_default();
        self.component(repetition, component)
    }

    /// The components asked for, of each repetition.
    pub(super) fn each<const N: usize>(
        self,
        field: usize,
        components: [usize; N],
    ) -> impl Iterator<Item = [String; N]> {
        self.repetitions(field)
            .map(move |repetition| components.map(|number| self.component(repetition, number)))
    }

    /// The first subcomponent only, its escapes undone.
    fn component(self, repetition: &str, component: usize) -> String {
        let index = component.saturating_sub(1);
        let text = repetition.split(self.marks.component).nth(index).unwrap_or_default();
        let first = text.split(self.marks.subcomponent).next().unwrap_or_default();
        unescape(first, self.marks).trim().to_owned()
    }
}

fn read_marks(bytes: &[u8]) -> Option<Marks> {
    let head = bytes.strip_prefix(b"MSH")?.get(..5)?;
    let mut marks = head.iter().map(|byte| char::from(*byte));
    let is_mark = |mark: &char| mark.is_ascii_punctuation();
    let mut next = || marks.next().filter(is_mark);
    let marks = Marks {
        field: next()?,
        component: next()?,
        repetition: next()?,
        escape: next()?,
        subcomponent: next()?,
    };
    let distinct: std::collections::HashSet<u8> = head.iter().copied().collect();
    (distinct.len() == head.len()).then_some(marks)
}

/// MSH-18; without it, UTF-8 is tried and Latin-1 believed.
fn decode(bytes: &[u8], marks: Marks) -> Result<String, Hl7Error> {
    let header: String = bytes
        .iter()
        .take_while(|byte| !matches!(byte, b'\r' | b'\n'))
        .map(|byte| char::from(*byte))
        .collect();
    let stated = header.split(marks.field).nth(17).unwrap_or_default();
    let stated = stated.split(marks.repetition).next().unwrap_or_default().trim();
    let utf8 = std::str::from_utf8(bytes).map(str::to_owned);
    match (stated, utf8) {
        ("UNICODE UTF-8" | "UTF-8" | "" | "ASCII", Ok(text)) => Ok(text),
        ("8859/1" | "", _) => Ok(bytes.iter().map(|byte| char::from(*byte)).collect()),
        ("8859/15", _) => Ok(bytes.iter().map(|byte| latin_9(*byte)).collect()),
        _ => Err(Hl7Error::CharacterSet),
    }
}

fn latin_9(byte: u8) -> char {
    match byte {
        0xa4 => '€',
        0xa6 => 'Š',
        0xa8 => 'š',
        0xb4 => 'Ž',
        0xb8 => 'ž',
        0xbc => 'Œ',
        0xbd => 'œ',
        0xbe => 'Ÿ',
        other => char::from(other),
    }
}

/// Undoes `\F\`, `\S\`, `\T\`, `\R\`, `\E\`; other escapes (highlighting, fonts) are left out.
fn unescape(text: &str, marks: Marks) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(marks.escape) {
        plain.push_str(before);
        let Some((sequence, following)) = after.split_once(marks.escape) else {
            // An escape that is not closed stands for itself.
            plain.push(marks.escape);
            rest = after;
            continue;
        };
        plain.extend(match sequence {
            "F" => Some(marks.field),
            "S" => Some(marks.component),
            "T" => Some(marks.subcomponent),
            "R" => Some(marks.repetition),
            "E" => Some(marks.escape),
            _ => None,
        });
        rest = following;
    }
    plain.push_str(rest);
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_count_as_the_standard_does() {
        let message = Message::parse(
            b"MSH|^~\\&|RIS|A^1.2^ISO|||20261106||ORU^R01^ORU_R01|7|P|2.5||||||UNICODE UTF-8\r\
              PID|||1^^^A~2^^^B&1.2.3&ISO||DU\\T\\PONT^\\S\\^^^^^D~L\xc3\xa9^ANNE^^^^^L\rOBX||ED\rOBXX|no\r",
        )
        .unwrap();
        assert_eq!(message.first("MSH", 9, 1), "ORU");
        assert_eq!(message.first("MSH", 9, 2), "R01");
        assert_eq!(message.first("MSH", 4, 2), "1.2");
        let pid = message.segments("PID").next().unwrap();
        let names: Vec<_> = pid.each(5, [1, 2, 7]).collect();
        assert_eq!(names, [["DU&PONT", "^", "D"], ["Lé", "ANNE", "L"]]);
        assert_eq!(pid.each(3, [4]).map(|[of]| of).collect::<Vec<_>>(), ["A", "B"]);
        assert_eq!(message.segments("OBX").count(), 1);
        assert_eq!((message.first("OBX", 99, 1), message.first("ZDS", 1, 1)), Default::default());
    }

    #[test]
    fn frames_line_ends_and_character_sets() {
        let framed = Message::parse(b"\x0bMSH|^~\\&|a\r\nPID|b\r\n\x1c\rnot read").unwrap();
        assert_eq!(framed.first("PID", 1, 1), "b");
        let latin = |set: &str| {
            let head = format!("MSH|^~\\&|||||||||||||||{}|{set}\r", "");
            Message::parse(&[head.as_bytes(), b"PID|\xbd\xe9\r"].concat())
                .map(|message| message.first("PID", 1, 1))
        };
        assert_eq!(latin("8859/15").unwrap(), "œé");
        assert_eq!(latin("8859/1").unwrap(), "½é");
        assert_eq!(latin("").unwrap(), "½é");
        assert_eq!(latin("UNICODE UTF-8").err(), Some(Hl7Error::CharacterSet));
        assert_eq!(latin("GB 18030").err(), Some(Hl7Error::CharacterSet));
    }

    #[test]
    fn what_is_no_message_is_refused() {
        for text in ["", "MSH", "MSH|^~", "PID|1", "MSH|^~^&|", "MSHA^~\\&|", "<ClinicalDocument/>"]
        {
            assert_eq!(Message::parse(text.as_bytes()).err(), Some(Hl7Error::Header), "{text}");
        }
        let long = format!("MSH|^~\\&|\r{}", "NTE\r".repeat(MAX_SEGMENTS));
        assert_eq!(Message::parse(long.as_bytes()).err(), Some(Hl7Error::TooLong));
    }

    #[test]
    fn escapes_that_are_not_closed_stand_for_themselves() {
        let message = Message::parse(b"MSH|^~\\&|a\\b|\\H\\x\\N\\|\\E\\\\F\\").unwrap();
        assert_eq!(message.first("MSH", 3, 1), "a\\b");
        assert_eq!(message.first("MSH", 4, 1), "x");
        assert_eq!(message.first("MSH", 5, 1), "\\|");
    }
}
