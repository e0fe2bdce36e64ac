//! Specific Character Set (PS3.3 C.12.1.1.2, PS3.5 6.1): bytes → Unicode, with ISO 2022 escapes.

use encoding_rs::{
    EUC_JP, EUC_KR, Encoding, GB18030, GBK, ISO_2022_JP, ISO_8859_2, ISO_8859_3, ISO_8859_4,
    ISO_8859_5, ISO_8859_6, ISO_8859_7, ISO_8859_8, SHIFT_JIS, UTF_8, WINDOWS_874, WINDOWS_1252,
    WINDOWS_1254,
};

const ESCAPE: u8 = 0x1B;

/// The character sets in force for a data set.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Charset {
    initial: Initial,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Initial {
    /// None stated, or one nobody knows: ASCII, and the likelier of UTF-8 and Latin-1 beyond it.
    Unstated,
    /// One that escapes do not leave (UTF-8, GB 18030, GBK; PS3.3 C.12.1.1.2).
    Whole(&'static Encoding),
    /// One in which ISO 2022 escapes switch to others.
    Switching(&'static Encoding),
}

impl Charset {
    pub(super) const UNSTATED: Self = Self { initial: Initial::Unstated };

    /// From the values of Specific Character Set; escapes name their set themselves (PS3.3
    /// C.12.1.1.2 tables C.12-3 and C.12-4), so only the first value matters.
    pub(super) fn from_terms<S: AsRef<str>>(terms: &[S]) -> Self {
        let first = terms.first().map_or("", |term| term.as_ref().trim());
        let initial = match first.replace('_', " ").as_str() {
            "ISO IR 192" => Initial::Whole(UTF_8),
            "GB18030" => Initial::Whole(GB18030),
            "GBK" => Initial::Whole(GBK),
            "" | "ISO 2022 IR 6" | "ISO IR 6" if terms.len() > 1 => {
                Initial::Switching(WINDOWS_1252)
            }
            other => single_byte(other).map_or(Initial::Unstated, Initial::Switching),
        };
        Self { initial }
    }

    /// Decodes one value field; what no character is assigned to becomes U+FFFD.
    pub(super) fn decode(&self, bytes: &[u8]) -> String {
        match self.initial {
            Initial::Whole(encoding) => decode_with(encoding, bytes),
            Initial::Unstated => match std::str::from_utf8(bytes) {
                Ok(text) => text.to_owned(),
                Err(_) => decode_with(WINDOWS_1252, bytes),
            },
            Initial::Switching(encoding) => decode_switching(encoding, bytes),
        }
    }
}

/// The set of a defined term, with or without code extension.
fn single_byte(term: &str) -> Option<&'static Encoding> {
    let number = term.strip_prefix("ISO IR ").or_else(|| term.strip_prefix("ISO 2022 IR "))?;
    Some(match number {
        // Latin-1 as the web takes it: a superset that also reads `œ` as many sites wrote it.
        "100" => WINDOWS_1252,
        "101" => ISO_8859_2,
        "109" => ISO_8859_3,
        "110" => ISO_8859_4,
        "144" => ISO_8859_5,
        "127" => ISO_8859_6,
        "126" => ISO_8859_7,
        "138" => ISO_8859_8,
        "148" => WINDOWS_1254,
        "166" => WINDOWS_874,
        "13" => SHIFT_JIS,
        "149" => EUC_KR,
        "58" => GBK,
        "87" => ISO_2022_JP,
        _ => return None,
    })
}

/// What bytes mean after an escape sequence.
#[derive(Clone, Copy)]
enum Active {
    /// An encoding that is ASCII below 0x80.
    Ascii(&'static Encoding),
    /// JIS X 0208, two bytes a character.
    Jis0208,
    /// JIS X 0212, two bytes a character.
    Jis0212,
}

/// Escape sequences after ESC and the set they switch to (PS3.3 tables C.12-3 and C.12-4).
const ESCAPES: [(&[u8], Active); 19] = [
    (b"(B", Active::Ascii(WINDOWS_1252)),
    (b"(J", Active::Ascii(SHIFT_JIS)),
    (b")I", Active::Ascii(SHIFT_JIS)),
    (b"-A", Active::Ascii(WINDOWS_1252)),
    (b"-B", Active::Ascii(ISO_8859_2)),
    (b"-C", Active::Ascii(ISO_8859_3)),
    (b"-D", Active::Ascii(ISO_8859_4)),
    (b"-L", Active::Ascii(ISO_8859_5)),
    (b"-G", Active::Ascii(ISO_8859_6)),
    (b"-F", Active::Ascii(ISO_8859_7)),
    (b"-H", Active::Ascii(ISO_8859_8)),
    (b"-M", Active::Ascii(WINDOWS_1254)),
    (b"-T", Active::Ascii(WINDOWS_874)),
    (b"$)C", Active::Ascii(EUC_KR)),
    (b"$)A", Active::Ascii(GBK)),
    (b"$(D", Active::Jis0212),
    (b"$(B", Active::Jis0208),
    (b"$B", Active::Jis0208),
    (b"$@", Active::Jis0208),
];

fn decode_switching(initial: &'static Encoding, bytes: &[u8]) -> String {
    let mut text = String::new();
    let mut upper_half = initial;
    let mut active = Active::Ascii(initial);
    let mut runs = bytes.split(|&byte| byte == ESCAPE);
    if let Some(first) = runs.next() {
        text.push_str(&decode_run(active, initial, first));
    }
    for run in runs {
        let found =
            ESCAPES.iter().find_map(|(mark, set)| Some((*set, mark, run.strip_prefix(*mark)?)));
        let rest = match found {
            // `ESC ( B` brings ASCII back to the lower half and leaves the upper half alone.
            Some((_, mark, rest)) if *mark == b"(B" => {
                active = Active::Ascii(upper_half);
                rest
            }
            Some((set, _, rest)) => {
                if let Active::Ascii(encoding) = set {
                    upper_half = encoding;
                }
                active = set;
                rest
            }
            None => run,
        };
        text.push_str(&decode_run(active, initial, rest));
        if ends_in_initial_state(active, rest) {
            (upper_half, active) = (initial, Active::Ascii(initial));
        }
    }
    text
}

/// Delimiters bring the initial set back (PS3.5 6.1.2.5.3). A run of a two-byte set holds none.
fn is_delimiter(byte: u8) -> bool {
    matches!(byte, b'\\' | b'^' | b'=' | b'\r' | b'\n' | b'\t' | 0x0C)
}

fn ends_in_initial_state(active: Active, run: &[u8]) -> bool {
    matches!(active, Active::Ascii(_)) && run.iter().any(|&byte| is_delimiter(byte))
}

fn decode_run(active: Active, initial: &'static Encoding, run: &[u8]) -> String {
    match active {
        Active::Ascii(encoding) => {
            let end = run.iter().position(|&byte| is_delimiter(byte)).unwrap_or(run.len());
            let (in_active, in_initial) = run.split_at(end);
            decode_with(encoding, in_active) + &decode_with(initial, in_initial)
        }
        Active::Jis0208 => {
            let mut escaped = vec![ESCAPE, b'$', b'B'];
            escaped.extend_from_slice(run);
            decode_with(ISO_2022_JP, &escaped)
        }
        Active::Jis0212 => {
            let pairs = run.chunks(2);
            let bytes: Vec<u8> = pairs
                .flat_map(|pair| [0x8F].into_iter().chain(pair.iter().map(|b| b | 0x80)))
                .collect();
            decode_with(EUC_JP, &bytes)
        }
    }
}

fn decode_with(encoding: &'static Encoding, bytes: &[u8]) -> String {
    encoding.decode_without_bom_handling(bytes).0.into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(terms: &[&str], bytes: &[u8]) -> String {
        Charset::from_terms(terms).decode(bytes)
    }

    #[test]
    fn french_in_latin_1_utf_8_and_without_a_statement() {
        assert_eq!(decode(&["ISO_IR 100"], b"LEF\xC8VRE^\xC9lise"), "LEFÈVRE^Élise");
        assert_eq!(decode(&["ISO_IR 192"], "LEFÈVRE^Élise".as_bytes()), "LEFÈVRE^Élise");
        assert_eq!(decode(&[], b"LEF\xC8VRE^\xC9lise"), "LEFÈVRE^Élise");
        assert_eq!(decode(&[], "LEFÈVRE^Élise".as_bytes()), "LEFÈVRE^Élise");
        assert_eq!(decode(&["ISO_IR 999"], b"No\xEBl"), "Noël");
    }

    #[test]
    fn french_by_code_extension() {
        let terms = ["ISO 2022 IR 6", "ISO 2022 IR 100"];
        assert_eq!(decode(&terms, b"Buc^J\x1B-A\xE9r\xF4me"), "Buc^Jérôme");
        // The delimiter ends the extension; the next component switches again.
        assert_eq!(decode(&terms, b"\x1B-ALef\xE8vre^\x1B-A\xC9lise"), "Lefèvre^Élise");
    }

    /// The examples of PS3.5 annex H.3.1 and H.3.2.
    #[test]
    fn japanese_examples_of_the_standard() {
        let name =
            b"Yamada^Tarou=\x1B$B;3ED\x1B(B^\x1B$BB@O:\x1B(B=\x1B$B$d$^$@\x1B(B^\x1B$B$?$m$&\x1B(B";
        assert_eq!(decode(&["", "ISO 2022 IR 87"], name), "Yamada^Tarou=山田^太郎=やまだ^たろう");
        let katakana = b"\xD4\xCF\xC0\xDE^\xC0\xDB\xB3=\x1B$B;3ED\x1B(J^\x1B$BB@O:\x1B(J";
        assert_eq!(decode(&["ISO 2022 IR 13", "ISO 2022 IR 87"], katakana), "ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎");
    }

    /// The example of PS3.5 annex I.2.
    #[test]
    fn korean_example_of_the_standard() {
        let name = b"Hong^Gildong=\x1B$)C\xFB\xF3^\x1B$)C\xD1\xCE\xD4\xD7=\x1B$)C\xC8\xAB^\x1B$)C\xB1\xE6\xB5\xBF";
        assert_eq!(decode(&["", "ISO 2022 IR 149"], name), "Hong^Gildong=洪^吉洞=홍^길동");
    }

    #[test]
    fn other_alphabets() {
        assert_eq!(decode(&["ISO_IR 126"], b"\xC4\xE9\xEF\xED\xF5\xF3\xE9\xEF\xF2"), "Διονυσιος");
        assert_eq!(decode(&["ISO_IR 144"], b"\xBB\xEE\xDA"), "Люк");
        assert_eq!(
            decode(&["GB18030"], b"Wang^XiaoDong=\xCD\xF5^\xD0\xA1\xB6\xAB"),
            "Wang^XiaoDong=王^小东"
        );
    }

    #[test]
    fn what_cannot_be_decoded_is_visible() {
        assert_eq!(decode(&["ISO_IR 192"], b"A\xFFB"), "A\u{FFFD}B");
        assert_eq!(decode(&["", "ISO 2022 IR 87"], b"\x1B$B;"), "\u{FFFD}");
    }
}
