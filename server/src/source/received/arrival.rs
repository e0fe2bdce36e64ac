//! A picture for those who wait for an exam.

use std::collections::HashSet;
use std::sync::Arc;

use futures::future::{FutureExt as _, select_all};

use super::study::{Series, State, Study};
use super::summary::first_with_pictures;
use super::{Shared, Upstream};
use crate::source::{InstanceRef, SourceError};

impl<U: Upstream> Shared<U> {
    /// Of a study that is on its way the first image that is here, of none of the series `but_of`. `None` where none comes
    /// any more, and where nobody can tell yet whether it is of this patient.
    pub(super) async fn first_arrival(
        self: &Arc<Self>,
        study: &Arc<Study>,
        but_of: &HashSet<String>,
    ) -> Result<Option<InstanceRef>, SourceError> {
        if !self.knows_patient(study) || study.summary_at_hand().is_some() {
            return Ok(None);
        }
        if but_of.is_empty()
            && let Some(alone) = self.first_alone(study).await
        {
            return Ok(Some(alone));
        }
        self.start_all(study);
        let may_give = |one: &&Arc<Series>| !but_of.contains(&one.listed.uid);
        let series: Vec<_> = study.series.iter().filter(may_give).collect();
        let mut states: Vec<_> = series.iter().map(|series| series.watch()).collect();
        loop {
            // In this order: what comes while it is looked for changes the state again. All are looked at.
            let ended = states
                .iter_mut()
                .map(|state| matches!(*state.borrow_and_update(), State::Ended(..)));
            let is_over = ended.fold(true, |all, has_ended| all & has_ended);
            let here = series.iter().find_map(|series| Some((series, series.arrived_image()?)));
            if let Some((series, instance)) = here {
                let (study, series) = (study.uid.clone(), series.listed.uid.clone());
                return Ok(Some(InstanceRef { study, series, instance }));
            }
            if is_over {
                return Ok(None);
            }
            let changes = states.iter_mut().map(|state| state.changed().boxed());
            let gone = |_| SourceError::Unavailable("no longer received".to_owned());
            select_all(changes).await.0.map_err(gone)?;
        }
    }

    /// While nothing has been asked for: one image by itself. The rest would only be in its way, and whoever wants it asks.
    async fn first_alone(self: &Arc<Self>, study: &Arc<Study>) -> Option<InstanceRef> {
        let is_idle = |one: &Arc<Series>| matches!(*one.watch().borrow(), State::Idle);
        if !study.series.iter().all(is_idle) {
            return None;
        }
        let series = first_with_pictures(study)?;
        let image = series.listed.instances.iter().find(|listed| listed.may_be_image())?;
        let (study_uid, series_uid) = (study.uid.clone(), series.listed.uid.clone());
        let at = InstanceRef { study: study_uid, series: series_uid, instance: image.uid.clone() };
        self.bring_again(study, &series, &at).await.is_ok().then_some(at)
    }
}
