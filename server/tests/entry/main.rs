//! The way in, over the real router: links, codes, sessions, headers, refusals.

#![expect(clippy::unwrap_used, reason = "tests")]

mod browser;
mod entry_limits;
mod entry_pages;
mod entry_refusals;
mod fake_source;
mod house;
mod identity_peer;
mod link_pages;
mod oidc_faults;
mod oidc_franceconnect;
mod oidc_journey;
mod oidc_log;
mod oidc_psc;
mod program;
mod program_serves;
mod session_life;
mod shell_and_assets;
mod site_hosts;
mod tls;
