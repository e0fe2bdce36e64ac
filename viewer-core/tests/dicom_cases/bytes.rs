//! DICOM files written byte by byte, independent of what reads them.

use std::collections::BTreeMap;

pub(crate) const IMPLICIT: &str = "1.2.840.10008.1.2";
pub(crate) const EXPLICIT: &str = "1.2.840.10008.1.2.1";
pub(crate) const DEFLATED: &str = "1.2.840.10008.1.2.1.99";
pub(crate) const BIG_ENDIAN: &str = "1.2.840.10008.1.2.2";
pub(crate) const RLE: &str = "1.2.840.10008.1.2.5";

/// (group, element) as one number.
pub(crate) type Tag = u32;

#[derive(Clone, Debug)]
enum Value {
    Bytes(Vec<u8>),
    /// Numbers of 16 bits in the byte order of the file.
    Words(Vec<u16>),
    Doubles(Vec<f64>),
    Items(Vec<DataSet>),
    /// Undefined length: basic offset table, then fragments, closed or not.
    Fragments(Vec<Vec<u8>>, bool),
}

/// A data set to write.
#[derive(Clone, Debug, Default)]
pub(crate) struct DataSet(BTreeMap<Tag, (&'static str, Value)>);

impl DataSet {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    fn with(mut self, tag: Tag, vr: &'static str, value: Value) -> Self {
        self.0.insert(tag, (vr, value));
        self
    }

    pub(crate) fn without(mut self, tag: Tag) -> Self {
        self.0.remove(&tag);
        self
    }

    pub(crate) fn text(self, tag: Tag, vr: &'static str, text: &str) -> Self {
        self.bytes(tag, vr, text.as_bytes())
    }

    pub(crate) fn bytes(self, tag: Tag, vr: &'static str, bytes: &[u8]) -> Self {
        self.with(tag, vr, Value::Bytes(bytes.to_vec()))
    }

    pub(crate) fn words(self, tag: Tag, vr: &'static str, words: &[u16]) -> Self {
        self.with(tag, vr, Value::Words(words.to_vec()))
    }

    pub(crate) fn us(self, tag: Tag, value: u16) -> Self {
        self.words(tag, "US", &[value])
    }

    pub(crate) fn doubles(self, tag: Tag, values: &[f64]) -> Self {
        self.with(tag, "FD", Value::Doubles(values.to_vec()))
    }

    pub(crate) fn items(self, tag: Tag, items: Vec<DataSet>) -> Self {
        self.with(tag, "SQ", Value::Items(items))
    }

    pub(crate) fn fragments(self, offsets: &[u32], fragments: &[&[u8]], closed: bool) -> Self {
        let table = offsets.iter().flat_map(|offset| offset.to_le_bytes()).collect();
        let items = [table].into_iter().chain(fragments.iter().map(|f| f.to_vec())).collect();
        self.with(PIXEL_DATA, "OB", Value::Fragments(items, closed))
    }

    /// The data set as its transfer syntax has it, not deflated.
    pub(crate) fn encode(&self, syntax: &str) -> Vec<u8> {
        let encoding = Encoding { explicit: syntax != IMPLICIT, big: syntax == BIG_ENDIAN };
        let mut out = Vec::new();
        for (&tag, (vr, value)) in &self.0 {
            encoding.element(&mut out, tag, vr, value);
        }
        out
    }

    /// A whole file.
    pub(crate) fn file(&self, syntax: &str) -> Vec<u8> {
        file_of(syntax, &self.encode(syntax))
    }
}

pub(crate) const PIXEL_DATA: Tag = 0x7FE0_0010;

/// Preamble, prefix and meta information before the bytes of a data set.
pub(crate) fn file_of(syntax: &str, data_set: &[u8]) -> Vec<u8> {
    let meta = DataSet::new().text(0x0002_0010, "UI", syntax).encode(EXPLICIT);
    [&[0; 128][..], b"DICM", &meta, data_set].concat()
}

#[derive(Clone, Copy)]
struct Encoding {
    explicit: bool,
    big: bool,
}

impl Encoding {
    fn u16(self, value: u16) -> [u8; 2] {
        if self.big { value.to_be_bytes() } else { value.to_le_bytes() }
    }

    fn u32(self, value: u32) -> [u8; 4] {
        if self.big { value.to_be_bytes() } else { value.to_le_bytes() }
    }

    fn tag(self, out: &mut Vec<u8>, tag: Tag) {
        out.extend(self.u16((tag >> 16) as u16));
        out.extend(self.u16((tag & 0xFFFF) as u16));
    }

    fn element(self, out: &mut Vec<u8>, tag: Tag, vr: &str, value: &Value) {
        let bytes = self.value(vr, value);
        let is_undefined = matches!(value, Value::Fragments(..));
        let length = if is_undefined { u32::MAX } else { bytes.len() as u32 };
        self.tag(out, tag);
        let is_long = matches!(vr, "OB" | "OW" | "OF" | "OD" | "OV" | "SQ" | "UT" | "UN");
        match (self.explicit, is_long) {
            (false, _) => out.extend(self.u32(length)),
            (true, true) => {
                out.extend(vr.bytes().chain([0, 0]));
                out.extend(self.u32(length));
            }
            (true, false) => {
                out.extend(vr.bytes());
                out.extend(self.u16(length as u16));
            }
        }
        out.extend(bytes);
    }

    fn value(self, vr: &str, value: &Value) -> Vec<u8> {
        match value {
            Value::Bytes(bytes) => {
                let padding = if matches!(vr, "OB" | "UI" | "UN" | "OW") { 0 } else { b' ' };
                let mut padded = bytes.clone();
                padded.extend((bytes.len() % 2 == 1).then_some(padding));
                padded
            }
            Value::Words(words) => words.iter().flat_map(|&word| self.u16(word)).collect(),
            Value::Doubles(values) => values
                .iter()
                .flat_map(|value| if self.big { value.to_be_bytes() } else { value.to_le_bytes() })
                .collect(),
            Value::Items(items) => items.iter().flat_map(|item| self.item(item)).collect(),
            Value::Fragments(fragments, closed) => {
                let mut out = Vec::new();
                for fragment in fragments {
                    self.tag(&mut out, 0xFFFE_E000);
                    out.extend(self.u32(fragment.len() as u32));
                    out.extend(fragment);
                }
                if *closed {
                    self.tag(&mut out, 0xFFFE_E0DD);
                    out.extend([0; 4]);
                }
                out
            }
        }
    }

    fn item(self, item: &DataSet) -> Vec<u8> {
        let mut inside = Vec::new();
        for (&tag, (vr, value)) in &item.0 {
            self.element(&mut inside, tag, vr, value);
        }
        let mut out = Vec::new();
        self.tag(&mut out, 0xFFFE_E000);
        out.extend(self.u32(inside.len() as u32));
        out.extend(inside);
        out
    }
}

/// A CT slice of 4 columns and 2 rows, 16 bits, samples 0 … 7.
pub(crate) fn slice() -> DataSet {
    DataSet::new()
        .text(0x0008_0016, "UI", "1.2.840.10008.5.1.4.1.1.2")
        .text(0x0008_0018, "UI", "1.2.3.4")
        .text(0x0008_0060, "CS", "CT")
        .text(0x0010_0010, "PN", "DUPONT^Jeanne")
        .text(0x0010_0020, "LO", "P1")
        .text(0x0010_0030, "DA", "19740312")
        .text(0x0020_000D, "UI", "1.2.3")
        .text(0x0020_000E, "UI", "1.2.3.1")
        .text(0x0020_0013, "IS", "7")
        .us(0x0028_0002, 1)
        .text(0x0028_0004, "CS", "MONOCHROME2")
        .us(0x0028_0010, 2)
        .us(0x0028_0011, 4)
        .us(0x0028_0100, 16)
        .us(0x0028_0101, 12)
        .us(0x0028_0102, 11)
        .us(0x0028_0103, 0)
        .words(PIXEL_DATA, "OW", &[0, 1, 2, 3, 4, 5, 6, 7])
}
