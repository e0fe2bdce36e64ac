use std::path::Path;

use dicom_core::value::PixelFragmentSequence;
use dicom_core::{DataElement, PrimitiveValue, VR, dicom_value};
use dicom_dictionary_std::{tags, uids};
use dicom_object::InMemDicomObject;

use crate::dataset::{Identity, SeriesTexts, SeriesWriter, put, put_numbers};
use crate::error::PhantomError;
use crate::exam::{SeriesFiles, SeriesKind};

/// Of every stream; `streams/make.py` makes them.
const COLUMNS: u16 = 256;
const ROWS: u16 = 192;
/// 25 frames a second.
const FRAME_TIME_MS: f64 = 40.0;

struct Film {
    description: &'static str,
    folder: &'static str,
    transfer_syntax_uid: &'static str,
    stream: &'static [u8],
    /// Number of Frames of the header.
    frames: usize,
    /// Bytes of a fragment, where there are several.
    fragment_bytes: usize,
    method: &'static str,
}

const H264: Film = Film {
    description: "H.264 MP4",
    folder: "h264-mp4",
    transfer_syntax_uid: "1.2.840.10008.1.2.4.102",
    stream: include_bytes!("../streams/avc.mp4"),
    frames: 30,
    fragment_bytes: usize::MAX,
    method: "ISO_14496_10",
};
const H265: Film = Film {
    description: "H.265 MP4",
    folder: "h265-mp4",
    transfer_syntax_uid: "1.2.840.10008.1.2.4.107",
    stream: include_bytes!("../streams/hevc.mp4"),
    method: "ISO_23008_2",
    ..H264
};

const FILMS: [Film; 6] = [
    H264,
    Film {
        description: "H.264 TS, fragments",
        folder: "h264-ts",
        transfer_syntax_uid: "1.2.840.10008.1.2.4.102.1",
        stream: include_bytes!("../streams/avc.ts"),
        fragment_bytes: 1000,
        ..H264
    },
    Film {
        description: "H.264 full range",
        folder: "h264-full",
        stream: include_bytes!("../streams/avc-full-601.h264"),
        frames: 6,
        ..H264
    },
    Film { description: "H.264 wrong count", folder: "h264-count", frames: 32, ..H264 },
    H265,
    Film {
        description: "MPEG-2",
        folder: "mpeg2",
        transfer_syntax_uid: "1.2.840.10008.1.2.4.100",
        stream: include_bytes!("../streams/mpeg2.mpg"),
        frames: 5,
        method: "ISO_13818_2",
        ..H264
    },
];

/// A series for each stream.
pub(crate) fn write(dir: &Path, identity: &Identity) -> Result<Vec<SeriesFiles>, PhantomError> {
    FILMS.iter().zip(1..).map(|(film, number)| film.write(dir, identity, number)).collect()
}

impl Film {
    fn write(
        &self,
        dir: &Path,
        identity: &Identity,
        number: u16,
    ) -> Result<SeriesFiles, PhantomError> {
        let texts = SeriesTexts {
            kind: SeriesKind::Video,
            number,
            modality: "ES",
            description: self.description,
            body_part: "STOMACH",
            sop_class_uid: uids::VIDEO_ENDOSCOPIC_IMAGE_STORAGE,
            transfer_syntax_uid: self.transfer_syntax_uid,
            character_set: "ISO_IR 192",
            folder: self.folder,
        };
        let writer = SeriesWriter::new(dir, identity, texts, 1)?;
        let mut object = writer.object(0);
        self.put_attributes(&mut object);
        object.put(DataElement::new(tags::PIXEL_DATA, VR::OB, self.fragments()));
        writer.write(0, object)?;
        Ok(writer.finish(self.frames))
    }

    fn put_attributes(&self, object: &mut InMemDicomObject) {
        put(object, tags::SAMPLES_PER_PIXEL, VR::US, dicom_value!(U16, [3]));
        put(object, tags::PHOTOMETRIC_INTERPRETATION, VR::CS, "YBR_PARTIAL_420");
        put(object, tags::PLANAR_CONFIGURATION, VR::US, dicom_value!(U16, [0]));
        put(object, tags::ROWS, VR::US, PrimitiveValue::from(ROWS));
        put(object, tags::COLUMNS, VR::US, PrimitiveValue::from(COLUMNS));
        put(object, tags::BITS_ALLOCATED, VR::US, dicom_value!(U16, [8]));
        put(object, tags::BITS_STORED, VR::US, dicom_value!(U16, [8]));
        put(object, tags::HIGH_BIT, VR::US, dicom_value!(U16, [7]));
        put(object, tags::PIXEL_REPRESENTATION, VR::US, dicom_value!(U16, [0]));
        put(object, tags::NUMBER_OF_FRAMES, VR::IS, self.frames.to_string());
        put(object, tags::FRAME_INCREMENT_POINTER, VR::AT, PrimitiveValue::from(tags::FRAME_TIME));
        put_numbers(object, tags::FRAME_TIME, &[FRAME_TIME_MS]);
        put(object, tags::CINE_RATE, VR::IS, "25");
        let image_type = ["ORIGINAL", "PRIMARY"].map(String::from).to_vec();
        put(object, tags::IMAGE_TYPE, VR::CS, PrimitiveValue::Strs(image_type.into()));
        put(object, tags::LOSSY_IMAGE_COMPRESSION, VR::CS, "01");
        put(object, tags::LOSSY_IMAGE_COMPRESSION_METHOD, VR::CS, self.method);
    }

    /// The stream in one fragment or several, each of even length, without an offset table (PS3.5 A.4).
    fn fragments(&self) -> PixelFragmentSequence<Vec<u8>> {
        let mut fragments: Vec<Vec<u8>> =
            self.stream.chunks(self.fragment_bytes).map(<[u8]>::to_vec).collect();
        if let Some(last) = fragments.last_mut().filter(|last| last.len() % 2 == 1) {
            last.push(0);
        }
        PixelFragmentSequence::new(Vec::<u32>::new(), fragments)
    }
}
