//! The program itself over lists that others made: the fixtures beside the checkout, and what `xmlsec1`, which has
//! verified XML signatures for twenty years, says of the same documents.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::forge::{ENVELOPED, EXCLUSIVE, FILTER2, Forge, XPATH};
use crate::pki::{now, pki, revoked};

const PROPERTIES_ID: &str = "http://uri.etsi.org/01903/v1.3.2#:SignedProperties";

/// Exit status and what was said.
fn verify(arguments: &[&str]) -> (i32, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_negatoscope"));
    let output = command.args(["trust-list", "verify"]).args(arguments).output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap(), String::from_utf8(said).unwrap())
}

/// What `make.sh` of the fixtures writes; `None`, said, where there is none of it or of what it needs.
fn fixtures() -> Option<(TempDir, PathBuf)> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/xades");
    if !source.join("make.sh").exists() {
        println!("skipped: no ../shared");
        return None;
    }
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("make.sh");
    std::fs::copy(source.join("make.sh"), &script).unwrap();
    xmlsec1()?;
    let made = Command::new("bash").arg(&script).output();
    if !made.is_ok_and(|made| made.status.success()) {
        println!("skipped: the fixtures cannot be made here (openssl)");
        return None;
    }
    Some((folder, source))
}

fn xmlsec1() -> Option<()> {
    let is_there = Command::new("xmlsec1").arg("--version").output().is_ok();
    let is_required = std::env::var_os("NEGATOSCOPE_REQUIRE_PEERS").is_some();
    assert!(is_there || !is_required, "no xmlsec1, which is said to be there");
    if !is_there {
        println!("skipped: no xmlsec1; `cargo xtask doctor` tells how to get it");
    }
    is_there.then_some(())
}

#[test]
fn item_52_fixtures_give_what_their_table_says() {
    let Some((folder, source)) = fixtures() else { return };
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let judge = |list: &str, crl: Option<&str>, previous: Option<&str>| {
        let (root, middle) = (path("pki/root.pem"), path("pki/ica.pem"));
        let mut arguments =
            vec![path(list), "--root".to_owned(), root, "--intermediate".to_owned(), middle];
        arguments.extend(crl.map(|crl| ["--crl".to_owned(), path(crl)]).into_iter().flatten());
        let previous = previous.map(|previous| ["--previous".to_owned(), path(previous)]);
        arguments.extend(previous.into_iter().flatten());
        let (status, said) = verify(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
        println!("{list} {status} {said}");
        assert!(!said.contains("evil"), "{said}");
        status
    };
    let fresh = Some("pki/ica.crl");
    for list in ["valid", "valid_filter2", "valid_enveloped"] {
        assert_eq!(judge(&format!("out/{list}.xml"), fresh, None), 0, "{list}");
        assert_eq!(judge(&format!("out/{list}.xml"), fresh, Some("out/older_list.xml")), 0);
    }
    for list in [
        "tampered",
        "tampered_signedprops",
        "fake_ca_same_dn",
        "unsigned",
        "doctype",
        "injected_second_signature",
        "injected_after",
        "injected_in_object",
        "same_ca_other_org",
        "bad_certdigest",
    ] {
        assert_eq!(judge(&format!("out/{list}.xml"), fresh, None), 1, "{list}");
    }
    assert_eq!(judge("out/older_list.xml", fresh, Some("out/valid.xml")), 1);
    for crl in
        [None, Some("pki/root.crl"), Some("pki/ica-revoked.crl"), Some("pki/ica-expired.crl")]
    {
        assert_eq!(judge("out/valid.xml", crl, None), 1, "{crl:?}");
    }
    let real = source.join("real/ans_test_2024_filter2.xml");
    let (real, signer) = (real.to_str().unwrap(), source.join("real/ans.pem"));
    let of_time = |at| verify(&[real, "--root", signer.to_str().unwrap(), "--at", at]).0;
    assert_eq!([of_time("2025-01-01T00:00:00Z"), of_time("2030-01-01T00:00:00Z")], [0, 1]);
}

struct Desk(TempDir);

impl Desk {
    fn new() -> Self {
        let desk = Self(tempfile::tempdir().unwrap());
        desk.write("root.pem", pki().root.pem().as_bytes());
        desk.write("middle.pem", pki().middle.pem().as_bytes());
        desk.write("middle.crl", &revoked(&pki().middle, &[], [-1, 6]));
        desk
    }

    fn write(&self, name: &str, content: &[u8]) -> String {
        let path = self.0.path().join(name);
        std::fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    }

    fn path(&self, name: &str) -> String {
        self.0.path().join(name).to_str().unwrap().to_owned()
    }

    fn verify(&self, list: &str, more: &[&str]) -> (i32, String) {
        let (root, middle, crl) =
            (self.path("root.pem"), self.path("middle.pem"), self.path("middle.crl"));
        let at = now().format(&time::format_description::well_known::Rfc3339).unwrap();
        let arguments =
            [list, "--root", &root, "--intermediate", &middle, "--crl", &crl, "--at", &at];
        verify(&[&arguments, more].concat())
    }

    /// Whether xmlsec1 finds that the signature fits: certificates are another matter.
    fn xmlsec1(&self, list: &str) -> bool {
        let mut command = Command::new("xmlsec1");
        command.args(["--verify", "--trusted-pem", &self.path("root.pem")]);
        command.args(["--untrusted-pem", &self.path("middle.pem")]);
        command.args(["--verification-gmt-time", "2026-09-21+14:13:20"]);
        command.args(["--id-attr:Id", PROPERTIES_ID, list]);
        command.output().unwrap().status.success()
    }
}

#[test]
fn the_program_ends_as_its_help_says() {
    let desk = Desk::new();
    let good = desk.write("good.xml", &Forge::default().document());
    let older = Forge { signed: "2026-09-20T05:30:00Z", ..Forge::default() };
    let older = desk.write("older.xml", &older.document());
    let (status, said) = desk.verify(&good, &["--previous", &older]);
    assert_eq!(status, 0, "{said}");
    assert!(said.starts_with("accepted: 1 box(es), signed at 2026-09-20T06:00:00Z\n"), "{said}");
    assert!(said.contains("db1.349.example.fr  -  CN=db1.349.example.fr,O=OP é,C=FR"), "{said}");
    let (status, said) = desk.verify(&older, &["--previous", &good]);
    assert_eq!((status, said.contains("refused: ")), (1, true), "{said}");
    let junk = desk.write("junk.xml", b"junk");
    for arguments in
        [vec![junk.as_str()], vec![good.as_str(), "--previous", &junk], vec!["nothing.xml"]]
    {
        let (list, more) = arguments.split_first().unwrap();
        assert_eq!(desk.verify(list, more).0, 2, "{arguments:?}");
    }
    for broken in ["root.pem", "middle.pem", "middle.crl"] {
        let kept = std::fs::read(desk.path(broken)).unwrap();
        desk.write(broken, b"junk");
        assert_eq!(desk.verify(&good, &[]).0, 2, "{broken}");
        desk.write(broken, &kept);
    }
}

/// Wherever we accept, xmlsec1 does; where it refuses, so do we. It knows nothing of the rules that are ours.
#[test]
fn xmlsec1_agrees_on_signatures() {
    let Some(()) = xmlsec1() else { return };
    let desk = Desk::new();
    let tampered: fn(String) -> String = |text| text.replace("<db>db1.", "<db>db2.");
    let mut lists = Vec::new();
    for (name, transform) in [("xpath", XPATH), ("filter2", FILTER2), ("enveloped", ENVELOPED)] {
        let list_transforms = format!("{transform}{EXCLUSIVE}");
        let forge = Forge { list_transforms, ..Forge::default() };
        lists.push((name, forge.document(), true, true));
        lists.push((name, Forge { edit: tampered, ..forge }.document(), false, false));
    }
    let late: fn(String) -> String = |text| text.replace("06:00:00Z</x", "07:00:00Z</x");
    lists.push(("properties", Forge { edit: late, ..Forge::default() }.document(), false, false));
    let comment: fn(String) -> String = |text| text.replace("<db>", "<db><!-- -->");
    lists.push(("comment", Forge { edit: comment, ..Forge::default() }.document(), true, true));
    let spaces: fn(String) -> String = |text| text.replace("<Domaine>", "<Domaine\n>");
    lists.push(("markup", Forge { edit: spaces, ..Forge::default() }.document(), true, true));
    let object: fn(String) -> String =
        |text| text.replace("<ds:Object>", "<ds:Object><Domaine></Domaine></ds:Object><ds:Object>");
    lists.push(("object", Forge { edit: object, ..Forge::default() }.document(), true, false));
    for (name, document, theirs, ours) in lists {
        let list = desk.write("list.xml", &document);
        assert_eq!(desk.xmlsec1(&list), theirs, "xmlsec1: {name}");
        let (status, said) = desk.verify(&list, &[]);
        assert_eq!(status == 0, ours, "{name}: {said}");
    }
}
