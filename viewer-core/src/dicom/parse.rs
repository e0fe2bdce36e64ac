use std::io::{self, Read, Seek};

use dicom_core::value::DataSetSequence;
use dicom_core::{DataElement, PrimitiveValue, Tag, VR};
use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;
use thiserror::Error;

use super::charset::Charset;
use super::encoding::{Encoding, has_long_length};
use super::skip::skip_undefined;
use super::source::Source;
use super::value::{dictionary_vr, primitive};
use crate::base::limits::{MAX_ELEMENTS, MAX_SEQUENCE_DEPTH, MAX_VALUE_BYTES};

pub(super) const ITEM: Tag = Tag(0xFFFE, 0xE000);
pub(super) const ITEM_END: Tag = Tag(0xFFFE, 0xE00D);
pub(super) const SEQUENCE_END: Tag = Tag(0xFFFE, 0xE0DD);
const UNDEFINED_LENGTH: u32 = 0xFFFF_FFFF;

/// Why reading elements stopped.
#[derive(Debug, Error)]
pub enum ParseError {
    /// The reader failed.
    #[error("cannot be read: {0}")]
    Io(#[from] io::Error),
    /// A length field points past the end of what contains it.
    #[error("the data ends inside an element at byte {offset}")]
    Truncated {
        /// Where.
        offset: u64,
    },
    /// A value longer than is ever needed.
    #[error("the value at byte {offset} is too long")]
    TooLong {
        /// Where.
        offset: u64,
    },
    /// Something stands where it cannot.
    #[error("no valid element at byte {offset}")]
    Unexpected {
        /// Where.
        offset: u64,
    },
    /// More elements than is reasonable.
    #[error("too many elements")]
    TooMany,
}

/// Tag, VR and length of an element; `length` is `None` where undefined.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Header {
    /// Where the header starts.
    pub(super) offset: u64,
    pub(super) tag: Tag,
    pub(super) vr: VR,
    pub(super) length: Option<u64>,
}

/// Reads elements of one file: recursive, but never deeper than [`MAX_SEQUENCE_DEPTH`].
pub(super) struct Parser<R> {
    pub(super) source: Source<R>,
    /// What was passed over or repaired, for the log; no values of the file.
    pub(super) warnings: Vec<String>,
    elements_left: u32,
}

impl<R: Read + Seek> Parser<R> {
    pub(super) fn new(source: Source<R>) -> Self {
        Self { source, warnings: Vec::new(), elements_left: MAX_ELEMENTS }
    }

    /// Reads the header of the element or item at the current position.
    pub(super) fn header(&mut self, encoding: Encoding, end: u64) -> Result<Header, ParseError> {
        let offset = self.source.position();
        let [a, b, c, d] = self.source.read_array(end)?;
        let tag = Tag(encoding.u16([a, b]), encoding.u16([c, d]));
        let bytes: [u8; 4] = self.source.read_array(end)?;
        let [v0, v1, l0, l1] = bytes;
        let explicit = encoding.explicit_vr && tag.group() != 0xFFFE;
        let (vr, length) = match VR::from_binary([v0, v1]) {
            Some(vr) if explicit && has_long_length(vr) => {
                (vr, encoding.u32(self.source.read_array(end)?))
            }
            Some(vr) if explicit => (vr, u32::from(encoding.u16([l0, l1]))),
            // VRs to come have long lengths (PS3.5 6.2); anything but letters is an element without VR.
            None if explicit && v0.is_ascii_uppercase() && v1.is_ascii_uppercase() => {
                (VR::UN, encoding.u32(self.source.read_array(end)?))
            }
            _ => (dictionary_vr(tag), encoding.u32(bytes)),
        };
        let length = if length == UNDEFINED_LENGTH { None } else { Some(u64::from(length)) };
        Ok(Header { offset, tag, vr, length })
    }

    /// Reads elements into `object` until `end`, the end of an item, or an element that `stop` wants,
    /// whose header is returned with the position after it. What was read before an error stays.
    pub(super) fn elements(
        &mut self,
        object: &mut InMemDicomObject,
        scope: &Scope,
        stop: &dyn Fn(&Header) -> bool,
    ) -> Result<Option<Header>, ParseError> {
        let mut scope = scope.clone();
        while self.source.position() < scope.end {
            let header = self.header(scope.encoding, scope.end)?;
            if header.tag == ITEM_END && scope.depth > 0 {
                return Ok(None);
            }
            if header.tag.group() == 0xFFFE {
                // A stray delimiter without length is passed over, as other readers do.
                match header.length {
                    Some(0) if header.tag != ITEM => continue,
                    _ => return Err(ParseError::Unexpected { offset: header.offset }),
                }
            }
            if stop(&header) {
                return Ok(Some(header));
            }
            self.elements_left = self.elements_left.checked_sub(1).ok_or(ParseError::TooMany)?;
            self.element(object, &header, &mut scope)?;
        }
        Ok(None)
    }

    fn element(
        &mut self,
        object: &mut InMemDicomObject,
        header: &Header,
        scope: &mut Scope,
    ) -> Result<(), ParseError> {
        let encoding = scope.encoding;
        // UN is implicit little endian inside (PS3.5 6.2.2 note 2): its VR may be known after all.
        let (vr, encoding) = match header.vr {
            VR::UN if header.length.is_none() => (VR::SQ, Encoding::IMPLICIT_LITTLE),
            VR::UN => (dictionary_vr(header.tag), Encoding::IMPLICIT_LITTLE),
            vr => (vr, encoding),
        };
        match header.length {
            None if vr == VR::SQ || !scope.encoding.explicit_vr => {
                self.sequence(object, header.tag, None, &Scope { encoding, ..scope.clone() })
            }
            None => skip_undefined(self, encoding, scope.end),
            Some(length) if vr == VR::SQ => {
                let end = self.source.position().saturating_add(length);
                if end > scope.end {
                    return Err(ParseError::Truncated { offset: self.source.position() });
                }
                let inner = Scope { encoding, end, ..scope.clone() };
                if let Err(error) = self.sequence(object, header.tag, Some(end), &inner) {
                    self.warnings.push(format!("sequence {} left incomplete: {error}", header.tag));
                }
                self.source.seek_to(end)
            }
            Some(length) => self.plain(object, header.tag, vr, length, encoding, scope),
        }
    }

    /// An element without items.
    pub(super) fn plain(
        &mut self,
        object: &mut InMemDicomObject,
        tag: Tag,
        vr: VR,
        length: u64,
        encoding: Encoding,
        scope: &mut Scope,
    ) -> Result<(), ParseError> {
        let value_end = self.source.position().saturating_add(length);
        if value_end > scope.end {
            return Err(ParseError::Truncated { offset: self.source.position() });
        }
        if length > MAX_VALUE_BYTES {
            self.warnings.push(format!("value of {tag} is too long and was left out"));
            object.put(DataElement::new(tag, vr, PrimitiveValue::Empty));
            return self.source.seek_to(value_end);
        }
        let bytes = self.source.read_bytes(length, value_end)?;
        let mut value = primitive(vr, &bytes, encoding, &scope.charset);
        if tag == tags::SPECIFIC_CHARACTER_SET {
            scope.charset = Charset::from_terms(&value.to_multi_str());
            // From here on the object holds Unicode, and says so.
            value = PrimitiveValue::from("ISO_IR 192");
        }
        object.put(DataElement::new(tag, vr, value));
        Ok(())
    }

    fn sequence(
        &mut self,
        object: &mut InMemDicomObject,
        tag: Tag,
        end: Option<u64>,
        scope: &Scope,
    ) -> Result<(), ParseError> {
        if scope.depth >= MAX_SEQUENCE_DEPTH {
            self.warnings.push(format!("sequence {tag} is nested too deep and was left out"));
            return match end {
                Some(end) => self.source.seek_to(end),
                None => skip_undefined(self, scope.encoding, scope.end),
            };
        }
        let mut items = Vec::new();
        let outcome = self.items(&mut items, end, scope);
        object.put(DataElement::new(tag, VR::SQ, DataSetSequence::from(items)));
        outcome
    }

    fn items(
        &mut self,
        items: &mut Vec<InMemDicomObject>,
        end: Option<u64>,
        scope: &Scope,
    ) -> Result<(), ParseError> {
        while self.source.position() < end.unwrap_or(u64::MAX) {
            let header = self.header(scope.encoding, scope.end)?;
            match (header.tag, header.length) {
                (SEQUENCE_END, _) => return Ok(()),
                (ITEM, length) => {
                    let start = self.source.position();
                    let item_end = length.map_or(scope.end, |length| start.saturating_add(length));
                    if item_end > scope.end {
                        return Err(ParseError::Truncated { offset: start });
                    }
                    let inner = Scope { end: item_end, depth: scope.depth + 1, ..scope.clone() };
                    let mut item = InMemDicomObject::new_empty();
                    let outcome = self.elements(&mut item, &inner, &|_| false);
                    items.push(item);
                    outcome?;
                }
                _ => return Err(ParseError::Unexpected { offset: header.offset }),
            }
        }
        Ok(())
    }
}

/// Where the parser is: the limits of what contains it and what it inherits.
#[derive(Clone, Debug)]
pub(super) struct Scope {
    pub(super) encoding: Encoding,
    pub(super) charset: Charset,
    /// Absolute end of the containing item, sequence or file.
    pub(super) end: u64,
    /// Sequences around this one.
    pub(super) depth: u32,
}
