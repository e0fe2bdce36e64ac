//! The form of the document and of its signature. Every forgery is signed by the right key: form alone refuses it.

use crate::forge::{ENVELOPED, EXCLUSIVE, FILTER2, Forge, XPATH, assert_refused, verify};

/// What is wrong, how it is made so, and what is said of it.
type Case = (&'static str, fn(String) -> String, &'static str);

#[test]
fn item_53_the_three_known_shapes_are_accepted() {
    for transform in [XPATH, FILTER2, ENVELOPED] {
        for property in ["SigningCertificateV2", "SigningCertificate"] {
            let list_transforms = format!("{transform}{EXCLUSIVE}");
            let forge = Forge { list_transforms, property, ..Forge::default() };
            let list = verify(&forge.document());
            assert_eq!(list.unwrap().domains.len(), 1, "{transform} {property}");
        }
    }
}

#[test]
fn whatever_is_changed_after_signing_is_noticed() {
    let table: [Case; 5] = [
        ("list", |text| text.replace("<db>db1.", "<db>db2."), "does not fit"),
        ("properties", |text| text.replace("06:00:00Z</x", "07:00:00Z</x"), "does not fit"),
        ("signed information", |text| text.replace(" Type=\"\"", " Type=\"x\""), "does not fit"),
        (
            "value",
            |text| text.replace("<ds:SignatureValue>", "<ds:SignatureValue>AAAA"),
            "does not fit",
        ),
        (
            "key",
            |text| text.replace("<ds:X509Certificate>MII", "<ds:X509Certificate>AII"),
            "not signed by",
        ),
    ];
    for (what, edit, reason) in table {
        assert_refused(what, &Forge { edit, ..Forge::default() }.document(), reason);
    }
}

#[test]
fn nothing_stands_beside_or_inside_the_signature() {
    let table: [Case; 7] = [
        (
            "none",
            |text| {
                text.replace("ds:Signature ", "ds:Unterschrift ")
                    .replace("/ds:Signature>", "/ds:Unterschrift>")
            },
            "0 signatures",
        ),
        (
            "two",
            |text| {
                text.replace("</ds:Signature>", "</ds:Signature><ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"><ListeDomaines></ListeDomaines></ds:Signature>")
            },
            "2 signatures",
        ),
        (
            "one in the list",
            |text| {
                text.replace("<ListeDomaines>", "<ListeDomaines><ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"></ds:Signature>")
            },
            "2 signatures",
        ),
        (
            "something after it",
            |text| {
                text.replace("</ds:Signature>", "</ds:Signature><ListeDomaines></ListeDomaines>")
            },
            "last element",
        ),
        (
            "a second object",
            |text| {
                text.replace("<ds:Object>", "<ds:Object><Domaine><db>db1.evil.example</db></Domaine></ds:Object><ds:Object>")
            },
            "four parts",
        ),
        (
            "more in the object",
            |text| {
                text.replace(
                    "</xades:QualifyingProperties>",
                    "</xades:QualifyingProperties><Domaine></Domaine>",
                )
            },
            "more than QualifyingProperties",
        ),
        (
            "other properties",
            |text| text.replace("Target=\"#id-1\"", "Target=\"#id-2\""),
            "another signature",
        ),
    ];
    for (what, edit, reason) in table {
        assert_refused(what, &Forge { edit, ..Forge::default() }.document(), reason);
    }
}

#[test]
fn a_signature_deeper_in_the_document_is_refused() {
    let edit: fn(String) -> String = |text| {
        let wrapped = text.replace("<ListeBlancheDRIM-M ", "<Autre><ListeBlancheDRIM-M ");
        format!("{}</Autre>", wrapped.trim_end())
    };
    assert_refused("wrapped", &Forge { edit, ..Forge::default() }.document(), "last element");
}

#[test]
fn transforms_that_could_leave_out_more_are_refused() {
    let more =
        XPATH.replace("ds:Signature)", "ds:Signature or ancestor-or-self::*[local-name()='vi'])");
    let prefix =
        XPATH.replace("<ds:XPath>", "<ds:XPath xmlns:x=\"urn:x\">").replace("::ds:", "::x:");
    let keeps = FILTER2.replace("subtract", "intersect");
    let two = FILTER2.replace(
        "</f2:XPath>",
        "</f2:XPath><f2:XPath xmlns:f2=\"http://www.w3.org/2002/06/xmldsig-filter2\" Filter=\"subtract\">//*</f2:XPath>",
    );
    let parameter = EXCLUSIVE.replace(
        "></ds:Transform>",
        "><ec:InclusiveNamespaces xmlns:ec=\"http://www.w3.org/2001/10/xml-exc-c14n#\" PrefixList=\"x\"></ec:InclusiveNamespaces></ds:Transform>",
    );
    let inclusive = EXCLUSIVE.replace("2001/10/xml-exc-c14n#", "TR/2001/REC-xml-c14n-20010315");
    let table = [
        ("more", format!("{more}{EXCLUSIVE}"), "leaves out more"),
        ("prefix", format!("{prefix}{EXCLUSIVE}"), "leaves out more"),
        ("intersect", format!("{keeps}{EXCLUSIVE}"), "does not subtract"),
        ("two filters", format!("{two}{EXCLUSIVE}"), "exactly one XPath"),
        ("parameter", format!("{XPATH}{parameter}"), "parameter InclusiveNamespaces"),
        ("inclusive", format!("{XPATH}{inclusive}"), "not exclusive"),
        ("three", format!("{XPATH}{ENVELOPED}{EXCLUSIVE}"), "two transforms"),
        ("one", EXCLUSIVE.to_owned(), "two transforms"),
        ("none", String::new(), "two transforms"),
        ("order", format!("{EXCLUSIVE}{XPATH}"), "not exclusive"),
        (
            "xslt",
            format!(
                "{}{EXCLUSIVE}",
                ENVELOPED
                    .replace("2000/09/xmldsig#enveloped-signature", "TR/1999/REC-xslt-19991116")
            ),
            "unknown transform",
        ),
    ];
    for (what, list_transforms, reason) in table {
        assert_refused(what, &Forge { list_transforms, ..Forge::default() }.document(), reason);
    }
    let properties_transforms = format!("{ENVELOPED}{EXCLUSIVE}");
    let forge = Forge { properties_transforms, ..Forge::default() };
    assert_refused("properties", &forge.document(), "one transform");
}

#[test]
fn references_are_the_two_and_by_strong_algorithms() {
    let table: [Case; 8] = [
        (
            "three",
            |text| {
                text.replace(
                    "</ds:SignedInfo>",
                    "<ds:Reference URI=\"#x\"></ds:Reference></ds:SignedInfo>",
                )
            },
            "two references",
        ),
        ("part only", |text| text.replace("URI=\"\"", "URI=\"#part\""), "whole document"),
        ("xpointer", |text| text.replace("URI=\"\"", "URI=\"#xpointer(/)\""), "whole document"),
        (
            "other properties",
            |text| text.replace("#xades-id-1", "#xades-id-2"),
            "its own SignedProperties",
        ),
        (
            "no type",
            |text| text.replace("01903#SignedProperties", "01903#Other"),
            "its own SignedProperties",
        ),
        (
            "sha-1",
            |text| {
                text.replace("xmlenc#sha512", "xmldsig#sha1")
                    .replace("2001/04/xmldsig#sha1", "2000/09/xmldsig#sha1")
            },
            "unknown algorithm",
        ),
        (
            "rsa-sha1",
            |text| text.replace("2001/04/xmldsig-more#rsa-sha256", "2000/09/xmldsig#rsa-sha1"),
            "unknown algorithm",
        ),
        (
            "canonicalization",
            |text| {
                text.replace("<ds:CanonicalizationMethod Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\">", "<ds:CanonicalizationMethod Algorithm=\"http://www.w3.org/TR/2001/REC-xml-c14n-20010315\">")
            },
            "not exclusive",
        ),
    ];
    for (what, edit_information, reason) in table {
        assert_refused(what, &Forge { edit_information, ..Forge::default() }.document(), reason);
    }
}

#[test]
fn item_55_documents_that_harm_before_they_are_verified_are_not_read() {
    let table: [Case; 4] = [
        (
            "DTD",
            |text| {
                text.replacen(
                    "\n",
                    "\n<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]>\n",
                    1,
                )
            },
            "(DTD)",
        ),
        (
            "deep",
            |text| {
                text.replace(
                    "<ListeDomaines>",
                    &format!("<ListeDomaines>{}{}", "<a>".repeat(100), "</a>".repeat(100)),
                )
            },
            "more than 24 deep",
        ),
        (
            "large",
            |text| {
                text.replace("<ListeDomaines>", &format!("<ListeDomaines>{}", " ".repeat(6 << 20)))
            },
            "larger than",
        ),
        ("no XML", |_| "{}".to_owned(), "not an XML document"),
    ];
    for (what, edit, reason) in table {
        assert_refused(what, &Forge { edit, ..Forge::default() }.document(), reason);
    }
    let wide: Vec<u8> = String::from_utf8(Forge::default().document())
        .unwrap()
        .encode_utf16()
        .flat_map(u16::to_be_bytes)
        .collect();
    let refused = verify(&[&[0xFE, 0xFF], wide.as_slice()].concat()).unwrap_err();
    assert!(refused.is_unreadable(), "{refused}");
    let nothing = verify(b"").unwrap_err();
    assert!(nothing.is_unreadable(), "{nothing}");
}
