//! Exams into the local PACS, under the local identity (IHE Import Reconciliation Workflow).
//!
//! | file | what |
//! |---|---|
//! | `charset` | texts in the character set of an object; data sets as bytes are `data_set` |
//! | `local`, `header`, `plan`, `apply` | what changes in an object, as a list and as bytes |
//! | `choice`, `object` | which objects, and each of them read from the source |
//! | `origin`, `spool` | where objects come from: the site's source, or a session's, with copies on disk |
//! | `target` | a local PACS: C-STORE and C-FIND, or STOW-RS and QIDO-RS |
//! | `job`, `queue`, `lock`, `runner` | what is under way, in the database; how it is carried out, from wherever it was left |
//! | `service`, `importer`, `http` | sites, who may, and the page's way to it |

mod apply;
mod charset;
mod choice;
pub mod error;
mod header;
mod http;
mod importer;
mod job;
mod local;
mod lock;
mod object;
mod origin;
mod plan;
mod queue;
mod runner;
mod service;
mod spool;
mod target;

pub use self::{
    apply::Record,
    choice::{Changes, Choice, DryRun, Impossible, dry_run},
    error::{ImportError, Invalid, Unwritable},
    header::Header,
    job::{Job, Progress, State, Step, Who},
    local::{Local, LocalAccession, LocalPatient},
    plan::{Change, Plan, Reason},
    queue::Queue,
    runner::{PAUSES, Runner},
    service::{
        SiteImports, cancel, keep_running, open, prune, remember_profession, run_all, take_up,
        tidy, unreachable,
    },
    spool::Session,
    target::{Sent, Target},
};
pub(crate) use self::{http::routes, service::LOCKS};
