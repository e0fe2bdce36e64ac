//! Why an image is not there, as a sentence for its reader and a line for support.

use negatoscope_protocol::{Failure, FailureKind};
use negatoscope_text::{Lang, text, text_with};
use viewer_core::exam::{UNKNOWN_TRANSFER_SYNTAX, is_video};
use viewer_core::fetch::FrameFailure;

/// The sentence that stands where the image would be.
#[must_use]
pub fn sentence(lang: Lang, failure: &FrameFailure) -> String {
    let key = match failure {
        FrameFailure::Unsupported { name, uid } => {
            let values = [("name", name.as_str()), ("uid", uid.as_str())];
            return text_with(lang, unsupported(name, uid), &values);
        }
        FrameFailure::Truncated { .. } => "viewer.failed_truncated",
        // 422: the server looked into the file and found no such frame in it that makes sense.
        FrameFailure::Corrupt { .. } | FrameFailure::Refused { status: 422 } => {
            "viewer.failed_corrupt"
        }
        FrameFailure::TooLarge { .. } => "viewer.failed_too_large",
        FrameFailure::Refused { .. } => "viewer.failed_missing",
        FrameFailure::Server { .. } => "viewer.failed_server",
        FrameFailure::Unreachable => "viewer.failed_unreachable",
    };
    text(lang, key).into_owned()
}

/// No browser decodes MPEG-2; one that does not decode another video may have a neighbour that does.
fn unsupported(name: &str, uid: &str) -> &'static str {
    const MPEG_2: [&str; 2] = ["1.2.840.10008.1.2.4.100", "1.2.840.10008.1.2.4.101"];
    if MPEG_2.iter().any(|mpeg_2| uid.starts_with(mpeg_2)) {
        "viewer.failed_mpeg2"
    } else if is_video(uid) {
        "viewer.failed_video"
    } else if name == UNKNOWN_TRANSFER_SYNTAX {
        "viewer.failed_unknown"
    } else {
        "viewer.failed_unsupported"
    }
}

/// The cause in English, without personal data.
#[must_use]
pub fn detail(failure: &FrameFailure) -> String {
    match failure {
        FrameFailure::Unsupported { name, uid } => format!("no decoder for {name} ({uid})"),
        FrameFailure::Truncated { detail }
        | FrameFailure::Corrupt { detail }
        | FrameFailure::TooLarge { detail } => detail.clone(),
        FrameFailure::Refused { status } | FrameFailure::Server { status } => {
            format!("HTTP {status}")
        }
        FrameFailure::Unreachable => {
            "no answer to this request, though others are answered".to_owned()
        }
    }
}

/// Whether asking again may help.
#[must_use]
pub fn is_worth_retrying(failure: &FrameFailure) -> bool {
    match failure {
        // A cut connection can truncate what is whole on the server.
        FrameFailure::Server { .. }
        | FrameFailure::Unreachable
        | FrameFailure::Truncated { .. } => true,
        FrameFailure::Unsupported { .. }
        | FrameFailure::Corrupt { .. }
        | FrameFailure::TooLarge { .. }
        | FrameFailure::Refused { .. } => false,
    }
}

/// The decoder's word as the scheduler keeps it.
#[must_use]
pub fn from_decoder(Failure { kind, detail }: Failure) -> FrameFailure {
    match kind {
        FailureKind::Unsupported { name, uid } => FrameFailure::Unsupported { name, uid },
        FailureKind::Truncated => FrameFailure::Truncated { detail },
        FailureKind::Corrupt => FrameFailure::Corrupt { detail },
        FailureKind::TooLarge => FrameFailure::TooLarge { detail },
        FailureKind::Undelivered { status: 0 } => FrameFailure::Unreachable,
        FailureKind::Undelivered { status: status @ (429 | 500..) } => {
            FrameFailure::Server { status }
        }
        FailureKind::Undelivered { status } => FrameFailure::Refused { status },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unsupported_format_is_named_with_its_uid() {
        let unsupported =
            |uid: &str| FrameFailure::Unsupported { name: "Name".into(), uid: uid.into() };
        let failure = unsupported("1.2.840.10008.1.2.4.204");
        assert_eq!(
            sentence(Lang::En, &failure),
            "Unsupported format: Name (1.2.840.10008.1.2.4.204)."
        );
        assert!(!is_worth_retrying(&failure));
    }

    #[test]
    fn a_format_without_a_name_is_called_unknown_in_the_language_of_the_page() {
        let failure = FrameFailure::Unsupported {
            name: UNKNOWN_TRANSFER_SYNTAX.to_owned(),
            uid: "1.2.3".to_owned(),
        };
        assert!(sentence(Lang::Fr, &failure).starts_with("Format d’image inconnu (1.2.3)."));
        assert!(sentence(Lang::En, &failure).starts_with("Unknown image format (1.2.3)."));
    }

    #[test]
    fn a_video_that_cannot_be_played_says_whether_another_browser_might() {
        let said = |last: &str| {
            let uid = format!("1.2.840.10008.1.2.4.{last}");
            sentence(Lang::En, &FrameFailure::Unsupported { name: "Name".into(), uid })
        };
        for mpeg_2 in ["100", "100.1", "101", "101.1"] {
            assert!(said(mpeg_2).starts_with("MPEG-2 video (Name): no browser"), "{mpeg_2}");
        }
        for other in ["102", "106.1", "107", "108"] {
            assert!(said(other).contains("another browser"), "{other}");
        }
    }

    #[test]
    fn every_failure_has_its_own_words_in_both_languages() {
        let detail = String::new;
        let failures = [
            FrameFailure::Truncated { detail: detail() },
            FrameFailure::Corrupt { detail: detail() },
            FrameFailure::TooLarge { detail: detail() },
            FrameFailure::Refused { status: 404 },
            FrameFailure::Server { status: 502 },
            FrameFailure::Unreachable,
        ];
        for lang in Lang::ALL {
            let mut sentences: Vec<_> = failures.iter().map(|f| sentence(lang, f)).collect();
            assert!(sentences.iter().all(|sentence| !sentence.starts_with("viewer.")));
            sentences.sort();
            sentences.dedup();
            assert_eq!(sentences.len(), failures.len());
        }
    }

    #[test]
    fn a_frame_the_server_cannot_read_is_called_damaged() {
        let refused = sentence(Lang::En, &FrameFailure::Refused { status: 422 });
        assert_eq!(refused, sentence(Lang::En, &FrameFailure::Corrupt { detail: String::new() }));
    }

    #[test]
    fn only_a_failed_delivery_is_offered_again() {
        assert!(is_worth_retrying(&FrameFailure::Server { status: 503 }));
        assert!(!is_worth_retrying(&FrameFailure::Refused { status: 404 }));
    }
}
