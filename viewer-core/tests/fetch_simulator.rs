//! The scheduler in a simulated world: a network, a processor, a page, a visitor. Rules that hold whatever
//! happens, and policies compared; the table is in docs/PERFORMANCE.md.
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test stops where the scheduler breaks a rule"
)]

mod fetch_cases;
