//! What is chosen of an exam, and what it would become.

use std::collections::{BTreeMap, HashSet};

use futures::stream::{self, StreamExt};
use serde::{Deserialize, Serialize};

use super::error::{ImportError, Invalid};
use super::local::Local;
use super::object::changes;
use super::plan::Change;
use super::target::Target;
use crate::source::{InstanceRef, Scope, Source, SourceError};

/// Objects read at the same time.
const AT_ONCE: usize = 4;
/// Most instances of one import.
const MAX_INSTANCES: usize = 20_000;

/// A whole study, some of its series, or some of its instances: key images.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// Series Instance UIDs.
    #[serde(default)]
    pub series: Vec<String>,
    /// SOP Instance UIDs.
    #[serde(default)]
    pub instances: Vec<String>,
}

impl Choice {
    /// The instances, in the order of the source.
    ///
    /// # Errors
    /// [`Invalid::Choice`] where the study has none, or not all of those that are named.
    pub async fn of(
        &self,
        source: &dyn Source,
        study: &str,
    ) -> Result<Vec<InstanceRef>, ImportError> {
        let scope = Scope { study: study.to_owned(), series: None, instance: None };
        let mut all = source.instances(&scope).await?;
        let is_whole = self.series.is_empty() && self.instances.is_empty();
        let (series, instances): (HashSet<_>, HashSet<_>) =
            (self.series.iter().collect(), self.instances.iter().collect());
        let has =
            |at: &InstanceRef| series.contains(&at.series) || instances.contains(&at.instance);
        all.retain(|at| is_whole || has(at));
        let found_series: HashSet<_> = all.iter().map(|at| &at.series).collect();
        let found: HashSet<_> = all.iter().map(|at| &at.instance).collect();
        let is_complete = series.is_subset(&found_series) && instances.is_subset(&found);
        if all.is_empty() || !is_complete || all.len() > MAX_INSTANCES {
            return Err(Invalid::Choice.into());
        }
        Ok(all)
    }
}

/// What an import would do: nothing is sent for it.
#[derive(Clone, Debug, Serialize)]
pub struct DryRun {
    /// Name of exactly this, to be repeated when the import is started.
    pub token: String,
    /// How many instances.
    pub instances: usize,
    /// Those the target has already, which are not sent.
    pub duplicates: usize,
    /// Whether the target has the study under another patient: then nothing is sent.
    pub other_patient: bool,
    /// Every change, for the instances that it is the same for.
    pub changes: Vec<Changes>,
    /// Instances that cannot be written anew, or not be read.
    pub impossible: Vec<Impossible>,
}

/// Instances in which the same changes.
#[derive(Clone, Debug, Serialize)]
pub struct Changes {
    /// How many.
    pub instances: usize,
    /// The attributes.
    pub attributes: Vec<Change>,
}

/// An instance that cannot be imported.
#[derive(Clone, Debug, Serialize)]
pub struct Impossible {
    /// SOP Instance UID.
    pub instance: String,
    /// Why, in a word of its own.
    pub code: &'static str,
    /// Why.
    pub reason: String,
}

/// Reads every chosen object as far as its pixel data, and lists what would change.
///
/// # Errors
/// Where the source or the target does not answer.
pub async fn dry_run(
    source: &dyn Source,
    target: &Target,
    chosen: &[InstanceRef],
    local: &Local,
) -> Result<DryRun, ImportError> {
    let study = chosen.first().map(|at| at.study.as_str()).unwrap_or_default();
    let held = target.stored(study).await?;
    let others = target.patients_of(study).await?;
    let mut reading = stream::iter(chosen.to_vec())
        .map(|at| async move {
            let found = changes(source, &at, local).await;
            (at, found)
        })
        .buffered(AT_ONCE)
        .boxed();
    let mut same: BTreeMap<String, Changes> = BTreeMap::new();
    let mut impossible = Vec::new();
    while let Some((at, found)) = reading.next().await {
        match found {
            Ok(attributes) => {
                let key = serde_json::to_string(&attributes).unwrap_or_default();
                same.entry(key).or_insert(Changes { instances: 0, attributes }).instances += 1;
            }
            Err(error @ ImportError::Source(SourceError::Unavailable(_))) => return Err(error),
            Err(error) => {
                let (code, reason) = (error.code(), error.to_string());
                impossible.push(Impossible { instance: at.instance, code, reason });
            }
        }
    }
    Ok(DryRun {
        token: token(chosen, &target.name, local),
        instances: chosen.len(),
        duplicates: chosen.iter().filter(|at| held.contains(&at.instance)).count(),
        other_patient: others.iter().any(|id| *id != local.patient.id),
        changes: same.into_values().collect(),
        impossible,
    })
}

/// The name of a dry run of these instances.
pub(super) fn token(chosen: &[InstanceRef], target: &str, local: &Local) -> String {
    let mut parts = vec![target];
    for at in chosen {
        parts.extend([at.study.as_str(), &at.series, &at.instance]);
    }
    local.digest(&parts)
}
