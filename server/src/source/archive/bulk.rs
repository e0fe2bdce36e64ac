//! One element of one instance.

use dicom_core::Tag;
use dicom_object::InMemDicomObject;
use futures::stream::{self, StreamExt};
use viewer_core::dicom::{self, FrameLayout, PixelDataElement, PixelDataLayout};

use super::{Archive, ArchiveError};
use crate::source::{BulkStream, ElementPath, InstanceRef, SourceError};

/// The value of an element, or the place of the pixel data: from offset, length.
pub(in crate::source) enum Found {
    Value(Vec<u8>),
    PixelData(u64, u64),
}

pub(super) async fn bulk(
    archive: &Archive,
    at: &InstanceRef,
    element: &ElementPath,
) -> Result<BulkStream, SourceError> {
    let file = archive.index.file_place(at).await?.ok_or(SourceError::NotFound)?;
    let place = archive.frame_place(at).await?;
    let runtime = tokio::runtime::Handle::current();
    let reader = archive.stores.reader(&file.place, file.length, &runtime);
    let wanted = element.clone();
    let layout = place.layout.clone();
    let found = tokio::task::spawn_blocking(move || {
        let file =
            dicom::read_part10(reader).map_err(|error| ArchiveError::Dicom(error.to_string()))?;
        Ok::<_, ArchiveError>(find(&file, layout.as_ref(), &wanted))
    });
    match found.await.map_err(ArchiveError::task)??.ok_or(SourceError::NotFound)? {
        Found::Value(bytes) => Ok(BulkStream {
            transfer_syntax_uid: None,
            length: Some(bytes.len() as u64),
            bytes: stream::once(async move { Ok(bytes.into()) }).boxed(),
        }),
        Found::PixelData(offset, length) => Ok(BulkStream {
            transfer_syntax_uid: Some(place.frame_syntax.clone()),
            length: Some(length),
            bytes: archive.pieces(&place.place, offset, length).await?,
        }),
    }
}

pub(in crate::source) fn find(
    file: &dicom::DicomFile,
    layout: Option<&PixelDataLayout>,
    wanted: &ElementPath,
) -> Option<Found> {
    let is_it =
        |pixels: &PixelDataElement| wanted.items.is_empty() && wanted.tag == pixels.tag_and_vr().0;
    if let Some(pixels) = file.pixel_data.filter(is_it) {
        let there = pixels.data_set_length.saturating_sub(pixels.value_offset);
        let fragments = || encapsulated_length(layout?, pixels.value_offset);
        let length = pixels.length.or_else(fragments)?.min(there);
        return Some(Found::PixelData(pixels.value_offset, length));
    }
    let mut object: &InMemDicomObject = &file.object;
    for (sequence, number) in &wanted.items {
        let items = object.get(tag(*sequence))?.items()?;
        object = items.get(usize::try_from(*number).ok()?.checked_sub(1)?)?;
    }
    let value = object.get(tag(wanted.tag))?.value().primitive()?;
    Some(Found::Value(value.to_bytes().into_owned()))
}

/// Length of encapsulated pixel data with its delimiter (PS3.5 A.4).
fn encapsulated_length(layout: &PixelDataLayout, value_offset: u64) -> Option<u64> {
    const DELIMITER: u64 = 8;
    let FrameLayout::Encapsulated { frames } = &layout.frames else { return None };
    let end =
        frames.iter().flatten().map(|range| range.offset.saturating_add(range.length)).max()?;
    end.saturating_add(DELIMITER).checked_sub(value_offset)
}

fn tag(number: u32) -> Tag {
    Tag((number >> 16) as u16, number as u16)
}
