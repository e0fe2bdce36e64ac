//! The header of an object as it was read, and where each of its elements lies in the bytes.

use dicom_core::Tag as DicomTag;
use dicom_object::InMemDicomObject;
use viewer_core::dicom::{DataSetPlace, DicomFile, is_deflated};

use crate::data_set::elements::{Encoding, Span, Tag, Walk};
use crate::data_set::{self, Unwritable};

const PIXELS: Tag = 0x7FE0_0000;

/// An object up to its pixel data.
pub struct Header<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) object: &'a InMemDicomObject,
    pub(super) encoding: Encoding,
    pub(super) spans: Vec<Span>,
    /// Where the data set begins, behind the meta information of the file.
    pub(super) data_at: usize,
}

impl<'a> Header<'a> {
    /// Of the bytes of a file, which go at least to its pixel data, and what was read of them.
    ///
    /// # Errors
    /// [`Unwritable`] where elements are not where the transfer syntax says.
    pub fn new(bytes: &'a [u8], file: &'a DicomFile) -> Result<Self, Unwritable> {
        let is_inflated = |pixels: &viewer_core::dicom::PixelDataElement| {
            !matches!(pixels.data_set, DataSetPlace::File)
        };
        if is_deflated(&file.transfer_syntax_uid)
            || file.pixel_data.as_ref().is_some_and(is_inflated)
        {
            return Err(Unwritable::Deflated);
        }
        let encoding = Encoding::of(&file.transfer_syntax_uid);
        let data_at = data_set::start(bytes)?;
        let spans = Walk::new(bytes, encoding).until(data_at, |tag| tag >= PIXELS)?;
        Ok(Self { bytes, object: &file.object, encoding, spans, data_at })
    }

    /// The element with this tag, where there is just one.
    pub(super) fn span(&self, tag: Tag) -> Result<Option<Span>, Unwritable> {
        let mut found = self.spans.iter().filter(|span| span.tag == tag);
        match (found.next(), found.next()) {
            (_, Some(_)) => Err(Unwritable::Malformed),
            (one, None) => Ok(one.copied()),
        }
    }

    /// An element as it stands there.
    pub(super) fn raw(&self, tag: Tag) -> Result<Option<&'a [u8]>, Unwritable> {
        Ok(self.span(tag)?.and_then(|span| self.bytes.get(span.start..span.end)))
    }

    /// The value of an element as it stands there.
    pub(super) fn raw_value(&self, tag: Tag) -> Result<Option<&'a [u8]>, Unwritable> {
        Ok(self.span(tag)?.and_then(|span| self.bytes.get(span.value..span.value_end)))
    }

    /// The items of a sequence as they stand there, each with its head.
    pub(super) fn items(&self, tag: Tag) -> Result<Vec<u8>, Unwritable> {
        let Some(span) = self.span(tag)? else { return Ok(Vec::new()) };
        let vr = self.bytes.get(span.start + 4..span.start + 6);
        if self.encoding.explicit && vr != Some(b"SQ") && span.value < span.value_end {
            return Err(Unwritable::Malformed);
        }
        Ok(Walk::new(self.bytes, self.encoding).items(span)?.concat())
    }

    /// The text of an element without padding; `None` where there is no such element.
    pub(super) fn text(&self, tag: Tag) -> Option<String> {
        text_of(self.object, tag)
    }
}

/// As [`Header::text`], of an item.
pub(super) fn text_of(object: &InMemDicomObject, tag: Tag) -> Option<String> {
    let text = object.get(dicom(tag))?.to_str().ok()?;
    Some(text.trim_matches(['\0', ' ']).to_owned())
}

pub(super) const fn dicom(tag: Tag) -> DicomTag {
    DicomTag((tag >> 16) as u16, tag as u16)
}
