//! The CT of the phantom as JPEG-LS, as centres send it.

use std::path::Path;

use dicom_core::value::{PixelFragmentSequence, Value};
use dicom_core::{DataElement, VR};
use dicom_dictionary_std::tags;
use negatoscope_phantom::{Exam, Scale, SeriesKind, generate};
use viewer_core::codec::encode_jpeg_ls;

/// JPEG-LS Lossless (PS3.6 A-1).
const JPEG_LS: &str = "1.2.840.10008.1.2.4.80";

/// An exam of one CT.
pub(crate) fn make(folder: &Path, slices: usize) -> Exam {
    let scale = Scale { ct_slices: slices, ct_side_px: 512, ..Scale::tiny() };
    let mut exam = generate(folder, scale).unwrap();
    let (ct, others): (Vec<_>, Vec<_>) =
        exam.series.into_iter().partition(|series| series.kind == SeriesKind::Ct);
    for file in others.iter().flat_map(|series| &series.files) {
        std::fs::remove_file(file).unwrap();
    }
    exam.series = ct;
    let files = &exam.series[0].files;
    std::thread::scope(|scope| {
        for part in files.chunks(files.len().div_ceil(2)) {
            scope.spawn(move || part.iter().for_each(|file| compress(file)));
        }
    });
    exam
}

/// Bytes of all files.
pub(crate) fn bytes(exam: &Exam) -> u64 {
    exam.series
        .iter()
        .flat_map(|series| &series.files)
        .map(|file| file.metadata().unwrap().len())
        .sum()
}

/// Which image has the lowest Instance Number.
pub(crate) fn first(exam: &Exam) -> usize {
    let number = |file: &Path| -> i32 {
        let object = dicom_object::OpenFileOptions::new().read_until(tags::PIXEL_DATA);
        let object = object.open_file(file).unwrap();
        object.element(tags::INSTANCE_NUMBER).unwrap().to_int().unwrap()
    };
    let files = exam.series[0].files.iter().enumerate();
    files.min_by_key(|(_, file)| number(file)).unwrap().0
}

fn compress(file: &Path) {
    let mut object = dicom_object::open_file(file).unwrap();
    let size = |tag| object.element(tag).unwrap().to_int::<u16>().unwrap();
    let size = [size(tags::COLUMNS), size(tags::ROWS)];
    let stored = object.element(tags::PIXEL_DATA).unwrap().to_bytes().unwrap();
    let samples = stored.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]]));
    let mut encoded = encode_jpeg_ls(&samples.collect::<Vec<_>>(), size, 1, 16).unwrap();
    if encoded.len() % 2 == 1 {
        encoded.push(0);
    }
    let fragments = Value::PixelSequence(PixelFragmentSequence::new(vec![0], vec![encoded]));
    object.put(DataElement::new(tags::PIXEL_DATA, VR::OB, fragments));
    object.meta_mut().set_transfer_syntax(
        &dicom_transfer_syntax_registry::entries::JPEG_LS_LOSSLESS_IMAGE_COMPRESSION,
    );
    assert_eq!(object.meta().transfer_syntax(), JPEG_LS);
    object.write_to_file(file).unwrap();
}
