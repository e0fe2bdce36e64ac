//! Writes what a plan says into the header of an object, and no other byte.

use super::error::Unwritable;
use super::header::Header;
use super::plan::{Edit, INSTITUTION_NAME, New, ORIGINAL_ATTRIBUTES, Plan};
use crate::data_set::elements::{Span, Tag};
use crate::data_set::encode::Writer;

const MODIFIED_ATTRIBUTES: Tag = 0x0400_0550;
const MODIFIED_AT: Tag = 0x0400_0562;
const MODIFYING_SYSTEM: Tag = 0x0400_0563;
const SOURCE_OF_VALUES: Tag = 0x0400_0564;
const REASON: Tag = 0x0400_0565;
/// "… reconciliation against a master patient index" (PS3.3 C.12.1.1.9).
const COERCE: &[u8] = b"COERCE";
const SYSTEM: &[u8] = b"NEGATOSCOPE";

/// What is written down of the change itself.
#[derive(Clone, Debug)]
pub struct Record {
    /// When: DT in UTC, `YYYYMMDDHHMMSS+0000`. That of the whole import, so that the same object is always written alike.
    pub at: String,
    /// Where the object came from, if it does not name an institution.
    pub source: String,
}

impl Plan {
    /// The bytes of the header with the changes; whatever follows them in the file follows them still.
    ///
    /// # Errors
    /// [`Unwritable`] where an element is there twice, or a value too long.
    pub fn apply(&self, header: &Header<'_>, record: &Record) -> Result<Vec<u8>, Unwritable> {
        if self.edits.is_empty() {
            return Ok(header.bytes.to_vec());
        }
        let mut edits = self.edits.clone();
        let items = self.original_attributes(header, record)?;
        edits.push(Edit { tag: ORIGINAL_ATTRIBUTES, new: New::Items(items) });
        edits.sort_by_key(|edit| edit.tag);
        splice(header, &edits)
    }

    /// Those there are, and one more with what every changed attribute was; empty where it was not there.
    fn original_attributes(
        &self,
        header: &Header<'_>,
        record: &Record,
    ) -> Result<Vec<u8>, Unwritable> {
        let mut former = Writer::new(header.encoding);
        for Edit { tag, new } in &self.edits {
            match (header.raw(*tag)?, new) {
                (Some(raw), _) => former.raw(raw),
                (None, New::Text(vr, _)) => former.element(*tag, *vr, &[])?,
                (None, _) => former.sequence(*tag, &[])?,
            };
        }
        let institution = header.raw_value(INSTITUTION_NAME)?.filter(|value| !value.is_empty());
        let source = institution.unwrap_or(record.source.as_bytes());
        let mut item = Writer::new(header.encoding);
        item.sequence(MODIFIED_ATTRIBUTES, &former.into_item()?)?
            .text(MODIFIED_AT, *b"DT", record.at.as_bytes())?
            .text(MODIFYING_SYSTEM, *b"LO", SYSTEM)?
            .text(SOURCE_OF_VALUES, *b"LO", source)?
            .text(REASON, *b"CS", COERCE)?;
        let mut items = header.items(ORIGINAL_ATTRIBUTES)?;
        items.extend(item.into_item()?);
        Ok(items)
    }
}

fn splice(header: &Header<'_>, edits: &[Edit]) -> Result<Vec<u8>, Unwritable> {
    let mut fresh = Vec::new();
    for edit in edits {
        fresh.push(Fresh {
            tag: edit.tag,
            at: header.span(edit.tag)?,
            bytes: write(header, edit)?,
        });
    }
    let grown = |group| grown(&fresh, group);
    let mut out = header.bytes.get(..header.data_at).unwrap_or_default().to_vec();
    let mut waiting = fresh.iter().filter(|fresh| fresh.at.is_none()).peekable();
    for span in &header.spans {
        while let Some(new) = waiting.next_if(|new| new.tag < span.tag) {
            out.extend_from_slice(&new.bytes);
        }
        if let Some(new) = fresh.iter().find(|fresh| fresh.at == Some(*span)) {
            out.extend_from_slice(&new.bytes);
        } else if span.tag & 0xFFFF == 0 && grown(span.tag >> 16) != 0 {
            out.extend(group_length(header, *span, grown(span.tag >> 16))?);
        } else {
            out.extend_from_slice(header.bytes.get(span.start..span.end).unwrap_or_default());
        }
    }
    waiting.for_each(|new| out.extend_from_slice(&new.bytes));
    let end = header.spans.last().map_or(header.data_at, |span| span.end);
    out.extend_from_slice(header.bytes.get(end..).unwrap_or_default());
    Ok(out)
}

/// An element written anew, and the one it stands for.
struct Fresh {
    tag: Tag,
    at: Option<Span>,
    bytes: Vec<u8>,
}

fn write(header: &Header<'_>, edit: &Edit) -> Result<Vec<u8>, Unwritable> {
    let mut writer = Writer::new(header.encoding);
    match &edit.new {
        New::Text(vr, value) => writer.text(edit.tag, *vr, value)?,
        New::Items(items) => writer.sequence(edit.tag, items)?,
        New::Removed => &mut writer,
    };
    Ok(writer.finish())
}

/// By how many bytes a group becomes longer.
fn grown(fresh: &[Fresh], group: u32) -> i64 {
    let of_group = fresh.iter().filter(|fresh| fresh.tag >> 16 == group);
    let length = |length: usize| i64::try_from(length).unwrap_or(i64::MAX);
    of_group
        .map(|fresh| length(fresh.bytes.len()) - fresh.at.map_or(0, |at| length(at.end - at.start)))
        .sum()
}

/// Group length (retired, but true where it is there: PS3.5 7.2).
fn group_length(header: &Header<'_>, span: Span, grown: i64) -> Result<Vec<u8>, Unwritable> {
    let value = header.bytes.get(span.value..span.value_end).unwrap_or_default();
    let value: [u8; 4] = value.try_into().map_err(|_other_length| Unwritable::Malformed)?;
    let old =
        if header.encoding.big { u32::from_be_bytes(value) } else { u32::from_le_bytes(value) };
    let new = u32::try_from(i64::from(old) + grown).map_err(|_no_length| Unwritable::Malformed)?;
    let mut writer = Writer::new(header.encoding);
    writer.element(span.tag, *b"UL", &header.encoding.u32(new))?;
    Ok(writer.finish())
}

#[cfg(test)]
mod tests;
