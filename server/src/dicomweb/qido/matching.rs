//! Attribute matching (PS3.4 C.2.2.2): single value, list of UIDs, wildcard, range.

/// Whether one of an element's values matches what the query asks for. An empty query value matches
/// everything (universal matching).
pub(super) fn matches(vr: &str, wanted: &str, values: &[String]) -> bool {
    let wanted = wanted.trim();
    if wanted.is_empty() || wanted == "*" {
        return true;
    }
    match vr {
        "UI" => wanted.split(['\\', ',']).any(|uid| values.iter().any(|value| value == uid.trim())),
        "DA" | "TM" | "DT" => values.iter().any(|value| in_range(wanted, value)),
        "IS" | "DS" | "US" | "UL" | "SS" | "SL" | "FL" | "FD" => {
            values.iter().any(|value| same_number(wanted, value))
        }
        "PN" => {
            let wanted = wanted.to_lowercase();
            values.iter().any(|value| wildcard(&wanted, &value.to_lowercase()))
        }
        _ => values.iter().any(|value| wildcard(wanted, value)),
    }
}

fn same_number(wanted: &str, value: &str) -> bool {
    match (wanted.parse::<f64>(), value.parse::<f64>()) {
        (Ok(wanted), Ok(value)) => wanted == value,
        _ => false,
    }
}

/// `20260101-20261231`, `-20261231`, `20260101-` or one value. Dates and times compare as text; a range
/// end that is shorter than the value covers all values that begin with it.
fn in_range(wanted: &str, value: &str) -> bool {
    let Some((from, to)) = wanted.split_once('-') else { return wanted == value };
    let after = from.is_empty() || value >= from;
    let before = to.is_empty() || value <= to || value.starts_with(to);
    after && before
}

/// `*` stands for any run of characters, `?` for one.
fn wildcard(pattern: &str, text: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let text: Vec<char> = text.chars().collect();
    // Places in the pattern reached so far; linear in pattern × text, whatever the pattern.
    let mut reached = vec![false; pattern.len() + 1];
    close_over_stars(&pattern, &mut reached, 0);
    for &character in &text {
        let mut next = vec![false; pattern.len() + 1];
        for (place, wanted) in pattern.iter().enumerate() {
            if !reached.get(place).copied().unwrap_or(false) {
                continue;
            }
            match wanted {
                '*' => close_over_stars(&pattern, &mut next, place),
                '?' => close_over_stars(&pattern, &mut next, place + 1),
                wanted if *wanted == character => close_over_stars(&pattern, &mut next, place + 1),
                _ => {}
            }
        }
        reached = next;
    }
    reached.last().copied().unwrap_or(false)
}

/// Marks `place` and the places behind the stars that follow it.
fn close_over_stars(pattern: &[char], reached: &mut [bool], mut place: usize) {
    while let Some(mark) = reached.get_mut(place) {
        *mark = true;
        if pattern.get(place) != Some(&'*') {
            break;
        }
        place += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(vr: &str, wanted: &str, value: &str) -> bool {
        matches(vr, wanted, &[value.to_owned()])
    }

    #[test]
    fn wildcards() {
        assert!(one("LO", "abc*", "abcdef"));
        assert!(one("LO", "*def", "abcdef"));
        assert!(one("LO", "a?c*f", "abcdef"));
        assert!(one("LO", "**", "x"));
        assert!(!one("LO", "abc", "abcdef"));
        assert!(!one("LO", "a?c", "ac"));
        assert!(one("PN", "lefèvre*", "LEFÈVRE^Élise"));
        assert!(!one("LO", &"*a".repeat(200), &"b".repeat(1000)));
    }

    #[test]
    fn ranges_and_lists() {
        assert!(one("DA", "20260101-20260131", "20260115"));
        assert!(one("DA", "-20260131", "20260131"));
        assert!(!one("DA", "20260201-", "20260131"));
        assert!(one("TM", "10-11", "110530"));
        assert!(one("UI", "1.2,1.3", "1.3"));
        assert!(!one("UI", "1.*", "1.3"));
        assert!(one("IS", "03", "3"));
    }

    #[test]
    fn an_absent_element_matches_only_universally() {
        assert!(matches("LO", "", &[]));
        assert!(!matches("LO", "a", &[]));
    }
}
