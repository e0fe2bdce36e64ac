#![no_main]

use libfuzzer_sys::fuzz_target;

// Reading a list is bytes in, values out: the server around it need not be compiled.
#[expect(dead_code, unused_imports, reason = "the server uses all of it")]
#[path = "../../server/src/trust_list/document/mod.rs"]
mod document;

fuzz_target!(|bytes: &[u8]| {
    // What is read from hashed bytes, as if these were.
    if let Ok(list) = document::List::read(bytes) {
        assert!(list.domains.iter().all(|it| document::host_name(&it.box_host).is_some()));
    }
    if let Ok(properties) = document::Properties::read(bytes) {
        properties.is_of_certificate(bytes);
    }
    match document::Document::parse(bytes) {
        Ok(document) => {
            assert!((1..=8).contains(&document.certificates().len()));
            assert!(!bytes.windows(9).any(|it| it == b"<!DOCTYPE"));
            // Whoever signed, it counts: what is behind the signature is to be reached.
            drop(document.verify(|_, _, _| true));
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
});
