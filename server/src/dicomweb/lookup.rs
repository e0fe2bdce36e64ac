//! Finds an image in the summary of its exam: how its frames are stored and displayed.

use std::sync::Arc;

use viewer_core::exam::{
    Cover, DisplayAttributes, ExamSummary, IccProfile, Image, ImageFormat, Series,
};

use super::refusal::Refusal;
use crate::source::{InstanceRef, Scope, Source};

/// One image of a summary.
pub(super) struct Found {
    summary: Arc<ExamSummary>,
    series: usize,
    image: usize,
}

/// The image of this instance.
///
/// # Errors
/// [`Refusal::NotFound`] for an unknown instance, [`Refusal::Unprocessable`] for one without a picture.
pub(super) async fn image(source: &dyn Source, at: &InstanceRef) -> Result<Found, Refusal> {
    let summary = source.summary_of(&at.scope()).await?;
    let position = summary.series.iter().enumerate().find_map(|(index, series)| {
        let same = series.series_instance_uid == at.series;
        let is_it = |image: &Image| same && image.sop_instance_uid == at.instance;
        series.images.iter().position(is_it).map(|image| (index, image))
    });
    let Some((series, image)) = position else {
        // Known to the source but not in the summary: an object that is not an image.
        source.instances(&at.scope()).await?;
        return Err(Refusal::Unprocessable("This object has no picture.".to_owned()));
    };
    Ok(Found { summary, series, image })
}

/// The middle image of the largest stack of a series: what its thumbnail shows.
pub(super) async fn middle_of_series(
    source: &dyn Source,
    study: &str,
    series: &str,
) -> Result<(Found, InstanceRef), Refusal> {
    let scope = Scope { study: study.to_owned(), series: Some(series.to_owned()), instance: None };
    middle(source.summary_of(&scope).await?, study, series)
}

/// The same of the first series with images: what the thumbnail of a study shows.
pub(super) async fn middle_of_study(
    source: &dyn Source,
    study: &str,
) -> Result<(Found, InstanceRef), Refusal> {
    let summary = source.summary(study).await?;
    let first = summary.series.iter().find(|series| !series.images.is_empty());
    let first =
        first.ok_or_else(|| Refusal::Unprocessable("This exam has no picture.".to_owned()))?;
    let series = first.series_instance_uid.clone();
    middle(summary, study, &series)
}

fn middle(
    summary: Arc<ExamSummary>,
    study: &str,
    series: &str,
) -> Result<(Found, InstanceRef), Refusal> {
    let stacks = summary.series.iter().enumerate();
    let largest = stacks
        .filter(|(_, stack)| stack.series_instance_uid == series)
        .max_by_key(|(_, stack)| stack.images.len())
        .ok_or(Refusal::NotFound)?;
    let image = largest.1.images.len() / 2;
    let chosen = largest.1.images.get(image);
    let chosen =
        chosen.ok_or_else(|| Refusal::Unprocessable("This series has no picture.".to_owned()))?;
    let at = InstanceRef {
        study: study.to_owned(),
        series: series.to_owned(),
        instance: chosen.sop_instance_uid.clone(),
    };
    let series = largest.0;
    Ok((Found { summary, series, image }, at))
}

impl Found {
    fn series(&self) -> Result<&Series, Refusal> {
        self.summary.series.get(self.series).ok_or(Refusal::NotFound)
    }

    /// The image itself.
    pub(super) fn image(&self) -> Result<&Image, Refusal> {
        self.series()?.images.get(self.image).ok_or(Refusal::NotFound)
    }

    /// How its samples are stored.
    pub(super) fn format(&self) -> Result<&ImageFormat, Refusal> {
        let format = self.series()?.formats.get(usize::from(self.image()?.format));
        format.ok_or_else(|| Refusal::Internal("summary without this format".to_owned()))
    }

    /// What lies over a frame (from 1).
    pub(super) fn cover(&self, frame: u32) -> Result<Option<&Cover>, Refusal> {
        let index = self.image()?.cover(frame.saturating_sub(1));
        Ok(index.and_then(|index| self.series().ok()?.covers.get(usize::from(index))))
    }

    /// What leads from its colours to sRGB; `None` where they are sRGB.
    pub(super) fn icc_profile(&self) -> Result<Option<&IccProfile>, Refusal> {
        let Some(index) = self.image()?.icc_profile else { return Ok(None) };
        let profile = self.series()?.icc_profiles.get(usize::from(index));
        profile
            .map(Some)
            .ok_or_else(|| Refusal::Internal("summary without this profile".to_owned()))
    }

    /// How a frame (from 1) is displayed.
    pub(super) fn display(&self, frame: u32) -> Result<&DisplayAttributes, Refusal> {
        let displays = &self.image()?.displays;
        let per_frame = displays.get(frame.saturating_sub(1) as usize).or(displays.first());
        let display =
            per_frame.and_then(|index| self.series().ok()?.displays.get(usize::from(*index)));
        display.ok_or_else(|| Refusal::Unprocessable("This object has no picture.".to_owned()))
    }
}
