//! `negatoscope conformance`

use crate::said;

#[test]
fn the_statement_is_the_document() {
    let document = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/CONFORMANCE.md");
    let told = said(&["conformance"]);
    assert_eq!(told, std::fs::read_to_string(document).unwrap());
    for heading in ["## Transfer syntaxes", "## SOP classes", "## Attributes", "## Hazards"] {
        assert!(told.contains(heading), "{heading}");
    }
}

#[test]
fn help_says_how_the_commands_end() {
    for command in ["decode", "render", "inspect"] {
        let help = said(&[command, "--help"]);
        for word in ["Exit status", "3 unsupported", "4 malformed"] {
            assert!(help.split_whitespace().collect::<Vec<_>>().join(" ").contains(word), "{help}");
        }
    }
}
