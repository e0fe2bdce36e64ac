//! The one catalogue of user-facing text: French first, English second.
//!
//! The words are in `locales/`, those of the viewer's page apart from those of the pages before it, both
//! languages side by side under one key. Placeholders are written `%{name}`. A key that is missing in one
//! language stops the build.

use std::borrow::Cow;
use std::cmp::Ordering;

/// A line for each key, in the order of keys: key, French, English, with tabs between.
const WORDS: &str = include_str!(concat!(env!("OUT_DIR"), "/words.tsv"));

/// A language of the user interface.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Lang {
    /// French, the default.
    #[default]
    Fr,
    /// English.
    En,
}

impl Lang {
    /// Every language, the default first.
    pub const ALL: [Self; 2] = [Self::Fr, Self::En];

    /// BCP 47 code, for `lang` attributes and the catalogue.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Fr => "fr",
            Self::En => "en",
        }
    }

    /// The language whose code or tag (`en-GB`) this is.
    #[must_use]
    pub fn from_tag(tag: &str) -> Option<Self> {
        let primary = tag.split(['-', '_']).next().unwrap_or_default().trim();
        Self::ALL.into_iter().find(|lang| lang.code().eq_ignore_ascii_case(primary))
    }

    /// The first known language of an `Accept-Language` header or of a comma list of tags, by the
    /// order it is written in (browsers write it in order of preference); French where none is known.
    #[must_use]
    pub fn preferred(accept_language: &str) -> Self {
        accept_language
            .split(',')
            .filter_map(|range| Self::from_tag(range.split(';').next().unwrap_or_default()))
            .next()
            .unwrap_or_default()
    }
}

/// The text of `key`; the key itself where there is none.
#[must_use]
pub fn text(lang: Lang, key: &str) -> Cow<'static, str> {
    let found = words_of(key).and_then(|words| words.split('\t').nth(lang as usize));
    found.map_or_else(|| Cow::Owned(key.to_owned()), Cow::Borrowed)
}

/// Both languages of a key. Half of the lines are left out again and again.
fn words_of(key: &str) -> Option<&'static str> {
    let mut lines = WORDS;
    while !lines.is_empty() {
        let (before, _) = lines.as_bytes().split_at(lines.len() / 2);
        let start = before.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
        let (first, second) = lines.split_at_checked(start)?;
        let (line, after) = second.split_once('\n').unwrap_or((second, ""));
        let (found, words) = line.split_once('\t')?;
        lines = match found.cmp(key) {
            Ordering::Equal => return Some(words),
            Ordering::Less => after,
            Ordering::Greater => first,
        };
    }
    None
}

/// The text of `key` with `%{name}` placeholders filled in. Values are inserted as they are: whoever
/// puts the result into HTML escapes it.
#[must_use]
pub fn text_with(lang: Lang, key: &str, values: &[(&str, &str)]) -> String {
    fill(&text(lang, key), values)
}

/// A text with its `%{name}` placeholders filled in, as [`text_with`]. What a value says is no placeholder; one that has no value stays.
#[must_use]
pub fn fill(text: &str, values: &[(&str, &str)]) -> String {
    let mut parts = text.split('%');
    let mut filled = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let name = part.strip_prefix('{').and_then(|rest| rest.split_once('}'));
        let found = name.and_then(|(name, rest)| {
            let (_, value) = values.iter().find(|(known, _)| *known == name)?;
            Some([value, rest])
        });
        for piece in found.unwrap_or(["%", part]) {
            filled.push_str(piece);
        }
    }
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn language_is_chosen_by_preference() {
        assert_eq!(Lang::preferred("de, en-GB;q=0.8, fr;q=0.5"), Lang::En);
        assert_eq!(Lang::preferred("de"), Lang::Fr);
        assert_eq!(Lang::preferred(""), Lang::Fr);
    }

    #[test]
    fn every_key_is_found_and_no_other() {
        for line in WORDS.lines() {
            let [key, french, english] = line.split('\t').collect::<Vec<_>>()[..] else {
                panic!("{line}");
            };
            assert_eq!((text(Lang::Fr, key), text(Lang::En, key)), (french.into(), english.into()));
            assert!(!french.is_empty() && !english.is_empty(), "{key}");
        }
        for key in ["", "a", "viewer", "viewer.titl", "viewer.title2", "zz"] {
            assert_eq!(text(Lang::Fr, key), key);
        }
    }

    #[test]
    fn placeholders_are_filled_once() {
        let values = [("done", "%{total}"), ("total", "3 %")];
        assert_eq!(
            fill("%{done} of %{total}, 100 %, %{other}%{", &values),
            "%{total} of 3 %, 100 %, %{other}%{"
        );
        assert_eq!(fill("", &values), "");
    }

    #[test]
    fn both_languages_have_the_notice() {
        assert_eq!(
            text(Lang::Fr, "common.not_diagnostic"),
            "Visionneuse non destinée au diagnostic"
        );
        assert_eq!(text(Lang::En, "common.not_diagnostic"), "Viewer not intended for diagnosis");
    }
}
