#![no_main]

use libfuzzer_sys::fuzz_target;

// Reading a link is text in, values out: the server around it need not be compiled.
#[expect(dead_code, reason = "the server uses all of it")]
#[path = "../../server/src/link/mod.rs"]
mod link;

fuzz_target!(|query: &str| {
    match link::Link::parse(query) {
        Ok(link) => {
            assert!(!link.studies.is_empty() || link.accession.is_some());
            assert!(link.studies.len() <= link::MAX_STUDIES);
            assert!(link.studies.iter().all(|uid| link::is_uid(uid)));
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
});
