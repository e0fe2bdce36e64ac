//! Reads one file of the archive into what the index holds of it. Blocking; headers only.

use std::fs::File;
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};

use flate2::read::DeflateDecoder;
use tokio::runtime::Handle;
use viewer_core::base::limits::MAX_INFLATED_BYTES;
use viewer_core::dicom::{self, DataSetPlace, IndexError, Indexed, PixelDataLayout, ReadError};

use super::ArchiveError;
use super::entry::{FileOutcome, Listed, NewInstance, Place};
use super::facts::Facts;
use super::metadata::metadata;
use super::packed::pack;
use super::ranged::RangedReader;
use super::stores::Stores;
use super::unzip::extract;
use crate::source::InstanceRef;

const ZIP_SIGNATURE: &[u8; 4] = b"PK\x03\x04";

/// Reads a file; `id` names the folder for what has to be unpacked.
pub(super) fn read_file(
    stores: &Stores,
    id: i64,
    listed: &Listed,
    runtime: &Handle,
) -> Result<FileOutcome, ArchiveError> {
    if listed.size > stores.max_file_bytes {
        return Ok(FileOutcome::Broken("larger than the limit for one file".to_owned()));
    }
    let place = Place::Object(listed.path.clone());
    let mut reader = stores.reader(&place, listed.size, runtime);
    let mut signature = [0; 4];
    let read = reader.read_exact(&mut signature);
    reader.check()?;
    if read.is_err() {
        return Ok(FileOutcome::Other);
    }
    reader.seek(SeekFrom::Start(0))?;
    if &signature == ZIP_SIGNATURE {
        return read_zip(stores, id, reader, listed.size, runtime);
    }
    let unpacked = Unpacked { stores, id, number: 0 };
    match read_instance(reader, listed.size, place, &unpacked) {
        Ok(Some(instance)) => Ok(FileOutcome::Dicom(vec![instance], None)),
        Ok(None) => Ok(FileOutcome::Other),
        Err(ArchiveError::Dicom(reason)) => Ok(FileOutcome::Broken(reason)),
        Err(error) => Err(error),
    }
}

fn read_zip(
    stores: &Stores,
    id: i64,
    mut reader: RangedReader,
    zip_bytes: u64,
    runtime: &Handle,
) -> Result<FileOutcome, ArchiveError> {
    let folder = stores.extraction_folder(id);
    let extracted = extract(&mut reader, zip_bytes, &folder, &stores.zip_limits);
    reader.check()?;
    let extracted = match extracted {
        Ok(extracted) => extracted,
        Err(error) => return Ok(FileOutcome::Broken(format!("ZIP: {error}"))),
    };
    let mut instances = Vec::new();
    let mut refused = extracted.refused;
    for number in extracted.entries {
        let (place, path) = stores.extracted(id, &number.to_string());
        let size = path.metadata()?.len();
        let unpacked = Unpacked { stores, id, number };
        match read_instance(stores.reader(&place, size, runtime), size, place, &unpacked) {
            Ok(Some(instance)) => instances.push(instance),
            Ok(None) => std::fs::remove_file(path)?,
            Err(ArchiveError::Dicom(_)) => {
                refused =
                    Some((refused.map_or(0, |(count, _)| count) + 1, "unreadable DICOM file"));
                std::fs::remove_file(path)?;
            }
            Err(error) => return Err(error),
        }
    }
    let reason = refused.map(|(count, reason)| format!("{count} entries left out, last: {reason}"));
    match (instances.is_empty(), reason) {
        (true, None) => Ok(FileOutcome::Other),
        (true, Some(reason)) => Ok(FileOutcome::Broken(reason)),
        (false, reason) => Ok(FileOutcome::Dicom(instances, reason)),
    }
}

/// Where the inflated form of a deflated data set goes.
struct Unpacked<'a> {
    stores: &'a Stores,
    id: i64,
    number: usize,
}

/// `None` for what is not DICOM, or a DICOMDIR.
fn read_instance(
    mut reader: RangedReader,
    length: u64,
    place: Place,
    unpacked: &Unpacked<'_>,
) -> Result<Option<NewInstance>, ArchiveError> {
    let indexed = dicom::index(&mut reader);
    reader.check()?;
    let Indexed { instance, layout, file } = match indexed {
        Ok(indexed) => indexed,
        Err(IndexError::Read(ReadError::NotDicom)) => return Ok(None),
        Err(IndexError::Instance(_)) if is_dicomdir(&mut reader) => return Ok(None),
        Err(error) => return Err(ArchiveError::Dicom(error.to_string())),
    };
    let pixel_place = match layout.as_ref().map(|layout| layout.data_set) {
        Some(DataSetPlace::Inflated { offset }) => {
            let place = inflate(&mut reader, offset, unpacked)?;
            reader.check()?;
            place
        }
        _ => place.clone(),
    };
    let at = InstanceRef {
        study: instance.study.study_instance_uid.clone(),
        series: instance.series.series_instance_uid.clone(),
        instance: instance.sop_instance_uid.clone(),
    };
    Ok(Some(NewInstance {
        place,
        pixel_place,
        length,
        frame_syntax: frame_syntax(layout.as_ref(), &file.transfer_syntax_uid).to_owned(),
        layout: pack(&layout)?,
        record: pack(&instance)?,
        metadata: pack(&metadata(&file, &at)?)?,
        transfer_syntax: file.transfer_syntax_uid,
        facts: Facts::of(&instance),
    }))
}

/// The syntax frames are delivered in: native ones as little endian samples, whatever the data set around
/// them was written in.
pub(in crate::source) fn frame_syntax<'a>(
    layout: Option<&PixelDataLayout>,
    stated: &'a str,
) -> &'a str {
    layout.map_or(stated, |layout| layout.frame_syntax(stated))
}

fn is_dicomdir(reader: &mut (impl Read + Seek)) -> bool {
    dicom::read_part10(reader).is_ok_and(|file| file.is_directory())
}

/// Writes the inflated data set beside the extracted entries, so that a frame is a ranged read again.
fn inflate(
    mut reader: impl Read + Seek,
    offset: u64,
    unpacked: &Unpacked<'_>,
) -> Result<Place, ArchiveError> {
    let name = format!("{}.inflated", unpacked.number);
    let (place, path) = unpacked.stores.extracted(unpacked.id, &name);
    std::fs::create_dir_all(unpacked.stores.extraction_folder(unpacked.id))?;
    reader.seek(SeekFrom::Start(offset))?;
    let mut inflated = DeflateDecoder::new(reader).take(MAX_INFLATED_BYTES);
    let mut to = BufWriter::new(File::create(&path)?);
    // A stream that is cut off was accepted up to there; so are the frames that came before.
    if let Err(error) = io::copy(&mut inflated, &mut to) {
        tracing::warn!(file = unpacked.id, %error, "deflated data set is cut off");
    }
    to.flush()?;
    Ok(place)
}
