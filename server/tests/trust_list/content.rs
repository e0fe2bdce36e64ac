//! What is read from a list that is signed as it should be.

use negatoscope_server::trust_list::DistinguishedName;

use crate::forge::{Forge, assert_refused, content, domain, verify};

const GENERATED: &str = "2026-09-20T05:00:00Z";

fn listed(domains: &str) -> Forge<'static> {
    Forge { content: content(GENERATED, domains), ..Forge::default() }
}

#[test]
fn item_58_boxes_are_known_by_name_and_certificate() {
    let domains = [
        domain("DB1.349.example.fr. ", "CN=db1.349.example.fr, OU=3123, O=OP é, C=FR"),
        domain("db1.349.example.fr", "CN=db1.349.example.fr,OU=4000,O=OP é,C=FR"),
        domain("db2.349.example.fr", ""),
        domain("127.0.0.1", "CN=a"),
        domain("", "CN=a"),
        domain("https://db3.example.fr/", "CN=a"),
        "<Domaine></Domaine><Autre xmlns=\"urn:x\"><db>db4.example.fr</db></Autre>".to_owned(),
        "<Domaine xmlns=\"urn:x\"><db>db5.example.fr</db></Domaine>".to_owned(),
    ];
    let list = verify(&listed(&domains.concat()).document()).unwrap();
    let hosts: Vec<&str> = list.domains.iter().map(|domain| domain.box_host.as_str()).collect();
    assert_eq!(hosts, ["db1.349.example.fr", "db1.349.example.fr", "db2.349.example.fr"]);
    let is = |host: &str, name: &str| {
        list.is_certificate_of(host, &DistinguishedName::parse(name).unwrap())
    };
    assert!(list.lists("Db1.349.Example.fr.") && list.lists("db2.349.example.fr"));
    for stranger in
        ["db3.example.fr", "db4.example.fr", "db5.example.fr", "127.0.0.1", "example.fr", ""]
    {
        assert!(!list.lists(stranger), "{stranger}");
    }
    assert!(is("db1.349.example.fr", "C=FR,O=OP é,OU=3123,CN=db1.349.example.fr"));
    assert!(is("DB1.349.example.fr", "C=FR,O=OP é,OU=4000,CN=db1.349.example.fr"));
    assert!(!is("db1.349.example.fr", "C=FR,O=OP é,OU=5000,CN=db1.349.example.fr"));
    assert!(!is("db2.349.example.fr", "CN=db2.349.example.fr"), "no certificate is named");
}

#[test]
fn item_58_lists_are_of_any_namespace_and_of_the_known_version() {
    let namespace = "https://listeblanche.mesimagesmedicales.fr/schema";
    let other = Forge { namespace, ..Forge::default() };
    assert_eq!(verify(&other.document()).unwrap().domains.len(), 1);
    let newer = Forge { version: "2.0.0", ..Forge::default() };
    assert_refused("version", &newer.document(), "version `2.0.0` is unknown");
}

#[test]
fn a_comment_cuts_no_name_in_two() {
    // Comments are not signed: whatever reads around them must come to what was.
    let edit: fn(String) -> String =
        |text| text.replace("<db>db1.349.example.fr", "<db>db1.349<!-- -->.example.fr");
    let list = verify(&Forge { edit, ..Forge::default() }.document()).unwrap();
    assert_eq!(list.domains.first().unwrap().box_host, "db1.349.example.fr");
}

#[test]
fn what_is_no_list_is_refused_though_it_is_signed() {
    let table = [
        ("no date", "<ListeDomaines></ListeDomaines>".to_owned(), "no DateDeGeneration"),
        (
            "no domains",
            format!("<DateDeGeneration>{GENERATED}</DateDeGeneration>"),
            "no ListeDomaines",
        ),
        ("no time", content("yesterday", ""), "is no time"),
        (
            "twice",
            content(GENERATED, "</ListeDomaines><ListeDomaines>"),
            "ListeDomaines is there twice",
        ),
        (
            "two names",
            content(GENERATED, "<Domaine><db>a.example</db><db>b.example</db></Domaine>"),
            "db is there twice",
        ),
        (
            "markup in a name",
            content(GENERATED, "<Domaine><db>a<b></b>.example</db></Domaine>"),
            "text and nothing else",
        ),
    ];
    for (what, content, reason) in table {
        assert_refused(what, &Forge { content, ..Forge::default() }.document(), reason);
    }
}

#[test]
fn two_thousand_boxes_are_read() {
    let domains: String =
        (0..2000).map(|number| domain(&format!("db{number}.example.fr"), "CN=a,O=b")).collect();
    assert_eq!(verify(&listed(&domains).document()).unwrap().domains.len(), 2000);
}
