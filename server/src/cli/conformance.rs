//! `negatoscope conformance`, and what the document says of single UIDs and attributes.

use std::io::{self, Write};

use serde::Serialize;

/// The statement itself: printed, and asked by `inspect`, so that there is one truth.
const DOCUMENT: &str = include_str!("../../../docs/CONFORMANCE.md");

/// Print the conformance statement.
///
/// The transfer syntaxes, SOP classes and attributes that are honoured, partly honoured or not, each with
/// the test that proves it.
#[derive(Debug, clap::Args)]
pub(super) struct Conformance {}

pub(super) fn run(_command: &Conformance) -> anyhow::Result<()> {
    Ok(io::stdout().write_all(DOCUMENT.as_bytes())?)
}

/// How far something is honoured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Honour {
    /// ✅
    Yes,
    /// 🟧
    Partly,
    /// ❌
    No,
}

/// One row of the document whose second column is a UID or a tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Row {
    pub honour: Honour,
    /// UID, or `gggg,eeee` in hexadecimal; `60xx` stands for the even groups 6000 to 601E.
    pub key: &'static str,
    pub name: &'static str,
    pub notes: &'static str,
}

/// The rows with a UID or a tag, in the order of the document.
pub(super) fn rows() -> impl Iterator<Item = Row> {
    DOCUMENT.lines().filter_map(|line| {
        let mut cells = line.strip_prefix('|')?.split('|').map(str::trim);
        let honour = match cells.next()? {
            "✅" => Honour::Yes,
            "🟧" => Honour::Partly,
            "❌" => Honour::No,
            _ => return None,
        };
        let key = cells.next()?;
        let is_key = key.starts_with("1.2.840.") || key.as_bytes().get(4) == Some(&b',');
        is_key.then_some(Row { honour, key, name: cells.next()?, notes: cells.next()? })
    })
}

/// The row of a transfer syntax or SOP class.
pub(super) fn row_of_uid(uid: &str) -> Option<Row> {
    rows().find(|row| row.key == uid)
}

impl Row {
    /// Whether this row is about the attribute.
    pub(super) fn is_about(&self, (group, element): (u16, u16)) -> bool {
        let in_group = |group: u16| format!("{group:04X},{element:04X}");
        let is_overlay = matches!(group, 0x6000..=0x601E) && group % 2 == 0;
        self.key == in_group(group)
            || (is_overlay && self.key == in_group(0x6000).replacen("6000", "60xx", 1))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use viewer_core::codec::video::Coding;
    use viewer_core::codec::{TRANSFER_SYNTAXES, decoder_for};

    use super::*;

    /// Processes of JPEG that have a transfer syntax of their own and no decoder: the frame header names
    /// them, whatever the label, so that the decoder of the family is asked and refuses.
    const REFUSED_JPEG: [&str; 12] =
        ["52", "54", "56", "58", "59", "60", "61", "62", "63", "64", "65", "66"];

    /// By us, or for videos by the browser.
    fn is_decoded(uid: &str) -> bool {
        let jpeg = uid.strip_prefix("1.2.840.10008.1.2.4.");
        let is_refused_jpeg = jpeg.is_some_and(|process| REFUSED_JPEG.contains(&process));
        Coding::of_transfer_syntax(uid).is_ok() || (decoder_for(uid).is_ok() && !is_refused_jpeg)
    }

    #[test]
    fn the_document_tells_every_transfer_syntax_as_it_is() {
        for syntax in TRANSFER_SYNTAXES {
            let row = row_of_uid(syntax.uid).unwrap_or_else(|| panic!("no row of {}", syntax.uid));
            let is_honoured = row.honour != Honour::No;
            assert_eq!(is_honoured, is_decoded(syntax.uid), "{} {}", syntax.uid, syntax.name);
            assert_eq!(row.name, syntax.name, "{}", syntax.uid);
        }
    }

    #[test]
    fn keys_are_unique_and_well_formed() {
        let mut seen = BTreeSet::new();
        for row in rows() {
            assert!(seen.insert(row.key), "{} stands twice", row.key);
            assert!(!row.name.is_empty(), "{}", row.key);
            assert!(row.honour != Honour::Partly || !row.notes.is_empty(), "{} partly?", row.key);
        }
        assert!(seen.len() > 150, "{} rows", seen.len());
    }

    #[test]
    fn overlay_groups_share_their_rows() {
        let row = Row { honour: Honour::No, key: "60xx,3000", name: "Overlay Data", notes: "" };
        for (tag, expected) in [
            ((0x6000, 0x3000), true),
            ((0x601E, 0x3000), true),
            ((0x6001, 0x3000), false),
            ((0x6020, 0x3000), false),
            ((0x6000, 0x0010), false),
        ] {
            assert_eq!(row.is_about(tag), expected, "{tag:04X?}");
        }
        let plain = Row { key: "0028,1053", ..row };
        assert!(plain.is_about((0x0028, 0x1053)) && !plain.is_about((0x0028, 0x1052)));
    }
}
