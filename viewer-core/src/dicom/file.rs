use std::io::{Cursor, Read, Seek};

use dicom_core::{Tag, VR};
use dicom_dictionary_std::{tags, uids};
use dicom_object::InMemDicomObject;
use flate2::read::DeflateDecoder;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::attributes::Attributes;
use super::charset::Charset;
use super::encoding::{EXPLICIT_VR_BIG_ENDIAN, Encoding};
use super::parse::{Header, ParseError, Parser, Scope};
use super::source::Source;
use crate::base::limits::MAX_INFLATED_BYTES;
use crate::exam::SampleKind;

/// A stored object up to its pixel data.
#[derive(Debug)]
pub struct DicomFile {
    /// The data set without pixel data; its text is Unicode and Specific Character Set says so.
    pub object: InMemDicomObject,
    /// Transfer Syntax UID as the file states it; guessed from the encoding where it does not.
    pub transfer_syntax_uid: String,
    /// Media Storage SOP Class UID of the meta information; empty where there is none.
    pub media_storage_sop_class_uid: String,
    /// Where the pixel data is; `None` where there is none (or the file ends before it).
    pub pixel_data: Option<PixelDataElement>,
    /// What was guessed, repaired or passed over, for the log: no values of the file.
    pub warnings: Vec<String>,
}

impl DicomFile {
    /// Whether it is the directory of a medium (PS3.10 8): a list of files, and no object.
    #[must_use]
    pub fn is_directory(&self) -> bool {
        self.media_storage_sop_class_uid == uids::MEDIA_STORAGE_DIRECTORY_STORAGE
    }

    /// Overlay Data (60xx,3000) of a group as a stream of bytes, the first pixel in the lowest bit of the
    /// first one whatever the byte order of the file.
    #[must_use]
    pub fn overlay_data(&self, group: u16) -> Option<Vec<u8>> {
        let element = self.object.get(Tag(group, 0x3000))?;
        Some(element.value().primitive()?.to_bytes().into_owned())
    }
}

/// The header of a pixel data element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PixelDataElement {
    /// Which of the three pixel data elements it is.
    pub samples: SampleKind,
    /// Where its value starts, in bytes from the start of `data_set`.
    pub value_offset: u64,
    /// Its length as stated; `None` where undefined (encapsulated).
    pub length: Option<u64>,
    /// Length of `data_set`.
    pub data_set_length: u64,
    /// In which stream of bytes the offsets count.
    pub data_set: DataSetPlace,
    /// Whether the element headers around it are big endian.
    pub(super) big_endian: bool,
    pub(super) vr: VR,
}

impl PixelDataElement {
    /// Its tag, and the VR that metadata states for it.
    #[must_use]
    pub const fn tag_and_vr(&self) -> (u32, &'static str) {
        match self.samples {
            SampleKind::Integer => (0x7FE0_0010, "OW"),
            SampleKind::Float => (0x7FE0_0008, "OF"),
            SampleKind::Double => (0x7FE0_0009, "OD"),
        }
    }

    /// Whether its value is written with the most significant byte first.
    #[must_use]
    pub const fn is_big_endian(&self) -> bool {
        self.big_endian
    }
}

/// Where the bytes of a data set are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DataSetPlace {
    /// In the file itself, offsets from its start.
    File,
    /// In what the file inflates to from `offset` on (PS3.5 A.5), offsets from the start of that.
    Inflated {
        /// Where the deflated stream starts in the file.
        offset: u64,
    },
}

/// Why a file is no readable DICOM object.
#[derive(Debug, Error)]
pub enum ReadError {
    /// Neither the prefix nor the first element looks like DICOM.
    #[error("not a DICOM file")]
    NotDicom,
    /// The reader failed, or nothing at all could be read.
    #[error(transparent)]
    Parse(#[from] ParseError),
    /// The deflated data set is broken from its start.
    #[error("the deflated data set cannot be inflated")]
    Inflate,
    /// The inflated data set exceeds the limit.
    #[error("the deflated data set is too large")]
    TooLarge,
}

/// Reads a DICOM file (PS3.10) up to its pixel data, as far as it makes sense: without preamble, without
/// meta information, with a transfer syntax that lies about VR and byte order, cut off. What had to be
/// tolerated is in [`DicomFile::warnings`].
///
/// # Errors
/// [`ReadError`] where not even one element can be read.
pub fn read_part10<R: Read + Seek>(reader: R) -> Result<DicomFile, ReadError> {
    let mut parser = Parser::new(Source::new(reader)?);
    let start = data_start(&mut parser.source)?;
    parser.source.seek_to(start)?;
    let meta = read_meta(&mut parser)?;
    let stated = meta.text(tags::TRANSFER_SYNTAX_UID).unwrap_or_default();
    let offset = parser.source.position();
    let sniffed = sniff(&mut parser.source, offset)?;
    let unfolds = is_deflated(&stated) && !sniffed.is_some_and(|e| e.explicit_vr);
    let mut file = if unfolds {
        let inflated = inflate(&mut parser.source, offset)?;
        let mut inner = Parser::new(Source::new(Cursor::new(inflated))?);
        let sniffed = sniff(&mut inner.source, 0)?;
        read_data_set(inner, &stated, sniffed, DataSetPlace::Inflated { offset })?
    } else {
        read_data_set(parser, &stated, sniffed, DataSetPlace::File)?
    };
    file.media_storage_sop_class_uid =
        meta.text(tags::MEDIA_STORAGE_SOP_CLASS_UID).unwrap_or_default();
    Ok(file)
}

/// The Transfer Syntax UID that the meta information of a file states, empty where there is none: what can be known
/// before anything is unfolded.
///
/// # Errors
/// [`ReadError`] where it does not begin like DICOM.
pub fn stated_transfer_syntax<R: Read + Seek>(reader: R) -> Result<String, ReadError> {
    let mut parser = Parser::new(Source::new(reader)?);
    let start = data_start(&mut parser.source)?;
    parser.source.seek_to(start)?;
    Ok(read_meta(&mut parser)?.text(tags::TRANSFER_SYNTAX_UID).unwrap_or_default())
}

/// Whether the whole data set of this transfer syntax is deflated (PS3.5 A.5): it unfolds to up to a thousand times
/// its size when it is read.
#[must_use]
pub fn is_deflated(transfer_syntax_uid: &str) -> bool {
    DEFLATED.contains(&transfer_syntax_uid)
}

const DEFLATED: [&str; 2] =
    [uids::DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN, uids::JPIP_REFERENCED_DEFLATE];

/// After preamble and prefix; 0 where they are missing and an element seems to come first.
fn data_start<R: Read + Seek>(source: &mut Source<R>) -> Result<u64, ReadError> {
    let end = source.length();
    if source.seek_to(128).is_ok()
        && source.read_array(end).is_ok_and(|prefix: [u8; 4]| &prefix == b"DICM")
    {
        return Ok(132);
    }
    source.seek_to(0)?;
    let start: [u8; 8] = source.read_array(end).map_err(|_truncated| ReadError::NotDicom)?;
    let encoding = Encoding::sniff(&start).ok_or(ReadError::NotDicom)?;
    let [a, b, c, d, l0, l1, l2, l3] = start;
    let (group, element) = (encoding.u16([a, b]), encoding.u16([c, d]));
    // An element without VR has its length here: it must fit, or these are just some bytes.
    let fits = u64::from(encoding.u32([l0, l1, l2, l3])) < end;
    let is_first = matches!((group, element), (0x0002 | 0x0008, 0x0000..=0x0020));
    if is_first && (encoding.explicit_vr || fits) { Ok(0) } else { Err(ReadError::NotDicom) }
}

/// The meta information (group 0002), whatever its group length says; empty where there is none.
fn read_meta<R: Read + Seek>(parser: &mut Parser<R>) -> Result<InMemDicomObject, ReadError> {
    let mut meta = InMemDicomObject::new_empty();
    let start = parser.source.position();
    let encoding = sniff(&mut parser.source, start)?.unwrap_or(Encoding::EXPLICIT_LITTLE);
    let end = parser.source.length();
    let mut scope = Scope { encoding, charset: Charset::UNSTATED, end, depth: 0 };
    loop {
        let offset = parser.source.position();
        let header = match parser.header(encoding, end) {
            Ok(header @ Header { tag: Tag(2, _), length: Some(_), .. }) => header,
            _ => {
                parser.source.seek_to(offset)?;
                return Ok(meta);
            }
        };
        let length = header.length.unwrap_or(0);
        parser.plain(&mut meta, header.tag, header.vr, length, encoding, &mut scope)?;
    }
}

fn sniff<R: Read + Seek>(
    source: &mut Source<R>,
    offset: u64,
) -> Result<Option<Encoding>, ParseError> {
    let end = source.length();
    let found = source.read_array::<6>(end).ok().and_then(|start| Encoding::sniff(&start));
    source.seek_to(offset)?;
    Ok(found)
}

fn inflate<R: Read + Seek>(source: &mut Source<R>, offset: u64) -> Result<Vec<u8>, ReadError> {
    source.seek_to(offset)?;
    inflate_all(source)
}

/// Inflates the rest of a reader; what precedes an error or the end of a cut-off stream is kept.
pub(super) fn inflate_all(reader: impl Read) -> Result<Vec<u8>, ReadError> {
    let mut inflated = Vec::new();
    let mut limited = DeflateDecoder::new(reader).take(MAX_INFLATED_BYTES + 1);
    let outcome = limited.read_to_end(&mut inflated);
    if inflated.len() as u64 > MAX_INFLATED_BYTES {
        return Err(ReadError::TooLarge);
    }
    if outcome.is_err() && inflated.is_empty() {
        return Err(ReadError::Inflate);
    }
    Ok(inflated)
}

fn read_data_set<R: Read + Seek>(
    mut parser: Parser<R>,
    stated: &str,
    sniffed: Option<Encoding>,
    data_set: DataSetPlace,
) -> Result<DicomFile, ReadError> {
    let declared = declared_encoding(stated);
    let encoding = sniffed.or(declared).ok_or(ReadError::NotDicom)?;
    if declared.is_some_and(|declared| declared != encoding) {
        parser.warnings.push("the transfer syntax contradicts how the data set is written".into());
    }
    let data_set_length = parser.source.length();
    let scope = Scope { encoding, charset: Charset::UNSTATED, end: data_set_length, depth: 0 };
    let mut object = InMemDicomObject::new_empty();
    let stop = parser.elements(&mut object, &scope, &|header| sample_kind(header.tag).is_some());
    let value_offset = parser.source.position();
    let pixel_data = match stop {
        Ok(header) => header.and_then(|header| {
            Some(PixelDataElement {
                samples: sample_kind(header.tag)?,
                value_offset,
                length: header.length,
                data_set_length,
                data_set,
                big_endian: encoding.big_endian,
                vr: header.vr,
            })
        }),
        Err(error) if object.iter().next().is_none() => return Err(error.into()),
        Err(error) => {
            parser.warnings.push(format!("the rest of the data set was left out: {error}"));
            None
        }
    };
    Ok(DicomFile {
        transfer_syntax_uid: if stated.is_empty() {
            guessed_syntax(encoding)
        } else {
            stated.to_owned()
        },
        media_storage_sop_class_uid: String::new(),
        object,
        pixel_data,
        warnings: parser.warnings,
    })
}

fn sample_kind(tag: Tag) -> Option<SampleKind> {
    match tag {
        tags::PIXEL_DATA => Some(SampleKind::Integer),
        tags::FLOAT_PIXEL_DATA => Some(SampleKind::Float),
        tags::DOUBLE_FLOAT_PIXEL_DATA => Some(SampleKind::Double),
        _ => None,
    }
}

/// How a data set of this transfer syntax is written (PS3.5 annex A): explicit little endian unless
/// it is one of the two others. `None` where no syntax is stated.
fn declared_encoding(transfer_syntax_uid: &str) -> Option<Encoding> {
    match transfer_syntax_uid {
        "" => None,
        uids::IMPLICIT_VR_LITTLE_ENDIAN => Some(Encoding::IMPLICIT_LITTLE),
        EXPLICIT_VR_BIG_ENDIAN => Some(Encoding { explicit_vr: true, big_endian: true }),
        _ => Some(Encoding::EXPLICIT_LITTLE),
    }
}

fn guessed_syntax(encoding: Encoding) -> String {
    match encoding {
        Encoding { big_endian: true, .. } => EXPLICIT_VR_BIG_ENDIAN,
        Encoding { explicit_vr: true, .. } => uids::EXPLICIT_VR_LITTLE_ENDIAN,
        Encoding { .. } => uids::IMPLICIT_VR_LITTLE_ENDIAN,
    }
    .to_owned()
}
