//! Takes off what PDF readers and mail programs put on.

/// Characters that stick to the end of a link in running text.
const TRAILING: &[char] =
    &['.', ',', ';', ':', '!', '?', ')', ']', '}', '>', '<', '»', '«', '"', '\'', '”', '’', '“'];

/// Marks that are not visible and mean nothing: soft hyphen, zero width, byte order mark.
const INVISIBLE: &[char] =
    &['\u{ad}', '\u{200b}', '\u{200c}', '\u{200d}', '\u{2060}', '\u{feff}', '\0'];

/// Without invisible marks and line wraps (a line break with the blanks around it), trimmed.
pub(super) fn unwrap_lines(text: &str) -> String {
    let visible: String = text.chars().filter(|mark| !INVISIBLE.contains(mark)).collect();
    visible.split(['\r', '\n']).map(str::trim).collect()
}

/// Without any blank at all, for values that cannot hold one.
pub(super) fn without_blanks(text: &str) -> String {
    unwrap_lines(text).chars().filter(|mark| !mark.is_whitespace()).collect()
}

/// Without the punctuation of the sentence the link stood in.
pub(super) fn without_punctuation(text: &str) -> &str {
    text.trim_end_matches(TRAILING).trim_end()
}
