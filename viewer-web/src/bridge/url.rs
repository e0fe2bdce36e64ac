//! Addresses of the server, all on the origin of the page.

use negatoscope_protocol::VideoFrame;
use viewer_core::exam::{ExamSummary, Series};
use viewer_core::fetch::FrameKey;

/// Media types that a frame may come in: whatever transfer syntax the archive has, native frames rather packed
/// ([`viewer_core::base::PACKED_UID`]).
pub const FRAME_ACCEPT: &str = "multipart/related; type=\"application/octet-stream\"; \
    transfer-syntax=2.25.147690645955448580874096138075692849483, multipart/related; \
    type=\"application/octet-stream\"; transfer-syntax=*; q=0.5";

/// The same, and native frames in still fewer bytes ([`viewer_core::base::COMPACT_UID`]).
pub const COMPACT_ACCEPT: &str = "multipart/related; type=\"application/octet-stream\"; \
    transfer-syntax=2.25.84511234740060928106346152778788327402, multipart/related; \
    type=\"application/octet-stream\"; transfer-syntax=*; q=0.5";

/// The picture in the strip of a series whose server has none: a disc, as of what the reader opened (docs/adr/0041).
const DISC: &str = "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' viewBox='-9 -9 42 42' fill='none' \
    stroke='%23888' stroke-width='2'><circle cx='12' cy='12' r='10'/><circle cx='12' cy='12' r='2'/></svg>";

/// Media type of bulk data.
pub const BULK_ACCEPT: &str = "application/octet-stream";

/// Address of the Overlay Data of a group (PS3.18 10.4.1.5).
#[must_use]
pub fn overlay(exam: &ExamSummary, key: FrameKey, group: u16) -> Option<String> {
    Some(format!("{}/bulkdata/{group:04X}3000", image_path(exam, key)?))
}

/// WADO-RS address of one frame (PS3.18 10.4.1.1.6; frames count from 1); `None` where the summary has
/// no such image.
#[must_use]
pub fn frame(exam: &ExamSummary, key: FrameKey) -> Option<String> {
    Some(format!("{}/frames/{}", image_path(exam, key)?, key.frame.checked_add(1)?))
}

/// Address of several frames of one series in one answer, in this order.
#[must_use]
pub fn frames(exam: &ExamSummary, keys: &[FrameKey]) -> Option<String> {
    let first = exam.series.get(usize::try_from(keys.first()?.series).ok()?)?;
    let mut address = format!("{}/frames?frames=", series_path(exam, first)?);
    for (at, key) in keys.iter().enumerate() {
        let image = first.images.get(usize::try_from(key.image).ok()?)?;
        let comma = if at == 0 { "" } else { "," };
        address += &format!("{comma}{}/{}", image.sop_instance_uid, key.frame.checked_add(1)?);
    }
    Some(address)
}

fn image_path(exam: &ExamSummary, key: FrameKey) -> Option<String> {
    let series = exam.series.get(usize::try_from(key.series).ok()?)?;
    let image = series.images.get(usize::try_from(key.image).ok()?)?;
    Some(format!("{}/instances/{}", series_path(exam, series)?, image.sop_instance_uid))
}

/// A frame of a video, with the address of its stream (PS3.18 10.4.1.1.5); `None` where the image is none.
#[must_use]
pub fn video(exam: &ExamSummary, key: FrameKey) -> Option<VideoFrame> {
    let series = exam.series.get(usize::try_from(key.series).ok()?)?;
    let image = series.images.get(usize::try_from(key.image).ok()?)?;
    let is_video = series.formats.get(usize::from(image.format))?.is_video();
    is_video.then_some(())?;
    let url = format!("{}/bulkdata/7FE00010", image_path(exam, key)?);
    Some(VideoFrame { url, frame: key.frame, frames: image.frames })
}

/// Address of the picture in the strip; `None` for a series of no exam that is here.
#[must_use]
pub fn thumbnail(exam: &ExamSummary, series: &Series) -> Option<String> {
    let path = series_path(exam, series)?;
    Some(if is_local(&path) { DISC.to_owned() } else { path + "/thumbnail" })
}

/// Whether an address is of something that the reader opened: `local.js` answers it, and no network knows its scheme.
#[must_use]
pub fn is_local(address: &str) -> bool {
    address.starts_with(LOCAL)
}

const LOCAL: &str = "local:";

fn series_path(exam: &ExamSummary, series: &Series) -> Option<String> {
    let (_, study) = exam.of(series.exam)?;
    Some(format!(
        "{}/dicomweb/studies/{}/series/{}",
        if study.is_local { LOCAL } else { "" },
        study.study_instance_uid,
        series.series_instance_uid
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use viewer_core::exam::{Image, Patient, Study};

    fn exam() -> ExamSummary {
        let image = Image { sop_instance_uid: "1.2.3".into(), ..Image::default() };
        let series =
            Series { series_instance_uid: "1.2".into(), images: vec![image], ..Series::default() };
        let study = Study { study_instance_uid: "1".into(), ..Study::default() };
        ExamSummary { patient: Patient::default(), study, series: vec![series], joined: Vec::new() }
    }

    #[test]
    fn compact_frames_are_asked_for_by_their_name() {
        assert!(COMPACT_ACCEPT.contains(viewer_core::base::COMPACT_UID));
        assert!(FRAME_ACCEPT.contains(viewer_core::base::PACKED_UID));
        for accept in [COMPACT_ACCEPT, FRAME_ACCEPT] {
            assert!(accept.ends_with("transfer-syntax=*; q=0.5"));
        }
    }

    #[test]
    fn frames_count_from_one_in_addresses() {
        let key = FrameKey { series: 0, image: 0, frame: 4 };
        let expected = "/dicomweb/studies/1/series/1.2/instances/1.2.3/frames/5";
        assert_eq!(frame(&exam(), key).as_deref(), Some(expected));
    }

    #[test]
    fn several_frames_have_one_address() {
        let key = |frame| FrameKey { series: 0, image: 0, frame };
        let expected = "/dicomweb/studies/1/series/1.2/frames?frames=1.2.3/5,1.2.3/1";
        assert_eq!(frames(&exam(), &[key(4), key(0)]).as_deref(), Some(expected));
    }

    #[test]
    fn overlays_are_bulk_data_of_their_image() {
        let key = FrameKey { series: 0, image: 0, frame: 4 };
        let expected = "/dicomweb/studies/1/series/1.2/instances/1.2.3/bulkdata/601E3000";
        assert_eq!(overlay(&exam(), key, 0x601E).as_deref(), Some(expected));
    }

    #[test]
    fn a_series_is_asked_for_under_the_study_of_its_own_exam() {
        let mut both = exam();
        let mut other = exam();
        other.study.study_instance_uid = "7".into();
        other.series[0].series_instance_uid = "7.2".into();
        both.join(other).expect("another study");
        let key = FrameKey { series: 1, image: 0, frame: 0 };
        let path = "/dicomweb/studies/7/series/7.2";
        assert_eq!(frame(&both, key), Some(format!("{path}/instances/1.2.3/frames/1")));
        assert_eq!(frames(&both, &[key]), Some(format!("{path}/frames?frames=1.2.3/1")));
        assert_eq!(thumbnail(&both, &both.series[1]), Some(format!("{path}/thumbnail")));
        both.joined.clear();
        assert_eq!((frame(&both, key), thumbnail(&both, &both.series[1])), (None, None));
    }

    #[test]
    fn what_the_reader_opened_is_never_asked_of_the_server() {
        let mut both = exam();
        let mut other = exam();
        other.study.study_instance_uid = "7".into();
        other.study.is_local = true;
        both.join(other).expect("another study");
        let key = FrameKey { series: 1, image: 0, frame: 0 };
        let image = "local:/dicomweb/studies/7/series/1.2/instances/1.2.3";
        assert_eq!(frame(&both, key), Some(format!("{image}/frames/1")));
        assert_eq!(overlay(&both, key, 0x6000), Some(format!("{image}/bulkdata/60003000")));
        assert!(thumbnail(&both, &both.series[1]).expect("a disc").starts_with("data:"));
        assert!(
            is_local(image) && !is_local(&frame(&both, FrameKey { series: 0, ..key }).unwrap())
        );
    }

    #[test]
    fn what_is_not_in_the_exam_has_no_address() {
        assert_eq!(frame(&exam(), FrameKey { series: 1, image: 0, frame: 0 }), None);
        assert_eq!(frame(&exam(), FrameKey { series: 0, image: 1, frame: 0 }), None);
    }
}
