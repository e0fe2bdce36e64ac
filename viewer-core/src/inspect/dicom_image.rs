use std::io::{Read, Seek};

use super::InspectError;
use crate::codec::video::Coding;
use crate::codec::{
    DecodeError, DecodedFrame, FrameSpec, StoredFrame, check_headers, decode_overlay_bits,
    decode_stored, decoder_for,
};
use crate::dicom::{
    DicomFile, LayoutError, PixelDataLayout, image_of, layout_of, read_frame, read_part10,
    sop_class_name,
};
use crate::display::cover::CoverPlane;
use crate::exam::{Cover, DisplayAttributes, ImageContent, ImageFormat, Series};
use crate::pixel::icc::ToSrgb;
use crate::series::alone;
use crate::viewport::{ImageGeometry, frame_attributes};

/// An opened file with pixels. Of the pixel data only what is asked for is read, frame by frame.
#[derive(Debug)]
pub struct DicomImage<R> {
    reader: R,
    file: DicomFile,
    layout: PixelDataLayout,
    series: Series,
}

impl<R: Read + Seek> DicomImage<R> {
    /// Reads the attributes and finds the frames.
    ///
    /// # Errors
    /// [`InspectError`] where there is no image, or none that can be made sense of.
    pub fn open(mut reader: R) -> Result<Self, InspectError> {
        let file = read_part10(&mut reader)?;
        let content = image_of(&file);
        match layout_of(&file, &mut reader) {
            Ok(layout) => Ok(Self { reader, file, layout, series: alone(content) }),
            Err(LayoutError::NoPixelData) => Err(without_pixels(&file, &content)),
            Err(error) => Err(error.into()),
        }
    }

    /// The image as a series of its own, for [`crate::viewport`].
    #[must_use]
    pub fn series(&self) -> &Series {
        &self.series
    }

    /// Number of Frames, whether they are all there or not.
    #[must_use]
    pub fn frame_count(&self) -> u32 {
        self.series.images.first().map_or(0, |image| image.frames)
    }

    /// Whether everything is in order that can be told without decoding: the attributes, the frames' number,
    /// the headers of the first one. The frames of a video are the browser's.
    ///
    /// # Errors
    /// [`InspectError`]: frames missing, no decoder, attributes that contradict each other.
    pub fn check(&mut self) -> Result<(), InspectError> {
        let (announced, found) = (self.frame_count(), self.layout.frame_count());
        if found < announced {
            return Err(InspectError::MissingFrames { found, announced });
        }
        let (format, _) = self.attributes(1)?;
        FrameSpec::from_format(format).map_err(in_frame(1))?;
        let syntax = format.transfer_syntax_uid.clone();
        if format.is_video() {
            return Coding::of_transfer_syntax(&syntax).map(drop).map_err(in_frame(1));
        }
        decoder_for(&syntax).map_err(in_frame(1))?;
        let encoded = read_frame(&mut self.reader, &self.layout, 1)?;
        check_headers(&syntax, &encoded).map_err(in_frame(1))
    }

    /// The stored samples of frame `number`, counted from 1, before any colour conversion.
    ///
    /// # Errors
    /// [`InspectError`] where there is no such frame, or it cannot be decoded.
    pub fn stored(&mut self, number: u32) -> Result<StoredFrame, InspectError> {
        let (announced, found) = (self.frame_count(), self.layout.frame_count());
        if !(1..=announced).contains(&number) {
            return Err(InspectError::NoFrame { number, announced });
        }
        if number > found {
            return Err(InspectError::MissingFrames { found, announced });
        }
        let encoded = read_frame(&mut self.reader, &self.layout, number)?;
        let (format, _) = self.attributes(number)?;
        decode_stored(&format.transfer_syntax_uid, &encoded, format).map_err(in_frame(number))
    }

    /// Frame `number`, counted from 1, as it is drawn: colours by its ICC profile are sRGB.
    ///
    /// # Errors
    /// As [`Self::stored`].
    pub fn drawable(&mut self, number: u32) -> Result<DecodedFrame, InspectError> {
        let stored = self.stored(number)?;
        let (format, attributes) = self.attributes(number)?;
        let decoded = stored
            .into_drawable(attributes.palette.as_ref(), format.padding)
            .map_err(in_frame(number))?;
        let Some(profile) = self.series.icc_profiles.first() else { return Ok(decoded) };
        let frame = ToSrgb::from_exam(profile)?.convert_frame(decoded.frame);
        Ok(DecodedFrame { frame, ..decoded })
    }

    /// What lies over frame `number`, counted from 1: overlays and shutters. `None` where nothing does; a
    /// plane whose bits cannot be had is left out.
    ///
    /// # Errors
    /// As [`Self::stored`].
    pub fn cover_plane(&mut self, number: u32) -> Result<Option<CoverPlane>, InspectError> {
        let Some(cover) = self.cover(number).cloned() else { return Ok(None) };
        let encoded = read_frame(&mut self.reader, &self.layout, number)?;
        let (format, _) = self.attributes(number)?;
        let bits = cover.pixel_bits();
        let in_cells = decode_overlay_bits(&format.transfer_syntax_uid, &encoded, format, &bits)
            .unwrap_or_default();
        let groups = cover.overlays.iter().map(|plane| plane.group);
        let data: Vec<(u16, Vec<u8>)> =
            groups.filter_map(|group| Some((group, self.file.overlay_data(group)?))).collect();
        let (size, aspect) =
            ([format.columns, format.rows], ImageGeometry::of(format).pixel_aspect);
        let plane = CoverPlane::compose(&cover, number.saturating_sub(1), size, aspect, |plane| {
            let found = match plane.bit {
                Some(bit) => in_cells.get(bits.iter().position(|known| *known == bit)?),
                None => data.iter().find(|(group, _)| *group == plane.group).map(|(_, bits)| bits),
            };
            found.map(Vec::as_slice)
        });
        Ok(Some(plane))
    }

    fn cover(&self, number: u32) -> Option<&Cover> {
        let index = self.series.images.first()?.cover(number.checked_sub(1)?)?;
        self.series.covers.get(usize::from(index))
    }

    /// Format and display attributes of frame `number`, counted from 1.
    fn attributes(&self, number: u32) -> Result<(&ImageFormat, &DisplayAttributes), InspectError> {
        let missing = |_| InspectError::NoFrame { number, announced: self.frame_count() };
        frame_attributes(&self.series, 0, number.saturating_sub(1)).map_err(missing)
    }
}

fn in_frame(number: u32) -> impl FnOnce(DecodeError) -> InspectError {
    move |cause| InspectError::Frame { number, cause }
}

/// Whether pixels are missing, or were never to be expected.
fn without_pixels(file: &DicomFile, content: &ImageContent) -> InspectError {
    let sop_class = sop_class_name(&content.format.sop_class_uid);
    let has_size = content.format.rows != 0 || content.format.columns != 0;
    let is_promised = has_size || sop_class.is_empty() || sop_class.contains("Image Storage");
    let is_cut_off = !file.warnings.is_empty();
    if is_promised || is_cut_off {
        LayoutError::NoPixelData.into()
    } else {
        InspectError::NoImage { sop_class }
    }
}
