//! `LISEZMOI.TXT`: what a copy is, and what is not in it, in French and English.

use negatoscope_text::{Lang, text};

use super::anonymous::LeftOut;

/// What became of the objects of a copy.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    /// Whether identities were taken out.
    pub(super) is_anonymised: bool,
    /// In the copy.
    pub(super) files: u64,
    /// Listed by the source, and not delivered.
    pub(super) missing: u64,
    /// Left out because the picture may show who it is.
    pub(super) pixels: u64,
    /// Left out because they are no pictures.
    pub(super) content: u64,
}

impl Tally {
    /// Counts an object that is no part of the copy.
    pub(super) const fn leave_out(&mut self, reason: LeftOut) {
        match reason {
            LeftOut::Pixels => self.pixels += 1,
            LeftOut::Content => self.content += 1,
        }
    }
}

/// The text, with the line ends that every editor knows and a mark that says it is UTF-8.
pub(super) fn readme(tally: &Tally) -> String {
    let both: Vec<String> = Lang::ALL.iter().map(|lang| in_language(*lang, tally)).collect();
    format!("\u{feff}{}", both.join("\n----------\n\n")).replace('\n', "\r\n")
}

fn in_language(lang: Lang, tally: &Tally) -> String {
    let mut lines = vec!["readme.title", "readme.what", "readme.open", "readme.not_diagnostic"];
    lines.push(if tally.is_anonymised { "readme.anonymised" } else { "readme.identity" });
    let mut words: Vec<String> = lines.iter().map(|key| text(lang, key).into_owned()).collect();
    let counts = [
        ("readme.files", tally.files, true),
        ("readme.missing", tally.missing, false),
        ("readme.pixels", tally.pixels, false),
        ("readme.content", tally.content, false),
    ];
    for (key, count, always) in counts {
        if always || count > 0 {
            words.push(text(lang, key).replace("%{count}", &count.to_string()));
        }
    }
    words.join("\n\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_is_said_in_both_languages() {
        let mut tally = Tally { is_anonymised: true, files: 12, ..Tally::default() };
        tally.leave_out(LeftOut::Pixels);
        let text = readme(&tally);
        for words in ["12 fichiers", "12 files of", "1 image", "PS3.15", "diagnostic"] {
            assert!(text.contains(words), "{words} in {text}");
        }
        assert!(!text.contains("readme.") && !text.contains("%{"), "{text}");
        assert!(!readme(&Tally::default()).contains("PS3.15"));
    }
}
