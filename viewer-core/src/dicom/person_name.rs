//! Person names (PN, PS3.5 6.2): component groups and components.

/// Family and given names of a PN value as written, in the first component group that holds any
/// (alphabetic, then ideographic, then phonetic). Middle names follow the given ones: French sites
/// write further given names there. Prefix and suffix are no identity traits.
pub(super) fn split(name: &str) -> (String, String) {
    let group =
        name.split('=').map(str::trim).find(|group| group.chars().any(|c| c != '^' && c != ' '));
    let mut components = group.unwrap_or_default().split('^').map(tidy);
    let family = components.next().unwrap_or_default();
    let given: Vec<String> = components.take(2).filter(|part| !part.is_empty()).collect();
    (family, given.join(" "))
}

/// One space between words, none around.
fn tidy(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn components_and_groups() {
        let table = [
            ("LEFÈVRE^Élise", "LEFÈVRE", "Élise"),
            ("DUPONT^JEAN^PAUL  MARIE^Dr^PhD ", "DUPONT", "JEAN PAUL MARIE"),
            ("  de la  TOUR ^ Anne-Laure ^^^ ", "de la TOUR", "Anne-Laure"),
            ("DUPONT JEAN", "DUPONT JEAN", ""),
            ("^Prénom", "", "Prénom"),
            ("Yamada^Tarou=山田^太郎=やまだ^たろう", "Yamada", "Tarou"),
            ("=山田^太郎", "山田", "太郎"),
            ("^^^=^", "", ""),
            ("", "", ""),
        ];
        for (name, family, given) in table {
            assert_eq!(split(name), (family.to_owned(), given.to_owned()), "{name}");
        }
    }
}
