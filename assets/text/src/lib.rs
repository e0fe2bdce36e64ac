//! The one catalogue of user-facing text: French first, English second.
//!
//! The words are in `locales/*.yml`, both languages side by side under one key. Placeholders are
//! written `%{name}`. A key that is missing in one language fails the tests of this crate.

use std::borrow::Cow;

rust_i18n::i18n!("locales", fallback = "fr");

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

/// The text of `key`.
#[must_use]
pub fn text(lang: Lang, key: &str) -> Cow<'static, str> {
    Cow::Owned(rust_i18n::t!(key, locale = lang.code()).into_owned())
}

/// The text of `key` with `%{name}` placeholders filled in. Values are inserted as they are: whoever
/// puts the result into HTML escapes it.
#[must_use]
pub fn text_with(lang: Lang, key: &str, values: &[(&str, &str)]) -> String {
    values.iter().fold(text(lang, key).into_owned(), |filled, (name, value)| {
        filled.replace(&format!("%{{{name}}}"), value)
    })
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
    fn both_languages_have_the_notice() {
        assert_eq!(
            text(Lang::Fr, "common.not_diagnostic"),
            "Visionneuse non destinée au diagnostic"
        );
        assert_eq!(text(Lang::En, "common.not_diagnostic"), "Viewer not intended for diagnosis");
    }
}
