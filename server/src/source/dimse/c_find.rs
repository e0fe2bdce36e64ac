//! C-FIND (PS3.4 C.4.1): what the PACS knows, as data sets.

use std::io::Cursor;

use viewer_core::dicom::{DicomFile, read_part10};

use super::association::Association;
use super::elements::{Tag, Writer};
use super::error::DimseError;
use super::part10;
use super::requests::{C_FIND_RQ, is_pending, request, response};
use super::syntaxes::{IMPLICIT, STUDY_ROOT_FIND};

/// Query/Retrieve Level.
const LEVEL: Tag = 0x0008_0052;

/// One question: a level, keys that must match, and attributes that are asked for.
pub(super) struct Query<'a> {
    pub level: &'static str,
    pub keys: &'a [(Tag, &'a str)],
    pub wanted: &'a [Tag],
    /// Most answers; more of them are refused.
    pub limit: usize,
}

/// Asks once. Where it fails, the association is of no more use; else it can
/// be asked again.
pub(super) async fn find(
    association: &mut Association,
    query: &Query<'_>,
) -> Result<Vec<DicomFile>, DimseError> {
    ask(association, STUDY_ROOT_FIND, &identifier(query), query.limit).await
}

/// As [`find`], in any information model.
pub(super) async fn ask(
    association: &mut Association,
    model: &str,
    identifier: &[u8],
    limit: usize,
) -> Result<Vec<DicomFile>, DimseError> {
    let context = association.context(model).ok_or(DimseError::NotAccepted("C-FIND"))?;
    association.send(context, &request(C_FIND_RQ, model, None), Some(identifier)).await?;
    let mut found = Vec::new();
    loop {
        let message = association.message().await?;
        let status = response(&message, C_FIND_RQ)?;
        if !is_pending(status) {
            return if status == 0 { Ok(found) } else { Err(failure(status)) };
        }
        if found.len() >= limit {
            return Err(DimseError::TooLarge("the number of answers of the PACS"));
        }
        found.extend(read(&message.data));
    }
}

const fn failure(status: u16) -> DimseError {
    DimseError::Status { operation: "C-FIND", status }
}

fn identifier(query: &Query<'_>) -> Vec<u8> {
    let mut elements: Vec<(Tag, &str)> = query.keys.to_vec();
    elements.extend(query.wanted.iter().map(|tag| (*tag, "")));
    elements.push((LEVEL, query.level));
    elements.sort_unstable();
    let mut writer = Writer::default();
    for (tag, value) in elements {
        // Only the UIDs have values of odd length that are padded with NUL.
        let padding = if tag >> 16 == 0x0020 { 0 } else { b' ' };
        writer.text(tag, value, padding);
    }
    writer.bytes()
}

/// An identifier, read like a file: bounded, whatever it holds. `None` where nothing can be read.
fn read(data: &[u8]) -> Option<DicomFile> {
    let mut file = part10::head("", "", IMPLICIT);
    file.extend_from_slice(data);
    read_part10(Cursor::new(file)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_sorted_and_padded() {
        let query = Query {
            level: "STUDY",
            keys: &[(0x0020_000D, "1.2.3")],
            wanted: &[0x0008_0050],
            limit: 1,
        };
        let bytes = identifier(&query);
        assert_eq!(bytes[..8], [8, 0, 0x50, 0, 0, 0, 0, 0]);
        let object = read(&bytes).unwrap().object;
        let text =
            |tag: (u16, u16)| object.element(tag.into()).unwrap().to_str().unwrap().into_owned();
        assert_eq!(text((0x0008, 0x0052)).trim(), "STUDY");
        assert_eq!(text((0x0020, 0x000D)), "1.2.3");
        assert!(read(b"\xFF").is_none());
    }
}
