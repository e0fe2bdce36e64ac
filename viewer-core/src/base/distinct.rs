/// The index of `wanted` in `distinct`, where it is added if it is not there yet; `None` where there
/// are more different ones than an index can count.
pub fn index_of<T: PartialEq>(distinct: &mut Vec<T>, wanted: T) -> Option<u16> {
    let known = distinct.iter().rposition(|one| *one == wanted);
    let index = u16::try_from(known.unwrap_or(distinct.len())).ok()?;
    if known.is_none() {
        distinct.push(wanted);
    }
    Some(index)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_value_is_kept_once() {
        let mut distinct = Vec::new();
        let found: Vec<_> = "abacb".chars().map(|letter| index_of(&mut distinct, letter)).collect();
        assert_eq!(found, [0, 1, 0, 2, 1].map(Some));
        assert_eq!(distinct, ['a', 'b', 'c']);
    }

    #[test]
    fn what_an_index_cannot_count_is_not_added() {
        let mut distinct: Vec<u32> = (0..=u16::MAX.into()).collect();
        assert_eq!(index_of(&mut distinct, 70_000), None);
        assert_eq!(index_of(&mut distinct, 65_535), Some(u16::MAX));
        assert_eq!(distinct.len(), 65_536);
    }
}
