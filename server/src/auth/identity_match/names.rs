//! Names as civil registers, information systems and DICOM write them.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// From this length on a DICOM name may have been cut: a component group holds 64 characters (PS3.5 6.2).
const MAYBE_CUT: usize = 60;

/// How alike two names are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Likeness {
    Same,
    Other,
    /// One is missing, or the spelling leaves it open.
    Unclear,
}

/// Capitals without marks; ligatures spelled out; hyphens, apostrophes, dots and blanks are one blank.
pub(crate) fn normalise(name: &str) -> String {
    let mut plain = String::with_capacity(name.len());
    for letter in name.nfkd().filter(|letter| !is_combining_mark(*letter)) {
        match letter {
            'œ' | 'Œ' => plain.push_str("OE"),
            'æ' | 'Æ' => plain.push_str("AE"),
            'ß' | 'ẞ' => plain.push_str("SS"),
            'ø' | 'Ø' => plain.push('O'),
            'ł' | 'Ł' => plain.push('L'),
            'đ' | 'Đ' | 'ð' | 'Ð' => plain.push('D'),
            letter if is_separator(letter) => plain.push(' '),
            letter => plain.extend(letter.to_uppercase()),
        }
    }
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn is_separator(letter: char) -> bool {
    letter.is_whitespace()
        || letter.is_control()
        || matches!(letter, '-' | '\'' | '.' | '^' | '_' | '`' | '´' | '\u{2010}'..='\u{2015}')
        || matches!(
            letter,
            '\u{2018}' | '\u{2019}' | '\u{2bc}' | '\u{2032}' | '\u{ad}' | '\u{200b}'
        )
}

/// Compares birth names.
pub(super) fn family(proven: &str, recorded: &str) -> Likeness {
    let (proven, recorded) = (normalise(proven), normalise(recorded));
    if proven.is_empty() || recorded.is_empty() {
        return Likeness::Unclear;
    }
    if proven == recorded {
        return Likeness::Same;
    }
    let joined = |name: &str| name.replace(' ', "");
    if is_cut(&proven, &recorded) || joined(&proven) == joined(&recorded) {
        return Likeness::Unclear;
    }
    Likeness::Other
}

/// Compares the first given name of a list with the first one of a text that may hold them all.
pub(super) fn first_given(proven: &[String], recorded: &str) -> Likeness {
    let wanted = proven.first().map(|name| normalise(name)).unwrap_or_default();
    let all = normalise(recorded);
    if wanted.is_empty() || all.is_empty() {
        return Likeness::Unclear;
    }
    let first = normalise(
        recorded
            .split([' ', ',', '^'])
            .find(|part| !normalise(part).is_empty())
            .unwrap_or(recorded),
    );
    // A composed name may be written with a blank for its hyphen.
    if first == wanted || wanted.contains(' ') && starts_with_words(&all, &wanted) {
        return Likeness::Same;
    }
    if all.chars().count() >= MAYBE_CUT && wanted.starts_with(&all) {
        return Likeness::Same;
    }
    // JEAN against JEAN-PIERRE: one composed name, or two that somebody joined.
    if starts_with_words(&first, &wanted) || starts_with_words(&wanted, &first) {
        return Likeness::Unclear;
    }
    Likeness::Other
}

fn starts_with_words(text: &str, words: &str) -> bool {
    text.strip_prefix(words).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
}

fn is_cut(whole: &str, recorded: &str) -> bool {
    recorded.chars().count() >= MAYBE_CUT && whole.starts_with(recorded)
}
