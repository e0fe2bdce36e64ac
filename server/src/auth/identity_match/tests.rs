//! The table of cases: what is told the same, what is not, what stays open.

use super::{Proven, Recorded, Verdict, compare};

const LONG: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// What differs from Angela Claire Louise DUBOIS, born 24 August 1962 in Paris 7e.
#[derive(Clone, Copy)]
enum Of<'a> {
    /// Proven and recorded family name.
    Family(&'a str, &'a str),
    /// Proven given names, joined by `|`, and recorded ones.
    Given(&'a str, &'a str),
    /// Proven and recorded birth date.
    Born(&'a str, &'a str),
    /// The same with birth places on both sides.
    BornAt(&'a str, &'a str, &'a str, &'a str),
    /// Proven gender, recorded sex.
    Sex(&'a str, &'a str),
    /// Proven place and country, recorded place.
    Place(&'a str, &'a str, &'a str),
}
use self::Of::{Born, BornAt, Family, Given, Place, Sex};
use Verdict::{Match, No, Undecided};

const CASES: &[(Of<'static>, Verdict)] = &[
    // Capitals, accents, ligatures.
    (Family("DUBOIS", "DUBOIS"), Match),
    (Family("Dubois", "DUBOIS"), Match),
    (Family("DUBOIS", "dubois"), Match),
    (Family("LEFÈVRE", "LEFEVRE"), Match),
    (Family("LEFEVRE", "Lefèvre"), Match),
    (Family("MÜLLER", "MULLER"), Match),
    (Family("MÜLLER", "MUELLER"), No),
    (Family("NUÑEZ", "NUNEZ"), Match),
    (Family("ŒUVRARD", "OEUVRARD"), Match),
    (Family("ŒUVRARD", "UVRARD"), No),
    (Family("LÆTITIA", "LAETITIA"), Match),
    (Family("STRAẞER", "STRASSER"), Match),
    (Family("ØRSTED", "ORSTED"), Match),
    (Family("ŁUKASZ", "LUKASZ"), Match),
    (Family("LEFE\u{300}VRE", "LEFÈVRE"), Match),
    // Hyphens, apostrophes, particles, padding.
    (Family("D'ALMÉIDA-ŒUVRARD", "D ALMEIDA OEUVRARD"), Match),
    (Family("D’ALMEIDA", "D'ALMEIDA"), Match),
    (Family("D'ALMEIDA", "DALMEIDA"), Undecided),
    (Family("MARTIN-DUPONT", "MARTIN DUPONT"), Match),
    (Family("MARTIN--DUPONT", "MARTIN‑DUPONT"), Match),
    (Family("MARTIN-DUPONT", "MARTIN"), No),
    (Family("MARTIN", "MARTIN-DUPONT"), No),
    (Family("DE LA TOUR", "DELATOUR"), Undecided),
    (Family("LE GOFF", "LE  GOFF "), Match),
    (Family("ST. JEAN", "ST JEAN"), Match),
    (Family("DUBOIS", "DUBOIS^"), Match),
    // Another name: the used one of a married woman, a typing mistake, none at all.
    (Family("DUBOIS", "MARTIN"), No),
    (Family("DUBOIS", "DUBOIT"), No),
    (Family("DUBOIS", "DUBOIS MARTIN"), No),
    (Family("DUBOIS", ""), Undecided),
    (Family("", "DUBOIS"), Undecided),
    (Family("DUBOIS", "-"), Undecided),
    (Family(LONG, "ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJKL"), Undecided),
    (Family(LONG, "ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJKLMNOPQRSTUVWXYZ"), No),
    // Given names: the first one counts.
    (Given("Angela|Claire|Louise", "ANGELA CLAIRE LOUISE"), Match),
    (Given("Angela|Claire|Louise", "ANGELA"), Match),
    (Given("Angela", "Angela Marie"), Match),
    (Given("Angéla", "ANGELA"), Match),
    (Given("Angela|Claire", "CLAIRE"), No),
    (Given("Angela|Claire", "CLAIRE ANGELA"), No),
    (Given("Angela", "ANGE"), No),
    (Given("Ange", "ANGELA"), No),
    (Given("Angela", "A."), No),
    (Given("Angela", ""), Undecided),
    (Given("", "ANGELA"), Undecided),
    (Given("Zoë|Anne-Laure", "ZOE"), Match),
    (Given("Angela|Claire", "ANGELA, CLAIRE"), Match),
    (Given("Angela", " angela  "), Match),
    // Composed given names.
    (Given("Jean-Pierre", "JEAN-PIERRE"), Match),
    (Given("Jean-Pierre|Paul", "JEAN PIERRE"), Match),
    (Given("Jean-Pierre", "JEAN PIERRE PAUL"), Match),
    (Given("Jean|Pierre", "JEAN PIERRE"), Match),
    (Given("Jean|Pierre", "JEAN-PIERRE"), Undecided),
    (Given("Jean-Pierre", "JEAN"), Undecided),
    (Given("Jean-Pierre", "JEAN PAUL"), Undecided),
    (Given("Jean-Pierre", "JEAN-PAUL"), No),
    (Given("Jean-Pierre", "JEANPIERRE"), No),
    // Twins: all the same but the given name.
    (Given("Louis", "LOUISE"), No),
    (Given("Emma", "EVA"), No),
    (Given(LONG, "ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGH"), Match),
    (Given(LONG, "ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFG"), No),
    // Birth dates.
    (Born("1962-08-24", "19620824"), Match),
    (Born("1962-08-24", "19620825"), No),
    (Born("1962-08-24", "19622408"), Undecided),
    (Born("1962-08-24", "19630824"), No),
    (Born("1962-08-24", ""), Undecided),
    (Born("", "19620824"), Undecided),
    (Born("24/08/1962", "19620824"), Undecided),
    (Born("1962-08-01", "19620801"), Match),
    // Presumed dates prove nothing without a place.
    (Born("1980-01-01", "19800101"), Undecided),
    (Born("1980-01-01", "19801231"), Undecided),
    (Born("1980-12-31", "19801231"), Undecided),
    (Born("1980-01-01", "19800517"), Undecided),
    (Born("1980-01-01", "19810517"), No),
    (Born("1980", "19800517"), Undecided),
    (Born("1980", "19810517"), No),
    (Born("1980-05", "19800517"), Undecided),
    (Born("1980-05", "19800617"), No),
    (Born("1980-05-01", "19800517"), Undecided),
    (Born("1980-05-17", "19800501"), Undecided),
    (Born("1980-05-17", "19800000"), Undecided),
    (Born("1980-05-17", "19800600"), No),
    (BornAt("1980-01-01", "19800101", "99243", "99243"), Match),
    (BornAt("1980-01-01", "19800101", "99243", "99350"), No),
    (BornAt("1980-01-01", "19800517", "99243", "99243"), Undecided),
    // Sex.
    (Sex("female", "F"), Match),
    (Sex("female", "M"), No),
    (Sex("female", "O"), Undecided),
    (Sex("female", ""), Undecided),
    (Sex("", "F"), Undecided),
    (Sex("male", "F"), No),
    // Places: homonyms born the same day, people born abroad.
    (Place("75107", "99100", ""), Match),
    (Place("75107", "99100", "75107"), Match),
    (Place("75107", "99100", "69123"), No),
    (Place("2a004", "99100", "2A004"), Match),
    (Place("", "99243", "99243"), Match),
    (Place("", "99243", "75107"), No),
    (Place("", "99100", "75107"), Match),
    (Place("75107", "", "75107"), Match),
];

fn angela() -> (Proven, Recorded) {
    let proven = Proven {
        family_name: "DUBOIS".to_owned(),
        given_names: ["Angela", "Claire", "Louise"].map(str::to_owned).to_vec(),
        birth_date: "1962-08-24".to_owned(),
        gender: "female".to_owned(),
        birth_place: "75107".to_owned(),
        birth_country: "99100".to_owned(),
    };
    let recorded = Recorded {
        birth_name: "DUBOIS".to_owned(),
        given_names: "ANGELA".to_owned(),
        birth_date: Some("19620824".to_owned()),
        sex: Some("F".to_owned()),
        birth_place: None,
    };
    (proven, recorded)
}

fn some(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

fn case(of: Of<'_>) -> (Proven, Recorded) {
    let (mut proven, mut recorded) = angela();
    match of {
        Family(left, right) => {
            (proven.family_name, recorded.birth_name) = (left.to_owned(), right.to_owned());
        }
        Given(left, right) => {
            proven.given_names = left.split('|').map(str::to_owned).collect();
            right.clone_into(&mut recorded.given_names);
        }
        Born(left, right) => {
            (proven.birth_date, recorded.birth_date) = (left.to_owned(), some(right));
        }
        BornAt(left, right, country, place) => {
            (proven.birth_date, recorded.birth_date) = (left.to_owned(), some(right));
            (proven.birth_place, proven.birth_country) = (String::new(), country.to_owned());
            recorded.birth_place = some(place);
        }
        Sex(left, right) => (proven.gender, recorded.sex) = (left.to_owned(), some(right)),
        Place(place, country, right) => {
            (proven.birth_place, proven.birth_country) = (place.to_owned(), country.to_owned());
            recorded.birth_place = some(right);
        }
    }
    (proven, recorded)
}

#[test]
fn item_25_the_table_of_traits() {
    assert!(CASES.len() >= 60, "{}", CASES.len());
    for (number, (of, expected)) in CASES.iter().enumerate() {
        let (proven, recorded) = case(*of);
        assert_eq!(compare(&proven, &recorded), *expected, "{number}: {proven:?} / {recorded:?}");
    }
}

#[test]
fn one_contradiction_outweighs_every_doubt() {
    let (proven, mut recorded) = case(Family("DUBOIS", ""));
    recorded.birth_date = some("19620825");
    assert_eq!(compare(&proven, &recorded), No);
    assert_eq!(compare(&Proven::default(), &Recorded::default()), Undecided);
}
