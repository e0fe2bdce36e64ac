//! The exam within its page: where its summary is in memory already the browser need not ask for it, and can ask for the
//! first picture while the viewer is still on its way.

use askama::Template;
use viewer_core::exam::{ExamSummary, Series};
use viewer_core::viewport::Stack;

use crate::{
    dicomweb,
    session::OpenedExam,
    source::{Source, is_uid},
};

/// Longest summary within a page; longer ones are better fetched beside the viewer's files.
const MOST_BYTES: usize = 1 << 20;
/// Longest side of an image whose first picture is all of it, pixels.
const SMALL_SIDE_PX: u32 = 512;
/// Of a larger one, the size of its first picture: there to be recognised, while the frame is on its way. The same on every
/// screen, so that the page can ask for it before any script runs (`boot.js` has these, too).
const QUICK: &str = "image/jpeg&viewport=256,256";

/// What of an exam stands in its page.
#[derive(Template)]
#[template(path = "inlined.html")]
pub(super) struct Inlined {
    /// JSON without `<`.
    summary: String,
    /// How many studies the visit has.
    studies: usize,
}

/// What of an exam its page tells the browser beforehand.
#[derive(Default)]
pub(super) struct Ready {
    pub(super) inlined: Option<Inlined>,
    /// Of the frame that the viewer shows first.
    pub(super) first_picture: Option<FirstPicture>,
}

/// A frame as the server draws it.
pub(super) struct FirstPicture {
    /// Its address.
    pub(super) address: String,
    /// Whether it is less than the image.
    pub(super) is_large: bool,
}

impl Ready {
    /// Of the first study of a visit.
    pub(super) async fn of(source: &dyn Source, exam: &OpenedExam) -> Self {
        let Some(study) = exam.studies.first() else { return Self::default() };
        let Some(summary) = source.summary_at_hand(study).await else {
            return Self::default();
        };
        let inlined =
            text(&summary).map(|summary| Inlined { summary, studies: exam.studies.len() });
        Self { inlined, first_picture: first_picture(&summary) }
    }
}

/// As it can stand in a `script` element (HTML 4.12.1.3): nothing in it ends or nests one.
fn text(summary: &ExamSummary) -> Option<String> {
    let text = serde_json::to_string(summary).ok()?;
    (text.len() <= MOST_BYTES).then(|| text.replace('<', "\\u003c"))
}

/// Of the frame that the viewer shows first: the first position of the first series that has pictures.
fn first_picture(summary: &ExamSummary) -> Option<FirstPicture> {
    let is_shown = |series: &&Series| Stack::of(series).at(0).is_some();
    let series = summary.series.iter().find(is_shown)?;
    let (image, frame) = Stack::of(series).at(0)?;
    let image = series.images.get(usize::try_from(image).ok()?)?;
    let format = series.formats.get(usize::from(image.format))?;
    let uids =
        [&summary.study.study_instance_uid, &series.series_instance_uid, &image.sop_instance_uid];
    if format.is_video() || image.defect.is_some() || !uids.iter().all(|uid| is_uid(uid)) {
        return None;
    }
    let (root, [study, series, instance], number) = (dicomweb::ROOT, uids, frame.checked_add(1)?);
    let is_large = format.columns.max(format.rows) > SMALL_SIDE_PX;
    let picture = if is_large { QUICK } else { "image/png" };
    let address = format!(
        "{root}/studies/{study}/series/{series}/instances/{instance}/frames/{number}/rendered?accept={picture}"
    );
    Some(FirstPicture { address, is_large })
}

#[cfg(test)]
mod tests {
    use viewer_core::exam::{Image, ImageFormat, Patient, Study};

    use super::*;

    fn summary(name: &str, transfer_syntax: &str, series_uid: &str) -> ExamSummary {
        let format: ImageFormat = serde_json::from_value(serde_json::json!({
            "transfer_syntax_uid": transfer_syntax, "sop_class_uid": "", "rows": 1, "columns": 1,
            "samples_per_pixel": 1, "photometric_interpretation": "MONOCHROME2", "bits_allocated": 8,
            "bits_stored": 8, "high_bit": 7, "signed": false, "planar": false, "samples": "integer",
            "padding": null, "spacing": null, "aspect_ratio": null, "lossy": null,
        }))
        .unwrap();
        let image =
            |uid: &str| Image { sop_instance_uid: uid.to_owned(), frames: 2, ..Image::default() };
        let series = Series {
            series_instance_uid: series_uid.to_owned(),
            formats: vec![format],
            images: vec![image("1.3"), image("1.4")],
            frame_order: vec![3, 2, 1, 0],
            ..Series::default()
        };
        ExamSummary {
            patient: Patient { birth_name: name.to_owned(), ..Patient::default() },
            study: Study { study_instance_uid: "1".to_owned(), ..Study::default() },
            series: vec![Series::default(), series],
            joined: Vec::new(),
        }
    }

    #[test]
    fn nothing_in_a_summary_ends_the_element_it_stands_in() {
        let hostile = "</script><script>alert(1)</script><!-- <script";
        let made = text(&summary(hostile, "1.2.840.10008.1.2.1", "1.2")).unwrap();
        assert!(!made.contains('<'), "{made}");
        let read: ExamSummary = serde_json::from_str(&made).unwrap();
        assert_eq!(read.patient.birth_name, hostile);
        assert_eq!(text(&summary(&"x".repeat(MOST_BYTES), "1.2.840.10008.1.2.1", "1.2")), None);
    }

    #[test]
    fn the_first_frame_is_that_of_the_first_position() {
        let picture = first_picture(&summary("", "1.2.840.10008.1.2.1", "1.2")).unwrap();
        let frame = "/dicomweb/studies/1/series/1.2/instances/1.4/frames/2";
        assert_eq!(picture.address, format!("{frame}/rendered?accept=image/png"));
        assert!(!picture.is_large);
    }

    #[test]
    fn of_a_large_image_a_small_picture_comes_first() {
        let mut exam = summary("", "1.2.840.10008.1.2.4.90", "1.2");
        for (columns, is_large) in [(512, false), (513, true)] {
            exam.series[1].formats[0].columns = columns;
            let picture = first_picture(&exam).unwrap();
            assert_eq!(picture.is_large, is_large, "{columns}");
            assert_eq!(picture.address.ends_with("?accept=image/jpeg&viewport=256,256"), is_large);
        }
    }

    #[test]
    fn the_loader_has_the_same_sizes() {
        let loader = include_str!("../../../viewer-web/boot/boot.js");
        let sizes = format!("const SMALL_SIDE_PX = {SMALL_SIDE_PX};\nconst QUICK = \"{QUICK}\";");
        assert!(loader.contains(&sizes), "{sizes}");
    }

    #[test]
    fn a_video_or_what_is_no_uid_has_none() {
        assert!(first_picture(&summary("", "1.2.840.10008.1.2.4.102", "1.2")).is_none());
        assert!(first_picture(&summary("", "1.2.840.10008.1.2.1", "\"><script>")).is_none());
    }
}
