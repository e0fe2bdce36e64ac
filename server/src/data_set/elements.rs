//! Where the elements of a data set lie in its bytes (PS3.5 7), so that some can be written anew and no other byte is touched.

use super::Unwritable;

/// Sequences inside sequences; deeper ones are refused.
const MAX_DEPTH: usize = 32;
/// Elements of one data set, those of items included.
const MAX_ELEMENTS: usize = 1_000_000;
const UNDEFINED: u32 = u32::MAX;
const ITEM: Tag = 0xFFFE_E000;
const ITEM_END: Tag = 0xFFFE_E00D;
const SEQUENCE_END: Tag = 0xFFFE_E0DD;
/// Bytes of a tag with its length, of items and of implicit elements.
const HEAD: usize = 8;

/// Tag: group in the high half.
pub(crate) type Tag = u32;

/// How elements are written: a transfer syntax without its pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Encoding {
    /// With value representations.
    pub explicit: bool,
    /// Most significant byte first.
    pub big: bool,
}

impl Encoding {
    /// Of a transfer syntax (PS3.5 A).
    pub(crate) fn of(transfer_syntax: &str) -> Self {
        Self {
            explicit: transfer_syntax != "1.2.840.10008.1.2",
            big: transfer_syntax == "1.2.840.10008.1.2.2",
        }
    }

    pub(crate) fn u16(self, value: u16) -> [u8; 2] {
        if self.big { value.to_be_bytes() } else { value.to_le_bytes() }
    }

    pub(crate) fn u32(self, value: u32) -> [u8; 4] {
        if self.big { value.to_be_bytes() } else { value.to_le_bytes() }
    }

    fn read_u16(self, bytes: [u8; 2]) -> u16 {
        if self.big { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) }
    }

    fn read_u32(self, bytes: [u8; 4]) -> u32 {
        if self.big { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) }
    }
}

/// Whether a VR has a length of four bytes behind two that are reserved (PS3.5 7.1.2).
pub(crate) fn is_long(vr: [u8; 2]) -> bool {
    matches!(
        &vr,
        b"OB"
            | b"OD"
            | b"OF"
            | b"OL"
            | b"OV"
            | b"OW"
            | b"SQ"
            | b"SV"
            | b"UC"
            | b"UN"
            | b"UR"
            | b"UT"
            | b"UV"
    )
}

/// One element of the data set itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    pub tag: Tag,
    /// Where it begins.
    pub start: usize,
    /// Where its value begins.
    pub value: usize,
    /// Behind its value.
    pub value_end: usize,
    /// Behind the element, with what delimits it.
    pub end: usize,
}

struct Head {
    tag: Tag,
    vr: Option<[u8; 2]>,
    /// Of the head itself.
    bytes: usize,
    length: u32,
}

/// Reads elements, each checked to lie within the bytes.
pub(crate) struct Walk<'a> {
    bytes: &'a [u8],
    encoding: Encoding,
    elements: usize,
}

impl<'a> Walk<'a> {
    pub(crate) const fn new(bytes: &'a [u8], encoding: Encoding) -> Self {
        Self { bytes, encoding, elements: 0 }
    }

    /// The elements from `at` on, until there is one that `ends`, or no more byte.
    pub(crate) fn until(
        &mut self,
        mut at: usize,
        ends: impl Fn(Tag) -> bool,
    ) -> Result<Vec<Span>, Unwritable> {
        let mut found = Vec::new();
        while at < self.bytes.len() {
            let tag = self.tag(at)?;
            if ends(tag) {
                break;
            }
            let span = self.element(at, self.encoding, 0)?;
            at = span.end;
            found.push(span);
        }
        Ok(found)
    }

    /// The bytes of the items of a sequence, each with its head, without what ends it.
    pub(crate) fn items(&mut self, sequence: Span) -> Result<Vec<&'a [u8]>, Unwritable> {
        let (mut at, mut found) = (sequence.value, Vec::new());
        while at < sequence.value_end {
            let end = self.item(at, self.encoding, 0)?;
            found.push(self.slice(at, end)?);
            at = end;
        }
        Ok(found)
    }

    /// Behind encapsulated pixel data whose first item is at `at` (PS3.5 A.4).
    pub(crate) fn behind_fragments(&mut self, at: usize) -> Result<usize, Unwritable> {
        Ok(self.items_end(at, self.encoding, 0)? + HEAD)
    }

    fn element(&mut self, at: usize, how: Encoding, depth: usize) -> Result<Span, Unwritable> {
        self.elements += 1;
        if depth > MAX_DEPTH || self.elements > MAX_ELEMENTS {
            return Err(Unwritable::TooDeep);
        }
        let head = self.head(at, how)?;
        let value = at + head.bytes;
        if head.length != UNDEFINED {
            let end = self.end(value, head.length)?;
            return Ok(Span { tag: head.tag, start: at, value, value_end: end, end });
        }
        // A sequence; where its VR is unknown it is in implicit VR (PS3.5 6.2.2).
        let inner = match head.vr {
            Some(vr) if vr == *b"UN" => Encoding { explicit: false, big: false },
            Some(vr) if vr != *b"SQ" => return Err(Unwritable::Malformed),
            _ => how,
        };
        let value_end = self.items_end(value, inner, depth + 1)?;
        Ok(Span { tag: head.tag, start: at, value, value_end, end: value_end + HEAD })
    }

    /// Where the delimiter of a sequence of undefined length is.
    fn items_end(
        &mut self,
        mut at: usize,
        how: Encoding,
        depth: usize,
    ) -> Result<usize, Unwritable> {
        loop {
            if self.tag_as(at, how)? == SEQUENCE_END {
                self.slice(at, at + HEAD)?;
                return Ok(at);
            }
            at = self.item(at, how, depth)?;
        }
    }

    /// Behind an item.
    fn item(&mut self, at: usize, how: Encoding, depth: usize) -> Result<usize, Unwritable> {
        if self.tag_as(at, how)? != ITEM {
            return Err(Unwritable::Malformed);
        }
        let length = how.read_u32(self.array(at + 4)?);
        let mut at = at + HEAD;
        if length != UNDEFINED {
            return self.end(at, length);
        }
        while self.tag_as(at, how)? != ITEM_END {
            at = self.element(at, how, depth + 1)?.end;
        }
        self.slice(at, at + HEAD)?;
        Ok(at + HEAD)
    }

    fn head(&self, at: usize, how: Encoding) -> Result<Head, Unwritable> {
        let tag = self.tag_as(at, how)?;
        if !how.explicit {
            let length = how.read_u32(self.array(at + 4)?);
            return Ok(Head { tag, vr: None, bytes: HEAD, length });
        }
        let vr: [u8; 2] = self.array(at + 4)?;
        if !vr.iter().all(u8::is_ascii_uppercase) {
            return Err(Unwritable::Malformed);
        }
        if is_long(vr) {
            let length = how.read_u32(self.array(at + 8)?);
            return Ok(Head { tag, vr: Some(vr), bytes: 12, length });
        }
        let length = how.read_u16(self.array(at + 6)?).into();
        Ok(Head { tag, vr: Some(vr), bytes: HEAD, length })
    }

    fn tag(&self, at: usize) -> Result<Tag, Unwritable> {
        self.tag_as(at, self.encoding)
    }

    fn tag_as(&self, at: usize, how: Encoding) -> Result<Tag, Unwritable> {
        let group = how.read_u16(self.array(at)?);
        let element = how.read_u16(self.array(at + 2)?);
        Ok(u32::from(group) << 16 | u32::from(element))
    }

    fn array<const N: usize>(&self, at: usize) -> Result<[u8; N], Unwritable> {
        let bytes = self.slice(at, at.saturating_add(N))?;
        bytes.try_into().map_err(|_other_length| Unwritable::Malformed)
    }

    fn end(&self, value: usize, length: u32) -> Result<usize, Unwritable> {
        let length = usize::try_from(length).map_err(|_too_long| Unwritable::Malformed)?;
        let end = value.checked_add(length).filter(|end| *end <= self.bytes.len());
        end.ok_or(Unwritable::Malformed)
    }

    fn slice(&self, from: usize, to: usize) -> Result<&'a [u8], Unwritable> {
        self.bytes.get(from..to).ok_or(Unwritable::Malformed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXPLICIT: Encoding = Encoding { explicit: true, big: false };
    const NESTED: &[u8] = b"\x08\x00\x40\x11SQ\0\0\xFF\xFF\xFF\xFF\xFE\xFF\x00\xE0\xFF\xFF\xFF\xFF\
        \x08\x00\x15\x11SQ\0\0\x08\0\0\0\xFE\xFF\x00\xE0\0\0\0\0\
        \xFE\xFF\x0D\xE0\0\0\0\0\xFE\xFF\xDD\xE0\0\0\0\0\
        \x10\x00\x20\x00LO\x02\x00ab";

    #[test]
    fn sequences_of_any_length_end_where_they_do() {
        let spans = Walk::new(NESTED, EXPLICIT).until(0, |_| false).unwrap();
        assert_eq!(
            spans.iter().map(|span| span.tag).collect::<Vec<_>>(),
            [0x0008_1140, 0x0010_0020]
        );
        assert_eq!(spans[1].end, NESTED.len());
        assert_eq!(&NESTED[spans[1].value..spans[1].value_end], b"ab");
        let items = Walk::new(NESTED, EXPLICIT).items(spans[0]).unwrap();
        assert_eq!(items.len(), 1);
    }

    proptest::proptest! {
        #[test]
        fn whatever_comes_is_answered(
            bytes in proptest::collection::vec(0_u8.., 0..200), explicit: bool, big: bool,
        ) {
            let how = Encoding { explicit, big };
            if let Ok(spans) = Walk::new(&bytes, how).until(0, |_| false) {
                for span in spans {
                    assert!(span.start < span.value && span.value <= span.value_end);
                    assert!(span.value_end <= span.end && span.end <= bytes.len());
                }
            }
        }

        #[test]
        fn what_is_cut_off_is_refused(cut in 1_usize..60) {
            let cut = NESTED.len() - cut.min(NESTED.len() - 1);
            let whole = Walk::new(&NESTED[..cut], EXPLICIT).until(0, |_| false);
            assert!(whole.is_err() || cut == NESTED.len() - 10);
        }
    }
}
