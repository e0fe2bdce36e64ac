//! The library's decoder, driven over one frame that is in memory.

use jxl::api::{
    Endianness, Event, JxlBasicInfo, JxlColorType, JxlDataFormat, JxlDecoder, JxlDecoderOptions,
    JxlOutputBuffer, JxlPixelFormat, ProfileLevel,
};
use jxl::error::Error;

use super::super::{DecodeError, FrameSpec};
use super::CODEC;
use super::frame_header::FrameHeader;

/// Samples that frames beside the shown one (patches, splines of small pictures) may take.
const SPARE_SAMPLES: usize = 1 << 20;
/// Start of a container around a bare codestream. It says level 10, because level 5, assumed without
/// it, has limits for the sake of small devices that encoders of bare codestreams do not keep.
const CONTAINER: &[u8] = b"\0\0\0\x0CJXL \r\n\x87\n\0\0\0\x14ftypjxl \0\0\0\0jxl \
    \0\0\0\x09jxll\x0A\0\0\0\0jxlc";
const BARE_SIGNATURE: [u8; 2] = [0xFF, 0x0A];

/// One encoded frame, its image header read.
pub(super) struct Stream<'a> {
    decoder: JxlDecoder,
    encoded: &'a [u8],
    /// What the decoder has not taken yet.
    rest: &'a [u8],
    /// Bytes that the decoder was given before `encoded`.
    before: usize,
}

impl<'a> Stream<'a> {
    /// Reads the image header.
    pub(super) fn open(encoded: &'a [u8], spec: &FrameSpec) -> Result<Self, DecodeError> {
        let mut decoder = JxlDecoder::new(options(spec));
        let mut before = 0;
        if encoded.starts_with(&BARE_SIGNATURE) {
            before = CONTAINER.len();
            let mut container = CONTAINER;
            decoder.process(&mut container, None, None).map_err(decode_error)?;
        }
        let mut stream = Self { decoder, encoded, rest: encoded, before };
        match stream.process(None)? {
            Event::BasicInfo => Ok(stream),
            _ => Err(truncated("header")),
        }
    }

    /// The image header.
    pub(super) fn basic_info(&self) -> Result<&JxlBasicInfo, DecodeError> {
        self.decoder.basic_info().ok_or_else(|| truncated("header"))
    }

    /// Decodes the picture to integers of `precision` bits, colour interleaved by pixel.
    pub(super) fn decode(
        &mut self,
        precision: u32,
        spec: &FrameSpec,
    ) -> Result<Vec<u16>, DecodeError> {
        let mut picture = self.picture(precision, spec)?;
        if self.fill(&mut picture)? { Ok(picture.into_values()) } else { Err(truncated("frame")) }
    }

    /// The same of a frame whose end is missing; `None` where nothing can be drawn of it yet.
    pub(super) fn decode_what_is_there(
        &mut self,
        precision: u32,
        spec: &FrameSpec,
    ) -> Result<Option<Vec<u16>>, DecodeError> {
        let mut picture = self.picture(precision, spec)?;
        let is_drawn = self.fill(&mut picture)? || {
            let mut buffers = [picture.buffer()];
            self.decoder.flush_pixels(&mut buffers, None).map_err(decode_error)?
        };
        Ok(is_drawn.then(|| picture.into_values()))
    }

    /// How the shown frame is coded.
    pub(super) fn frame_header(&self) -> Result<FrameHeader, DecodeError> {
        let xyb = !self.basic_info()?.uses_original_profile;
        let start =
            self.decoder.scanned_frames().first().and_then(|frame| {
                usize::try_from(frame.file_offset).ok()?.checked_sub(self.before)
            });
        start
            .and_then(|start| FrameHeader::read(self.encoded.get(start..)?, xyb))
            .ok_or_else(|| truncated("frame header"))
    }

    /// Asks for integers and makes room for them.
    fn picture(&mut self, precision: u32, spec: &FrameSpec) -> Result<Picture, DecodeError> {
        let extra = self.basic_info()?.extra_channels.len();
        let is_gray = self
            .decoder
            .current_pixel_format()
            .is_some_and(|format| format.color_type.is_grayscale());
        let (color_type, components) =
            if is_gray { (JxlColorType::Grayscale, 1) } else { (JxlColorType::Rgb, 3) };
        spec.check_components(CODEC, components + extra as u32)?;
        let bit_depth = precision as u8;
        let format = match precision {
            ..=8 => JxlDataFormat::U8 { bit_depth },
            _ => JxlDataFormat::U16 { endianness: Endianness::native(), bit_depth },
        };
        let picture = Picture::new(format.bytes_per_sample() == 2, spec);
        let pixel_format = JxlPixelFormat {
            color_type,
            color_data_format: Some(format),
            extra_channel_format: Vec::new(),
        };
        self.decoder.set_pixel_format(pixel_format).map_err(decode_error)?;
        Ok(picture)
    }

    /// Decodes into `picture`; `false` where the data ends before the frame does.
    fn fill(&mut self, picture: &mut Picture) -> Result<bool, DecodeError> {
        let mut buffers = [picture.buffer()];
        loop {
            match self.process(Some(&mut buffers))? {
                Event::FrameComplete { has_more_frames: false } | Event::Complete => {
                    return Ok(true);
                }
                Event::FrameComplete { has_more_frames: true } => {
                    return Err(DecodeError::feature(CODEC, "several pictures in one frame"));
                }
                Event::NeedMoreInput { .. } => return Ok(false),
                Event::BasicInfo | Event::FrameHeader => {}
            }
        }
    }

    fn process(
        &mut self,
        buffers: Option<&mut [JxlOutputBuffer<'_>]>,
    ) -> Result<Event, DecodeError> {
        self.decoder.process(&mut self.rest, buffers, None).map_err(decode_error)
    }
}

fn options(spec: &FrameSpec) -> JxlDecoderOptions {
    let mut options = JxlDecoderOptions::default();
    options.adjust_orientation = false;
    options.max_profile_level = ProfileLevel::Main10;
    // The library counts three components for grey too, and narrow pictures as 16 wide.
    let columns = spec.layout.columns.max(16) as usize;
    options.sample_limit = Some(columns * spec.layout.rows as usize * 4 + SPARE_SAMPLES);
    options
}

/// Room for the decoded samples.
enum Picture {
    Bytes { samples: Vec<u8>, rows: usize },
    Words { samples: Vec<u16>, rows: usize },
}

impl Picture {
    fn new(is_wide: bool, spec: &FrameSpec) -> Self {
        let (count, rows) = (spec.layout.sample_count(), spec.layout.rows as usize);
        if is_wide {
            Self::Words { samples: vec![0; count], rows }
        } else {
            Self::Bytes { samples: vec![0; count], rows }
        }
    }

    fn buffer(&mut self) -> JxlOutputBuffer<'_> {
        let (bytes, rows): (&mut [u8], usize) = match self {
            Self::Bytes { samples, rows } => (samples, *rows),
            Self::Words { samples, rows } => (bytemuck::cast_slice_mut(samples), *rows),
        };
        let row_bytes = bytes.len() / rows;
        JxlOutputBuffer::new(bytes, rows, row_bytes)
    }

    fn into_values(self) -> Vec<u16> {
        match self {
            Self::Bytes { samples, .. } => samples.into_iter().map(u16::from).collect(),
            Self::Words { samples, .. } => samples,
        }
    }
}

fn truncated(at: &'static str) -> DecodeError {
    DecodeError::Truncated { codec: CODEC, at }
}

fn decode_error(error: Error) -> DecodeError {
    match error {
        Error::OutOfBounds(_) | Error::UnexpectedCodestreamBoxEnd => truncated("codestream"),
        error => DecodeError::corrupt(CODEC, error.to_string()),
    }
}
