//! One object on its way: read from the source as far as its pixel data, and written anew as far as that.

use super::apply::Record;
use super::error::{ImportError, Unwritable};
use super::header::Header;
use super::local::Local;
use super::plan::{Change, Plan};
use crate::download::opened::{Opened, Pieces, open, open_pieces};
use crate::source::{InstanceRef, Source};

const SOP_CLASS: u32 = 0x0008_0016;
const SOP_INSTANCE: u32 = 0x0008_0018;
const STUDY: u32 = 0x0020_000D;
const SERIES: u32 = 0x0020_000E;

/// An object as it will be sent.
pub(super) struct Reconciled {
    pub class: String,
    pub transfer_syntax: String,
    /// The file up to its pixel data at least.
    pub head: Vec<u8>,
    /// Where its data set begins.
    pub data_at: usize,
    /// What follows.
    pub rest: Pieces,
}

/// What would change in an object.
pub(super) async fn changes(
    source: &dyn Source,
    at: &InstanceRef,
    local: &Local,
) -> Result<Vec<Change>, ImportError> {
    let Opened { file, head, .. } = open(source.instance(at).await?).await?;
    let local = local.clone();
    let at = at.clone();
    off_the_reactor(move || {
        let file = file.ok_or(Unwritable::Malformed)?;
        let header = Header::new(&head, &file)?;
        is_it(&header, &at)?;
        Ok(Plan::new(&header, &local)?.changes().to_vec())
    })
    .await
}

/// Reads an object and writes its header anew.
pub(super) async fn reconcile(
    (length, pieces): (Option<u64>, Pieces),
    at: &InstanceRef,
    local: &Local,
    record: &Record,
) -> Result<Reconciled, ImportError> {
    let opened = open_pieces(length, pieces).await;
    let Opened { file, head, rest, .. } = opened.map_err(ImportError::unfetched)?;
    let (local, record, at) = (local.clone(), record.clone(), at.clone());
    let (class, transfer_syntax, head, data_at) = off_the_reactor(move || {
        let file = file.ok_or(Unwritable::Malformed)?;
        let header = Header::new(&head, &file)?;
        is_it(&header, &at)?;
        let written = Plan::new(&header, &local)?.apply(&header, &record)?;
        let class = header.text(SOP_CLASS).unwrap_or_default();
        Ok((class, file.transfer_syntax_uid.clone(), written, header.data_at))
    })
    .await?;
    Ok(Reconciled { class, transfer_syntax, head, data_at, rest })
}

/// What the source sent is what was asked for: nothing else goes under the local identity.
fn is_it(header: &Header<'_>, at: &InstanceRef) -> Result<(), Unwritable> {
    let is = |tag, uid: &str| header.text(tag).as_deref() == Some(uid);
    if is(SOP_INSTANCE, &at.instance) && is(SERIES, &at.series) && is(STUDY, &at.study) {
        Ok(())
    } else {
        Err(Unwritable::Malformed)
    }
}

async fn off_the_reactor<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Unwritable> + Send + 'static,
) -> Result<T, ImportError> {
    let done = tokio::task::spawn_blocking(work).await;
    Ok(done.unwrap_or(Err(Unwritable::Malformed))?)
}
