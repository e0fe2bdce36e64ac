/// The index of `wanted` in `distinct`, where it is added if it is not there yet. Beyond what an
/// index can count (no real series comes near) the last one stands in.
pub fn index_of<T: PartialEq>(distinct: &mut Vec<T>, wanted: T) -> u16 {
    let known = distinct.iter().rposition(|one| *one == wanted);
    let index = known.unwrap_or_else(|| {
        if distinct.len() <= usize::from(u16::MAX) {
            distinct.push(wanted);
        }
        distinct.len() - 1
    });
    u16::try_from(index).unwrap_or(u16::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_value_is_kept_once() {
        let mut distinct = Vec::new();
        let found: Vec<u16> =
            "abacb".chars().map(|letter| index_of(&mut distinct, letter)).collect();
        assert_eq!(found, [0, 1, 0, 2, 1]);
        assert_eq!(distinct, ['a', 'b', 'c']);
    }
}
