//! The way in, over the real router: links, codes, sessions, headers, refusals.

#![expect(clippy::unwrap_used, reason = "tests")]

mod acme;
mod admin_http;
mod audit_trail;
mod browser;
mod copies;
mod entry_limits;
mod entry_pages;
mod entry_refusals;
mod fake_source;
mod house;
mod identity_peer;
mod link_pages;
mod nothing_lost;
mod oidc_faults;
mod oidc_franceconnect;
mod oidc_journey;
mod oidc_log;
mod oidc_psc;
mod oidc_reports;
mod pebble;
mod prepared;
mod program;
mod program_serves;
mod program_sessions;
mod report_facts;
mod secrets;
mod session_life;
mod shell_and_assets;
mod site_hosts;
mod sites_apart;
mod tls;
mod watched;
