//! Access codes as people read, type and print them.
//!
//! 19 random symbols (95 bits) and one check symbol, in groups of four: `7K3M-9QWX-…`. Symbols are
//! Crockford's base 32, which has no I, L, O or U; what looks alike is read alike. The check symbol
//! is a weighted sum over GF(32): it finds every single wrong symbol and every swap of neighbours.

use rand::Rng;

/// Crockford's digits; the position is the value.
const SYMBOLS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Symbols in a code, with the check symbol.
const LENGTH: usize = 20;
/// Symbols in a printed group.
const GROUP: usize = 4;

/// A well-formed access code. Not `Debug`, not `Clone`: it must not end up anywhere.
pub struct AccessCode([u8; LENGTH]);

impl AccessCode {
    /// A fresh one, from the system's random generator.
    #[must_use]
    pub fn random() -> Self {
        let mut values = [0; LENGTH];
        let mut rng = rand::rng();
        for value in values.iter_mut().take(LENGTH - 1) {
            *value = rng.random_range(0..32);
        }
        values[LENGTH - 1] = check_value(&values[..LENGTH - 1]);
        Self(values)
    }

    /// Reads what somebody typed: lower case, blanks, dashes, O for 0, I or L for 1 are fine. `None`
    /// where the length or the check symbol is wrong.
    #[must_use]
    pub fn parse(typed: &str) -> Option<Self> {
        let mut values = [0; LENGTH];
        let mut count = 0;
        for symbol in typed.chars().filter(|symbol| !is_separator(*symbol)) {
            *values.get_mut(count)? = value_of(symbol)?;
            count += 1;
        }
        let (check, secret) = values.split_last()?;
        (count == LENGTH && check_value(secret) == *check).then_some(Self(values))
    }

    /// The symbols without dashes: what is hashed.
    #[must_use]
    pub fn symbols(&self) -> String {
        self.0
            .iter()
            .filter_map(|value| SYMBOLS.get(usize::from(*value)))
            .map(|byte| char::from(*byte))
            .collect()
    }

    /// In groups, for paper.
    #[must_use]
    pub fn printed(&self) -> String {
        let symbols: Vec<char> = self.symbols().chars().collect();
        symbols.chunks(GROUP).map(String::from_iter).collect::<Vec<_>>().join("-")
    }
}

fn is_separator(symbol: char) -> bool {
    symbol.is_whitespace()
        || matches!(
            symbol,
            '-' | '.' | '_' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{ad}' | '\u{200b}'
        )
}

fn value_of(symbol: char) -> Option<u8> {
    let symbol = match symbol.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    let position = SYMBOLS.iter().position(|known| char::from(*known) == symbol)?;
    u8::try_from(position).ok()
}

/// Σ a^(i+1)·v_i over GF(32), by Horner. Weights are powers of a generator, so they are all different
/// (for up to 31 symbols) and none is 0: a wrong symbol, or a swap of two, changes the sum.
fn check_value(secret: &[u8]) -> u8 {
    secret.iter().fold(0, |sum, value| times_a(sum ^ value))
}

/// Multiplication by the generator `a` of GF(32), where `a^5 = a^2 + 1`.
const fn times_a(value: u8) -> u8 {
    let doubled = value << 1;
    if doubled & 0b10_0000 == 0 { doubled } else { doubled ^ 0b10_0101 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code() -> AccessCode {
        AccessCode::parse("0123-4567-89AB-CDEF-GHJT").expect("fixture")
    }

    #[test]
    fn the_check_symbol_is_pinned() {
        // Codes on paper must stay valid: this value may never change.
        assert_eq!(code().printed(), "0123-4567-89AB-CDEF-GHJT");
    }

    #[test]
    fn typed_in_any_way() {
        for typed in [
            "0123456789abcdefghjt",
            " 0123 4567 89ab cdef ghjt ",
            "O123-4567-89AB-CDEF-GHJT",
            "oI23.4567.89ab.cdef.ghjt",
            "0l23–4567–89AB–CDEF–GHJT",
        ] {
            assert_eq!(
                AccessCode::parse(typed).map(|code| code.symbols()),
                Some(code().symbols()),
                "{typed}"
            );
        }
        for typed in ["", "0123", "0123-4567-89AB-CDEF-GHJT-0", "U123-4567-89AB-CDEF-GHJT", "é"] {
            assert!(AccessCode::parse(typed).is_none(), "{typed}");
        }
    }

    #[test]
    fn every_single_slip_and_swap_is_found() {
        let right: Vec<u8> = code().symbols().into_bytes();
        let is_accepted =
            |symbols: &[u8]| AccessCode::parse(std::str::from_utf8(symbols).unwrap()).is_some();
        for at in 0..LENGTH {
            for symbol in SYMBOLS.iter().filter(|symbol| **symbol != right[at]) {
                let mut wrong = right.clone();
                wrong[at] = *symbol;
                assert!(!is_accepted(&wrong), "symbol {at} → {}", char::from(*symbol));
            }
            if at + 1 < LENGTH && right[at] != right[at + 1] {
                let mut wrong = right.clone();
                wrong.swap(at, at + 1);
                assert!(!is_accepted(&wrong), "swap at {at}");
            }
        }
    }

    #[test]
    fn random_codes_differ_and_are_valid() {
        let codes: Vec<String> = (0..50).map(|_| AccessCode::random().printed()).collect();
        for (index, code) in codes.iter().enumerate() {
            assert_eq!(AccessCode::parse(code).map(|code| code.printed()).as_ref(), Some(code));
            assert!(!codes[..index].contains(code));
        }
    }
}
