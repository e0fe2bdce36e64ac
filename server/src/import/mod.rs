//! Exams into the local PACS, under the local identity (IHE Import Reconciliation Workflow).
//!
//! | file | what |
//! |---|---|
//! | `elements`, `encode`, `charset` | data sets as bytes: PS3.5 |
//! | `local`, `header`, `plan`, `apply` | what changes in an object, as a list and as bytes |

mod apply;
mod charset;
mod elements;
mod encode;
pub mod error;
mod header;
mod local;
mod plan;

pub use self::{
    apply::Record,
    error::{Invalid, Unwritable},
    header::Header,
    local::{Local, LocalAccession, LocalPatient},
    plan::{Change, Plan, Reason},
};
