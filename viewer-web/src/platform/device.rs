//! What this device can carry.

use viewer_core::exam::{ExamSummary, Image, Series};
use viewer_core::fetch::Limits;

const MIB: u64 = 1024 * 1024;
/// Transfer syntaxes whose frames are cells as they are (PS3.5 A.1 to A.3, A.5: only the file is deflated there).
const NATIVE: [&str; 4] =
    ["1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2", "1.2.840.10008.1.2.1.99"];

/// Limits chosen once for a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeviceLimits {
    /// How many decode workers.
    pub workers: usize,
    /// Bytes of decoded frames kept in memory.
    pub frame_cache_bytes: u64,
    /// Bytes of frames kept in GPU memory.
    pub gpu_cache_bytes: u64,
    /// Most requests under way at once; the scheduler makes no more than keep the connection busy.
    pub requests: usize,
    /// Only what is next to the screen is prefetched.
    pub saves_data: bool,
}

/// What the browser tells of the device.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DeviceHints {
    /// Logical processors.
    pub cores: usize,
    /// `navigator.deviceMemory`: GiB, rounded down by the browser to at most 8; only some tell it.
    pub memory_gib: Option<f64>,
    /// A phone: small screen worked by a finger.
    pub is_phone: bool,
    /// `navigator.connection.saveData`: the visitor pays for bytes.
    pub saves_data: bool,
}

impl DeviceLimits {
    /// Limits for a device. Phones kill pages that take too much, and say nothing before.
    #[must_use]
    pub fn of(hints: &DeviceHints) -> Self {
        let most_workers = if hints.is_phone { 4 } else { 8 };
        let assumed_gib = hints.memory_gib.unwrap_or(if hints.is_phone { 2.0 } else { 4.0 });
        let frames_mib = match assumed_gib {
            // Page and GPU process together stay below 700 MB with 1300 slices (`cargo xtask bench peers --large`).
            gib if gib >= 4.0 && !hints.is_phone => 384,
            gib if gib >= 8.0 || (gib >= 2.0 && !hints.is_phone) => 192,
            // Page and GPU process together stay below 350 MB (`cargo xtask bench --only phone`).
            _ => 64,
        };
        // A frame is brought there in less than a millisecond: this holds what is on the screen, and loops. Where the
        // processor draws it is memory of the page, too.
        let least_gpu_mib = if hints.is_phone { 16 } else { 32 };
        let gpu_mib = match cfg!(feature = "canvas") {
            true => 8,
            false => (frames_mib / 8).clamp(least_gpu_mib, 64),
        };
        Self {
            workers: hints.cores.clamp(1, most_workers),
            frame_cache_bytes: frames_mib * MIB,
            gpu_cache_bytes: gpu_mib * MIB,
            requests: if hints.is_phone { 8 } else { 12 },
            saves_data: hints.saves_data,
        }
    }
}

impl DeviceLimits {
    /// Limits of loading an exam: memory is for decoded frames where the whole exam fits, or where bodies are no
    /// smaller (on a slow network native frames come compressed); else half of it keeps what is compressed, until it
    /// is known how much all of that is, so that less is fetched twice.
    #[must_use]
    pub fn for_exam(&self, exam: &ExamSummary, is_slow: bool) -> Limits {
        let decoded: u64 = exam.series.iter().map(decoded_bytes).sum();
        let budget = self.frame_cache_bytes;
        let mut formats = exam.series.iter().flat_map(|series| &series.formats);
        let is_native = formats.all(|format| NATIVE.contains(&format.transfer_syntax_uid.as_str()));
        let comes_as_it_is = is_native && !is_slow && !self.saves_data;
        let encoded_bytes = if decoded <= budget || comes_as_it_is { 0 } else { budget / 2 };
        Limits {
            fetches: self.requests,
            decodes: self.workers,
            decoded_bytes: budget - encoded_bytes,
            encoded_bytes,
            saves_data: self.saves_data,
        }
    }
}

/// Memory that all frames of a series take when decoded (as `viewer_core::pixel::FramePixels`).
fn decoded_bytes(series: &Series) -> u64 {
    let of_image = |image: &Image| {
        let format = series.formats.get(usize::from(image.format))?;
        let per_pixel = match (format.samples_per_pixel, format.bits_allocated) {
            (1, 0..=8) => 1,
            (1, 9..=16) => 2,
            _ => 4,
        };
        let pixels = u64::from(format.rows) * u64::from(format.columns);
        Some(pixels * per_pixel * u64::from(image.frames.max(1)))
    };
    series.images.iter().filter_map(of_image).sum()
}

#[cfg(target_arch = "wasm32")]
impl DeviceHints {
    /// As the browser tells.
    #[must_use]
    pub fn read() -> Self {
        use wasm_bindgen::JsValue;
        let navigator = super::dom::window().navigator();
        let get = |of: &JsValue, name: &str| {
            js_sys::Reflect::get(of, &JsValue::from_str(name)).unwrap_or(JsValue::UNDEFINED)
        };
        let connection = get(&navigator, "connection");
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a count of processors"
        )]
        let cores = navigator.hardware_concurrency() as usize;
        Self {
            cores,
            memory_gib: get(&navigator, "deviceMemory").as_f64(),
            saves_data: get(&connection, "saveData").is_truthy(),
            is_phone: super::dom::matches_media("(pointer: coarse) and (max-width: 950px)"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use viewer_core::exam::{ImageFormat, Patient, SampleKind, Study};

    /// A computer that tells nothing.
    const HINTS: DeviceHints =
        DeviceHints { cores: 0, memory_gib: None, is_phone: false, saves_data: false };

    #[test]
    fn data_are_saved_where_the_browser_says_so() {
        let limits = DeviceLimits::of(&DeviceHints { saves_data: true, ..HINTS });
        assert!(limits.for_exam(&exam(300, JPEG_LS), false).saves_data);
        assert!(!DeviceLimits::of(&HINTS).for_exam(&exam(300, JPEG_LS), false).saves_data);
    }

    #[test]
    fn a_phone_gets_few_workers_and_little_memory() {
        let hints = DeviceHints { cores: 8, memory_gib: Some(8.0), is_phone: true, ..HINTS };
        let limits = DeviceLimits::of(&hints);
        assert_eq!((limits.workers, limits.frame_cache_bytes), (4, 192 * MIB));
        for memory_gib in [None, Some(2.0), Some(4.0)] {
            let limits = DeviceLimits::of(&DeviceHints { memory_gib, ..hints });
            assert_eq!((limits.workers, limits.frame_cache_bytes), (4, 64 * MIB));
        }
    }

    #[test]
    fn a_computer_is_used_but_not_filled() {
        let hints = DeviceHints { cores: 32, memory_gib: Some(8.0), ..HINTS };
        let limits = DeviceLimits::of(&hints);
        assert_eq!((limits.workers, limits.frame_cache_bytes), (8, 384 * MIB));
        let limits = DeviceLimits::of(&HINTS);
        assert_eq!((limits.workers, limits.frame_cache_bytes), (1, 384 * MIB));
    }

    const JPEG_LS: &str = "1.2.840.10008.1.2.4.80";

    fn exam(images: u32, transfer_syntax_uid: &str) -> ExamSummary {
        let format = ImageFormat {
            transfer_syntax_uid: transfer_syntax_uid.to_owned(),
            sop_class_uid: String::new(),
            rows: 512,
            columns: 512,
            samples_per_pixel: 1,
            photometric_interpretation: "MONOCHROME2".into(),
            bits_allocated: 16,
            bits_stored: 12,
            high_bit: 11,
            signed: false,
            planar: false,
            samples: SampleKind::Integer,
            padding: None,
            spacing: None,
            aspect_ratio: None,
            lossy: None,
        };
        let images = (0..images).map(|_| Image { frames: 1, ..Image::default() }).collect();
        let series = Series { formats: vec![format], images, ..Series::default() };
        ExamSummary {
            patient: Patient::default(),
            study: Study::default(),
            series: vec![series],
            joined: Vec::new(),
        }
    }

    #[test]
    fn an_exam_that_fits_is_kept_decoded_only() {
        let limits = DeviceLimits::of(&HINTS);
        let small = limits.for_exam(&exam(300, JPEG_LS), false);
        assert_eq!((small.decoded_bytes, small.encoded_bytes), (384 * MIB, 0));
        let large = limits.for_exam(&exam(800, JPEG_LS), false);
        assert_eq!((large.decoded_bytes, large.encoded_bytes), (192 * MIB, 192 * MIB));
    }

    #[test]
    fn bodies_that_are_no_smaller_than_frames_are_not_kept() {
        let shares = |limits: Limits| (limits.decoded_bytes / MIB, limits.encoded_bytes / MIB);
        let (limits, large) = (DeviceLimits::of(&HINTS), exam(800, NATIVE[1]));
        assert_eq!(shares(limits.for_exam(&large, false)), (384, 0));
        assert_eq!(shares(limits.for_exam(&large, true)), (192, 192), "they come compressed");
        let saving = DeviceLimits { saves_data: true, ..limits };
        assert_eq!(shares(saving.for_exam(&large, false)), (192, 192), "they come compressed");
    }
}
