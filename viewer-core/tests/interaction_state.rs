//! Viewport, scheduler, tools and session: what a hand does and what the page holds afterwards.
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test stops where its input is not as made"
)]

mod interaction_cases;
