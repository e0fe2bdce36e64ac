//! What is proposed to the PACS: SOP classes and transfer syntaxes (PS3.6 annex A).

use viewer_core::codec::{Family, TRANSFER_SYNTAXES, transfer_syntax};

/// Verification.
pub(super) const VERIFICATION: &str = "1.2.840.10008.1.1";
/// Study Root Query/Retrieve Information Model - FIND.
pub(super) const STUDY_ROOT_FIND: &str = "1.2.840.10008.5.1.4.1.2.2.1";
/// Study Root Query/Retrieve Information Model - MOVE.
pub(super) const STUDY_ROOT_MOVE: &str = "1.2.840.10008.5.1.4.1.2.2.2";
/// Study Root Query/Retrieve Information Model - GET.
pub(super) const STUDY_ROOT_GET: &str = "1.2.840.10008.5.1.4.1.2.2.3";
/// Modality Worklist Information Model - FIND.
pub(super) const WORKLIST_FIND: &str = "1.2.840.10008.5.1.4.31";
/// Key Object Selection Document.
pub(super) use crate::source::KEY_OBJECT_SELECTION as KEY_OBJECT;

/// Implicit VR Little Endian.
pub(super) const IMPLICIT: &str = "1.2.840.10008.1.2";
/// Explicit VR Little Endian.
pub(super) const EXPLICIT: &str = "1.2.840.10008.1.2.1";

/// Of the table: Papyrus, which no PACS sends, and the deflated data set, which unfolds to any size.
const NOT_PROPOSED: [&str; 2] = ["1.2.840.10008.1.20", "1.2.840.10008.1.2.1.99"];

/// Whether a SOP class is one of Storage (PS3.4 B.5): those of the standard all begin like this, and
/// those of makers are theirs.
pub(super) fn is_storage(class: &str) -> bool {
    class.starts_with("1.2.840.10008.5.1.4.1.1.") || !class.starts_with("1.2.840.10008.")
}

/// Transfer syntaxes in which stored objects are taken as they are, each proposed in a context of its
/// own, so that the PACS sends the original; the uncompressed ones are the fallback.
pub(super) fn originals() -> impl Iterator<Item = &'static str> {
    let table = TRANSFER_SYNTAXES.iter().filter(|row| row.family != Family::Remote);
    table.map(|row| row.uid).filter(|uid| {
        ![IMPLICIT, EXPLICIT].contains(uid) && !NOT_PROPOSED.contains(uid) && !is_refused(uid)
    })
}

/// Arithmetic coding and hierarchical JPEG, which no decoder of the viewer has.
fn is_refused(uid: &str) -> bool {
    let process = uid.strip_prefix("1.2.840.10008.1.2.4.").and_then(|rest| rest.parse::<u8>().ok());
    matches!(process, Some(52 | 54 | 56 | 58..=66))
}

/// Whether objects in this transfer syntax are taken.
pub(super) fn is_taken(uid: &str) -> bool {
    uid == IMPLICIT || uid == EXPLICIT || originals().any(|known| known == uid)
}

/// Whether a transfer syntax is one of them and keeps its pixels compressed.
pub(super) fn is_compressed(uid: &str) -> bool {
    let family = transfer_syntax(uid).map(|row| row.family);
    family.is_some_and(|family| family != Family::Native) && is_taken(uid)
}

/// SOP classes that objects of a modality are likely to have, for a PACS that does not say.
pub(super) fn usual_classes(modality: &str) -> Vec<&'static str> {
    let own: &[&str] = match modality {
        "CT" => &["1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.2.1"],
        "MR" => &["1.2.840.10008.5.1.4.1.1.4", "1.2.840.10008.5.1.4.1.1.4.1"],
        "PT" => &["1.2.840.10008.5.1.4.1.1.128", "1.2.840.10008.5.1.4.1.1.130"],
        "NM" => &["1.2.840.10008.5.1.4.1.1.20"],
        "US" | "IVUS" => &[
            "1.2.840.10008.5.1.4.1.1.6.1",
            "1.2.840.10008.5.1.4.1.1.3.1",
            "1.2.840.10008.5.1.4.1.1.6",
            "1.2.840.10008.5.1.4.1.1.3",
        ],
        "CR" => &["1.2.840.10008.5.1.4.1.1.1"],
        "DX" | "PX" | "IO" => &[
            "1.2.840.10008.5.1.4.1.1.1.1",
            "1.2.840.10008.5.1.4.1.1.1.3",
            "1.2.840.10008.5.1.4.1.1.1",
        ],
        "MG" => &["1.2.840.10008.5.1.4.1.1.1.2", "1.2.840.10008.5.1.4.1.1.13.1.3"],
        "XA" => &["1.2.840.10008.5.1.4.1.1.12.1", "1.2.840.10008.5.1.4.1.1.12.1.1"],
        "RF" => &["1.2.840.10008.5.1.4.1.1.12.2", "1.2.840.10008.5.1.4.1.1.12.2.1"],
        "ES" | "XC" | "GM" => &[
            "1.2.840.10008.5.1.4.1.1.77.1.1",
            "1.2.840.10008.5.1.4.1.1.77.1.4",
            "1.2.840.10008.5.1.4.1.1.77.1.1.1",
            "1.2.840.10008.5.1.4.1.1.77.1.4.1",
        ],
        "SR" => &[
            "1.2.840.10008.5.1.4.1.1.88.11",
            "1.2.840.10008.5.1.4.1.1.88.22",
            "1.2.840.10008.5.1.4.1.1.88.33",
            "1.2.840.10008.5.1.4.1.1.88.67",
        ],
        "KO" => &[KEY_OBJECT],
        "PR" => &["1.2.840.10008.5.1.4.1.1.11.1"],
        "SEG" => &["1.2.840.10008.5.1.4.1.1.66.4"],
        "DOC" => &["1.2.840.10008.5.1.4.1.1.104.1"],
        _ => &[],
    };
    let mut classes = own.to_vec();
    classes.push("1.2.840.10008.5.1.4.1.1.7");
    classes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_decoder_of_the_viewer_is_proposed_to() {
        let proposed: Vec<_> = originals().collect();
        for row in TRANSFER_SYNTAXES.iter().filter(|row| row.family != Family::Remote) {
            let decodes = viewer_core::codec::decoder_for(row.uid).is_ok();
            let is_video = row.family == Family::Video;
            let is_left_out = is_refused(row.uid) || NOT_PROPOSED.contains(&row.uid);
            let expected = (decodes || is_video) && !is_left_out;
            let is_own_fallback = [IMPLICIT, EXPLICIT].contains(&row.uid);
            assert_eq!(proposed.contains(&row.uid), expected && !is_own_fallback, "{}", row.name);
        }
        assert!(is_taken("1.2.840.10008.1.2.4.80") && is_taken(EXPLICIT));
        assert!(!is_taken("1.2.840.10008.1.2.4.94") && !is_taken("1.2.840.10008.1.2.4.52"));
    }

    #[test]
    fn storage_classes_are_told_from_services() {
        assert!(is_storage("1.2.840.10008.5.1.4.1.1.2") && is_storage(KEY_OBJECT));
        assert!(is_storage("1.3.12.2.1107.5.9.1"));
        assert!(!is_storage(STUDY_ROOT_GET) && !is_storage(VERIFICATION));
        let usual = usual_classes("CT");
        assert!(usual.iter().all(|class| is_storage(class)) && usual.len() == 3);
    }
}
