//! Whose signature it is, whether that certificate counts, and when it was signed.

use negatoscope_server::trust_list::{Authorities, Refusal, Signer, Trust, TrustList};
use rcgen::{DnType, ExtendedKeyUsagePurpose, KeyUsagePurpose};
use time::Duration;

use crate::forge::{Forge, assert_refused, authorities, content, domain, trust, verify};
use crate::pki::{
    COMMON_NAME, Leaf, ORGANIZATION, Profile, UNIT, impostors, leaf, now, pki, revoked,
};

fn signed_by(signer: &Leaf) -> Vec<u8> {
    let forge =
        Forge { signer, certificate: signer, certificates: vec![signer], ..Forge::default() };
    forge.document()
}

fn named(organization: &'static str, unit: &'static str, common: &'static str) -> Profile {
    let name = [
        (DnType::OrganizationName, organization),
        (DnType::OrganizationalUnitName, unit),
        (DnType::CommonName, common),
    ];
    Profile { name, ..Profile::default() }
}

#[test]
fn only_the_agencys_name_signs() {
    let issuer = &pki().middle;
    for profile in [
        named("CLINIQUE X", "310000000", "Autre"),
        named("CLINIQUE X", UNIT, COMMON_NAME),
        named(ORGANIZATION, "310000000", COMMON_NAME),
        named(ORGANIZATION, UNIT, "Liste Noire"),
    ] {
        let signer = leaf(issuer, &profile, 20);
        assert_refused("other", &signed_by(&signer), "not signed by CN=Liste Blanche DRIM-M");
    }
    let other = leaf(issuer, &named("AUTRE NOM", UNIT, COMMON_NAME), 21);
    let any = Signer { organization: None, ..Signer::default() };
    let trust = Trust { signer: any, ..trust() };
    assert!(TrustList::verify(&signed_by(&other), &trust, now(), None).is_ok());
}

#[test]
fn the_signer_is_told_from_what_comes_with_it() {
    let (right, twin) = (&pki().signer, leaf(&pki().middle, &Profile::default(), 22));
    let stranger = leaf(&pki().middle, &named("CLINIQUE X", "1", "Autre"), 23);
    let beside = Forge { certificates: vec![&stranger, right], ..Forge::default() };
    assert!(verify(&beside.document()).is_ok());
    let twice = Forge { certificates: vec![right, &twin], ..Forge::default() };
    assert_refused("two of the name", &twice.document(), "not signed by");
    // Same key, same name, another certificate.
    let other = Forge { certificate: &twin, ..Forge::default() };
    assert_refused("digest", &other.document(), "another certificate in SigningCertificate");
    let weak = Forge {
        edit_properties: |text| text.replace("2001/04/xmlenc#sha512", "2000/09/xmldsig#sha1"),
        ..Forge::default()
    };
    assert_refused("weak digest", &weak.document(), "hashed by the unknown algorithm");
    let none = Forge {
        edit_properties: |text| text.replace("SigningCertificateV2", "Autre"),
        ..Forge::default()
    };
    assert_refused("no digest", &none.document(), "one SigningCertificate");
}

#[test]
fn certificates_lead_to_the_root_and_are_for_signing() {
    assert_refused(
        "impostor",
        &signed_by(&leaf(&impostors(), &Profile::default(), 7)),
        "no authority that is trusted",
    );
    let table = [
        (Profile { days: [-10, -1], ..Profile::default() }, "is over"),
        (Profile { days: [1, 10], ..Profile::default() }, "does not count yet"),
        (
            Profile { usages: vec![KeyUsagePurpose::KeyEncipherment], ..Profile::default() },
            "key usage",
        ),
        (Profile { usages: vec![], ..Profile::default() }, "key usage"),
        (
            Profile { purpose: ExtendedKeyUsagePurpose::ServerAuth, ..Profile::default() },
            "RequiredEkuNotFound",
        ),
    ];
    for (profile, reason) in table {
        assert_refused(reason, &signed_by(&leaf(&pki().middle, &profile, 30)), reason);
    }
    for usage in [KeyUsagePurpose::DigitalSignature, KeyUsagePurpose::ContentCommitment] {
        let profile = Profile { usages: vec![usage], ..Profile::default() };
        assert!(verify(&signed_by(&leaf(&pki().middle, &profile, 31))).is_ok(), "{usage:?}");
    }
    // The authority between is missing.
    let root = Authorities::new(pki().root.pem().as_bytes(), &[]).unwrap();
    let lists = [revoked(&pki().root, &[], [-1, 6]), revoked(&pki().middle, &[], [-1, 6])];
    let trust =
        Trust { signer: Signer::default(), authorities: root.with_revoked(&lists).unwrap() };
    let refused = TrustList::verify(&Forge::default().document(), &trust, now(), None);
    assert!(matches!(refused, Err(Refusal::Chain(_))), "{refused:?}");
}

fn with_lists(lists: &[Vec<u8>]) -> Result<TrustList, Refusal> {
    let authorities = authorities().with_revoked(lists).unwrap();
    let trust = Trust { signer: Signer::default(), authorities };
    TrustList::verify(&Forge::default().document(), &trust, now(), None)
}

#[test]
fn item_54_revocation_is_known_and_fresh() {
    let (root, middle) = (&pki().root, &pki().middle);
    let good = || revoked(middle, &[], [-1, 6]);
    let serial = pki().signer.serial.as_slice();
    // The serial of every authority here.
    let authority: &[u8] = &[3];
    let accepted = [
        vec![good()],
        vec![good(), revoked(root, &[], [-1, 6])],
        vec![revoked(middle, &[&[9]], [-1, 6])],
    ];
    for lists in accepted {
        assert!(with_lists(&lists).is_ok());
    }
    let refused = [
        (vec![], "no list of revoked certificates (CRL)"),
        (vec![revoked(root, &[], [-1, 6])], "of the authority that issued the signer's"),
        (vec![revoked(&impostors(), &[], [-1, 6])], "InvalidCrlSignature"),
        (vec![revoked(middle, &[serial], [-1, 6])], "was revoked"),
        (vec![revoked(middle, &[], [-9, -2])], "too old"),
        (vec![revoked(middle, &[], [1, 6])], "later time than now"),
        (vec![good(), revoked(root, &[authority], [-1, 6])], "was revoked"),
        (vec![good(), revoked(root, &[], [-9, -2])], "too old"),
    ];
    for (lists, reason) in refused {
        let said = with_lists(&lists).unwrap_err().to_string();
        assert!(said.contains(reason), "{reason}: {said}");
    }
    assert!(authorities().with_revoked(&[b"junk".to_vec()]).is_err());
}

#[test]
fn a_root_that_is_no_authority_is_trusted_for_itself_alone() {
    let signer = &pki().signer;
    let pem = pem_of(&signer.der);
    let authorities = Authorities::new(pem.as_bytes(), &[]).unwrap();
    assert!(!authorities.are_authorities());
    let trust = Trust { signer: Signer::default(), authorities };
    let judge = |document: &[u8], days| {
        TrustList::verify(document, &trust, now() + Duration::days(days), None)
    };
    let document = Forge::default().document();
    assert!(judge(&document, 0).is_ok());
    assert!(matches!(judge(&document, 101), Err(Refusal::Expired)));
    let other = leaf(&pki().middle, &Profile::default(), 40);
    assert!(judge(&signed_by(&other), 0).is_err());
    assert!(trust_of_authorities());
}

fn trust_of_authorities() -> bool {
    authorities().are_authorities()
}

fn pem_of(der: &[u8]) -> String {
    use base64::Engine as _;
    let text = base64::engine::general_purpose::STANDARD.encode(der);
    format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n")
}

fn of(signed: &str, generated: &str) -> Vec<u8> {
    let content = content(generated, &domain("db1.349.example.fr", "CN=db1.349.example.fr"));
    Forge { signed, content, ..Forge::default() }.document()
}

#[test]
fn lists_are_of_the_past_and_never_older_than_the_last() {
    // 2026-09-21T14:13:20Z is now.
    assert!(verify(&of("2026-09-21T14:18:00Z", "2026-09-21T14:18:00Z")).is_ok());
    for (signed, generated) in [
        ("2026-09-21T14:19:00Z", "2026-09-21T14:00:00Z"),
        ("2026-09-21T14:00:00Z", "2026-09-21T14:19:00Z"),
    ] {
        assert_refused("future", &of(signed, generated), "could not have signed it");
    }
    let previous = verify(&of("2026-09-14T06:00:00Z", "2026-06-19T06:00:00Z")).unwrap();
    for (signed, generated, is_good) in [
        ("2026-09-14T06:00:00Z", "2026-06-19T06:00:00Z", true),
        ("2026-09-15T06:00:00Z", "2026-06-19T06:00:00Z", true),
        ("2026-09-14T08:00:00+02:00", "2026-06-19T06:00:00Z", true),
        ("2026-09-13T06:00:00Z", "2026-09-14T06:00:00Z", true),
        ("2026-09-14T05:59:59Z", "2026-06-20T06:00:00Z", false),
        ("2026-06-20T06:00:00Z", "2026-06-19T06:00:00Z", false),
    ] {
        let document = of(signed, generated);
        let judged = TrustList::verify(&document, &trust(), now(), Some(&previous));
        assert_eq!(judged.is_ok(), is_good, "{signed} {generated}: {judged:?}");
    }
}
