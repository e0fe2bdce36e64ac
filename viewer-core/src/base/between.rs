/// `value`, or the end of `lowest ..= highest` that it is beyond; NaN stays NaN.
///
/// `f64::clamp` panics where the ends are the wrong way round, and says both: with ends that the compiler does
/// not know, that brings the printing of floats (6 kB) into the page.
#[must_use]
pub fn between(value: f64, lowest: f64, highest: f64) -> f64 {
    if value < lowest {
        lowest
    } else if value > highest {
        highest
    } else {
        value
    }
}

#[cfg(test)]
mod tests {
    use super::between;

    #[test]
    fn agrees_with_clamp() {
        for value in [-2.0, -1.0, 0.5, 3.0, 4.0, f64::INFINITY, f64::NEG_INFINITY] {
            assert_eq!(between(value, -1.0, 3.0), value.clamp(-1.0, 3.0));
        }
        assert!(between(f64::NAN, -1.0, 3.0).is_nan());
    }
}
