//! Which of the three modules decodes what. No decoder is in two of them, but that of lossless JPEG, which
//! shares a label with lossy JPEG.

use viewer_core::codec::{COMPACT_UID, DecodeError, Family, PACKED_UID, transfer_syntax};

/// A build of this crate, by its features.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecodeModule {
    /// The small decoders alone.
    Base,
    /// JPEG and JPEG 2000.
    Common,
    /// JPEG XL, and colours by ICC profiles.
    Rare,
}

impl DecodeModule {
    /// Name of the module in `worker.js`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Base => "base",
            Self::Common => "common",
            Self::Rare => "rare",
        }
    }

    /// Whether its decoders are in this build.
    const fn is_here(self) -> bool {
        match self {
            Self::Base => cfg!(feature = "base"),
            Self::Common => cfg!(feature = "common"),
            Self::Rare => cfg!(feature = "rare"),
        }
    }

    const fn of(family: Family) -> Option<Self> {
        Some(match family {
            Family::Jpeg | Family::Jpeg2000 | Family::Htj2k => Self::Common,
            Family::JpegXl => Self::Rare,
            Family::Native | Family::DeflatedFrame | Family::Rle | Family::JpegLs => Self::Base,
            Family::Video | Family::Remote => return None,
        })
    }
}

/// The module to ask about a frame that this build does not decode; `None` where no other one could.
pub(crate) fn module_to_ask(error: &DecodeError) -> Option<DecodeModule> {
    let DecodeError::Unsupported { uid, .. } = error else { return None };
    home(uid).filter(|module| !module.is_here())
}

/// The module to bring beside a frame of this transfer syntax, where that is not this one. Its codestream may be of
/// another process than its label says; then another one is asked when it is here.
#[cfg(any(target_arch = "wasm32", test))]
pub(crate) fn module_to_bring(uid: &str) -> Option<DecodeModule> {
    // Lossless JPEG is among the small decoders.
    let is_small = matches!(uid, "1.2.840.10008.1.2.4.57" | "1.2.840.10008.1.2.4.70");
    let module = if is_small { DecodeModule::Base } else { home(uid)? };
    (!module.is_here()).then_some(module)
}

/// The module whose decoders have this transfer syntax.
fn home(uid: &str) -> Option<DecodeModule> {
    let family = match uid {
        // A JPEG codestream can be of another process than its transfer syntax says: it has no UID then.
        "" => Family::Jpeg,
        COMPACT_UID => Family::JpegLs,
        PACKED_UID => Family::Native,
        _ => transfer_syntax(uid)?.family,
    };
    DecodeModule::of(family)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_family_has_its_home() {
        let home = |uid| home(uid).map(DecodeModule::name);
        assert_eq!(home("1.2.840.10008.1.2.5"), Some("base"));
        assert_eq!(home("1.2.840.10008.1.2.4.80"), Some("base"));
        assert_eq!(home("1.2.840.10008.1.2.4.50"), Some("common"));
        assert_eq!(home("1.2.840.10008.1.2.4.201"), Some("common"));
        assert_eq!(home("1.2.840.10008.1.2.4.112"), Some("rare"));
        // No syntaxes of the standard, but whichever module decoded last may be asked about them.
        assert_eq!(home(COMPACT_UID), Some("base"));
        assert_eq!(home(PACKED_UID), Some("base"));
    }

    #[test]
    fn a_module_is_brought_where_its_decoders_are_not_here() {
        let expected = |module, is_here: bool| (!is_here).then_some(module);
        for uid in ["1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.90"] {
            let common = expected(DecodeModule::Common, cfg!(feature = "common"));
            assert_eq!(module_to_bring(uid), common, "{uid}");
        }
        for uid in ["1.2.840.10008.1.2.1", "1.2.840.10008.1.2.4.70", "1.2.840.10008.1.2.4.80"] {
            let base = expected(DecodeModule::Base, cfg!(feature = "base"));
            assert_eq!(module_to_bring(uid), base, "{uid}");
        }
        assert_eq!(module_to_bring("1.2.840.10008.1.2.4.102"), None);
    }

    #[test]
    fn only_a_missing_decoder_is_looked_for_elsewhere() {
        let unsupported = |uid: &str| DecodeError::Unsupported { name: "".into(), uid: uid.into() };
        let asked = |error| module_to_ask(&error);
        for uid in ["", "1.2.840.10008.1.2.4.90"] {
            let expected = (!cfg!(feature = "common")).then_some(DecodeModule::Common);
            assert_eq!(asked(unsupported(uid)), expected, "{uid}");
        }
        let expected = (!cfg!(feature = "rare")).then_some(DecodeModule::Rare);
        assert_eq!(asked(unsupported("1.2.840.10008.1.2.4.110")), expected);
        let expected = (!cfg!(feature = "base")).then_some(DecodeModule::Base);
        assert_eq!(asked(unsupported("1.2.840.10008.1.2.5")), expected);
        // Video and what nobody knows: no module has it.
        assert_eq!(asked(unsupported("1.2.840.10008.1.2.4.102")), None);
        assert_eq!(asked(unsupported("1.2.3")), None);
        assert_eq!(asked(DecodeError::Palette), None);
    }
}
