use dicom_core::{PrimitiveValue, Tag};
use dicom_object::InMemDicomObject;

/// Reads attributes the way the rest of this module wants them: trimmed, converted, `None` where
/// absent, empty or malformed; never an error, because one bad attribute is not a bad object.
pub(super) trait Attributes {
    /// The value as it is, where it is not a sequence.
    fn value(&self, tag: Tag) -> Option<&PrimitiveValue>;
    /// Items of a sequence; none where it is absent or something else.
    fn items(&self, tag: Tag) -> &[InMemDicomObject];

    /// All values as text, each trimmed; empty ones kept in place.
    fn texts(&self, tag: Tag) -> Vec<String> {
        match self.value(tag) {
            None | Some(PrimitiveValue::Empty) => Vec::new(),
            Some(value) => value.to_multi_str().iter().map(|part| trimmed(part)).collect(),
        }
    }

    /// The first value as text; `None` where it is empty.
    fn text(&self, tag: Tag) -> Option<String> {
        self.texts(tag).into_iter().next().filter(|text| !text.is_empty())
    }

    /// All values as one text (LT, ST, UT and badly split LO keep their backslashes).
    fn whole_text(&self, tag: Tag) -> Option<String> {
        Some(trimmed(&self.texts(tag).join("\\"))).filter(|text| !text.is_empty())
    }

    /// All values as finite numbers; empty where any of them is not one.
    fn floats(&self, tag: Tag) -> Vec<f64> {
        let found = match self.value(tag) {
            Some(PrimitiveValue::Str(_) | PrimitiveValue::Strs(_)) => {
                self.texts(tag).iter().map(|text| text.parse().ok()).collect::<Option<Vec<f64>>>()
            }
            Some(value) => value.to_multi_float64().ok(),
            None => None,
        };
        found.filter(|values| values.iter().all(|value| value.is_finite())).unwrap_or_default()
    }

    /// The first value as a finite number.
    fn float(&self, tag: Tag) -> Option<f64> {
        match self.value(tag)? {
            PrimitiveValue::Str(_) | PrimitiveValue::Strs(_) => self.text(tag)?.parse().ok(),
            value => value.to_float64().ok(),
        }
        .filter(|value: &f64| value.is_finite())
    }

    /// Exactly `N` finite numbers.
    fn float_array<const N: usize>(&self, tag: Tag) -> Option<[f64; N]> {
        self.floats(tag).try_into().ok()
    }

    /// All values as whole numbers, whatever their VR (IS, US, SS, UL …); empty where any is not one.
    fn integers(&self, tag: Tag) -> Vec<i64> {
        let found = match self.value(tag) {
            Some(PrimitiveValue::Str(_) | PrimitiveValue::Strs(_)) => {
                self.texts(tag).iter().map(|text| whole_number(text)).collect::<Option<Vec<i64>>>()
            }
            Some(value) => value.to_multi_int().ok(),
            None => None,
        };
        found.unwrap_or_default()
    }

    /// The first value as a whole number.
    fn integer(&self, tag: Tag) -> Option<i64> {
        match self.value(tag)? {
            PrimitiveValue::Str(_) | PrimitiveValue::Strs(_) => whole_number(&self.text(tag)?),
            value => value.to_int().ok(),
        }
    }

    /// The first value as an unsigned number of 16 bits.
    fn unsigned(&self, tag: Tag) -> Option<u16> {
        self.integer(tag).and_then(|value| value.try_into().ok())
    }
}

impl Attributes for InMemDicomObject {
    fn value(&self, tag: Tag) -> Option<&PrimitiveValue> {
        self.get(tag)?.value().primitive()
    }

    fn items(&self, tag: Tag) -> &[InMemDicomObject] {
        self.get(tag).and_then(|element| element.items()).unwrap_or_default()
    }
}

/// Without the padding that DICOM, and the one that careless writers put around values.
fn trimmed(text: &str) -> String {
    text.trim_matches(|c: char| c == '\0' || c.is_whitespace()).to_owned()
}

/// IS, and the DS-like `12.0` that some write into IS.
fn whole_number(text: &str) -> Option<i64> {
    text.parse().ok().or_else(|| {
        let value: f64 = text.parse().ok()?;
        (value.fract() == 0.0 && value.abs() < 1e15).then_some(value as i64)
    })
}
