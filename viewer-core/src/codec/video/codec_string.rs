//! The names by which browsers know a coding (RFC 6381 3.3, 14496-15 annex E).

/// `avc1.PPCCLL` of profile, constraints and level.
pub(super) fn avc_codec(profile: &[u8]) -> Option<String> {
    let [profile, constraints, level] = *profile else { return None };
    Some(format!("avc1.{profile:02x}{constraints:02x}{level:02x}"))
}

/// `hvc1.1.6.L93.B0` of the twelve bytes of the general profile, tier and level.
pub(super) fn hevc_codec(entry: &str, profile: &[u8]) -> Option<String> {
    let [first, a, b, c, d, constraints @ .., level] = profile else { return None };
    let space = ["", "A", "B", "C"].get(usize::from(first >> 6))?;
    let tier = if first & 0x20 == 0 { 'L' } else { 'H' };
    let compatible = u32::from_be_bytes([*a, *b, *c, *d]).reverse_bits();
    let mut codec = format!("{entry}.{space}{}.{compatible:X}.{tier}{level}", first & 31);
    let last = constraints.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    for byte in constraints.iter().take(last) {
        codec.push_str(&format!(".{byte:X}"));
    }
    Some(codec)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_standards() {
        assert_eq!(avc_codec(&[100, 0, 41]).as_deref(), Some("avc1.640029"));
        let main = [1, 0x60, 0, 0, 0, 0xB0, 0, 0, 0, 0, 0, 93];
        assert_eq!(hevc_codec("hvc1", &main).as_deref(), Some("hvc1.1.6.L93.B0"));
        assert_eq!(hevc_codec("hvc1", &[1, 2]), None);
    }
}
