/// A UID under the root for UUIDs (PS3.5 B.2), always the same for the same name.
pub(crate) fn uid(name: &str) -> String {
    format!("2.25.{}", hash(name))
}

/// FNV-1a, 128 bit.
fn hash(name: &str) -> u128 {
    name.bytes().fold(0x6c62_272e_07bb_0142_62b8_2175_6295_c58d, |hash: u128, byte| {
        (hash ^ u128::from(byte)).wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013b)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uids_are_valid_stable_and_distinct() {
        let one = uid("study");
        assert_eq!(one, uid("study"));
        assert_ne!(one, uid("series"));
        assert!(one.len() <= 64 && one.bytes().all(|b| b.is_ascii_digit() || b == b'.'));
        assert_eq!(hash(""), 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d);
    }
}
