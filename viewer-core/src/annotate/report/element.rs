//! Elements of a data set in Explicit VR Little Endian (PS3.5 7.1.2), of sequences with lengths.

/// A data set: elements in ascending order of their tags, which is up to the caller.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct DataSet {
    bytes: Vec<u8>,
}

impl DataSet {
    /// Text, padded to an even length: by a zero for UIDs, else by a space.
    pub(super) fn text(mut self, tag: u32, vr: &str, value: &str) -> Self {
        let mut value = value.as_bytes().to_vec();
        if value.len() % 2 == 1 {
            value.push(if vr == "UI" { 0 } else { b' ' });
        }
        self.put(tag, vr, &value);
        self
    }

    /// Floats (FL).
    pub(super) fn floats(mut self, tag: u32, values: impl Iterator<Item = f32>) -> Self {
        let value: Vec<u8> = values.flat_map(f32::to_le_bytes).collect();
        self.put(tag, "FL", &value);
        self
    }

    /// Bytes (OB).
    pub(super) fn bytes(mut self, tag: u32, value: &[u8]) -> Self {
        self.put(tag, "OB", value);
        self
    }

    /// A number (UL).
    pub(super) fn long(mut self, tag: u32, value: u32) -> Self {
        self.put(tag, "UL", &value.to_le_bytes());
        self
    }

    /// A short number (US).
    pub(super) fn short(mut self, tag: u32, value: u16) -> Self {
        self.put(tag, "US", &value.to_le_bytes());
        self
    }

    /// Short numbers (US), or words without a limit (OW).
    pub(super) fn words(mut self, tag: u32, vr: &str, values: &[u16]) -> Self {
        let value: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.put(tag, vr, &value);
        self
    }

    /// Signed numbers (SL).
    pub(super) fn signed(mut self, tag: u32, values: &[i32]) -> Self {
        let value: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.put(tag, "SL", &value);
        self
    }

    /// A sequence.
    pub(super) fn sequence(mut self, tag: u32, items: impl IntoIterator<Item = Self>) -> Self {
        let mut value = Vec::new();
        for item in items {
            value.extend(tag_bytes(0xFFFE_E000));
            value.extend(length(item.bytes.len()).to_le_bytes());
            value.extend(item.bytes);
        }
        self.put(tag, "SQ", &value);
        self
    }

    /// The same elements, then others.
    pub(super) fn and(mut self, others: Self) -> Self {
        self.bytes.extend(others.bytes);
        self
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    fn put(&mut self, tag: u32, vr: &str, value: &[u8]) {
        self.bytes.extend(tag_bytes(tag));
        self.bytes.extend(vr.as_bytes());
        match u16::try_from(value.len()) {
            Ok(short) if !matches!(vr, "OB" | "OW" | "SQ" | "UT" | "UC") => {
                self.bytes.extend(short.to_le_bytes());
            }
            // What is too long for its VR is left out: the texts of a report are never that long.
            Err(_) if !matches!(vr, "OB" | "OW" | "SQ" | "UT" | "UC") => {
                self.bytes.extend([0, 0]);
                return;
            }
            _ => {
                self.bytes.extend([0, 0]);
                self.bytes.extend(length(value.len()).to_le_bytes());
            }
        }
        self.bytes.extend(value);
    }
}

fn tag_bytes(tag: u32) -> [u8; 4] {
    let [a, b, c, d] = tag.to_be_bytes();
    [b, a, d, c]
}

/// Reports are far from 4 GiB: there are at most 500 annotations of 2000 points.
fn length(bytes: usize) -> u32 {
    u32::try_from(bytes).unwrap_or(u32::MAX)
}

/// Tags of a report.
pub(super) mod tag {
    pub(in super::super) const META_LENGTH: u32 = 0x0002_0000;
    pub(in super::super) const META_VERSION: u32 = 0x0002_0001;
    pub(in super::super) const META_SOP_CLASS: u32 = 0x0002_0002;
    pub(in super::super) const META_SOP_INSTANCE: u32 = 0x0002_0003;
    pub(in super::super) const TRANSFER_SYNTAX: u32 = 0x0002_0010;
    pub(in super::super) const IMPLEMENTATION: u32 = 0x0002_0012;
    pub(in super::super) const CHARACTER_SET: u32 = 0x0008_0005;
    pub(in super::super) const SOP_CLASS: u32 = 0x0008_0016;
    pub(in super::super) const SOP_INSTANCE: u32 = 0x0008_0018;
    pub(in super::super) const STUDY_DATE: u32 = 0x0008_0020;
    pub(in super::super) const CONTENT_DATE: u32 = 0x0008_0023;
    pub(in super::super) const STUDY_TIME: u32 = 0x0008_0030;
    pub(in super::super) const CONTENT_TIME: u32 = 0x0008_0033;
    pub(in super::super) const ACCESSION_NUMBER: u32 = 0x0008_0050;
    pub(in super::super) const MODALITY: u32 = 0x0008_0060;
    pub(in super::super) const MANUFACTURER: u32 = 0x0008_0070;
    pub(in super::super) const REFERRING_PHYSICIAN: u32 = 0x0008_0090;
    pub(in super::super) const CODE_VALUE: u32 = 0x0008_0100;
    pub(in super::super) const CODING_SCHEME: u32 = 0x0008_0102;
    pub(in super::super) const CODE_MEANING: u32 = 0x0008_0104;
    pub(in super::super) const MAPPING_RESOURCE: u32 = 0x0008_0105;
    pub(in super::super) const SERIES_DESCRIPTION: u32 = 0x0008_103E;
    pub(in super::super) const PERFORMED_STEP: u32 = 0x0008_1111;
    pub(in super::super) const REFERENCED_SERIES: u32 = 0x0008_1115;
    pub(in super::super) const REFERENCED_IMAGE: u32 = 0x0008_1140;
    pub(in super::super) const REFERENCED_SOP_CLASS: u32 = 0x0008_1150;
    pub(in super::super) const REFERENCED_SOP_INSTANCE: u32 = 0x0008_1155;
    pub(in super::super) const REFERENCED_FRAME: u32 = 0x0008_1160;
    pub(in super::super) const REFERENCED_SOP: u32 = 0x0008_1199;
    pub(in super::super) const PATIENT_NAME: u32 = 0x0010_0010;
    pub(in super::super) const PATIENT_ID: u32 = 0x0010_0020;
    pub(in super::super) const BIRTH_DATE: u32 = 0x0010_0030;
    pub(in super::super) const SEX: u32 = 0x0010_0040;
    pub(in super::super) const SOFTWARE: u32 = 0x0018_1020;
    pub(in super::super) const STUDY: u32 = 0x0020_000D;
    pub(in super::super) const SERIES: u32 = 0x0020_000E;
    pub(in super::super) const STUDY_ID: u32 = 0x0020_0010;
    pub(in super::super) const SERIES_NUMBER: u32 = 0x0020_0011;
    pub(in super::super) const INSTANCE_NUMBER: u32 = 0x0020_0013;
    pub(in super::super) const LATERALITY: u32 = 0x0020_0060;
    pub(in super::super) const WINDOW_CENTER: u32 = 0x0028_1050;
    pub(in super::super) const WINDOW_WIDTH: u32 = 0x0028_1051;
    pub(in super::super) const RESCALE_INTERCEPT: u32 = 0x0028_1052;
    pub(in super::super) const RESCALE_SLOPE: u32 = 0x0028_1053;
    pub(in super::super) const RESCALE_TYPE: u32 = 0x0028_1054;
    pub(in super::super) const VOI_FUNCTION: u32 = 0x0028_1056;
    pub(in super::super) const LUT_DESCRIPTOR: u32 = 0x0028_3002;
    pub(in super::super) const LUT_DATA: u32 = 0x0028_3006;
    pub(in super::super) const VOI_LUT: u32 = 0x0028_3010;
    pub(in super::super) const SOFTCOPY_VOI: u32 = 0x0028_3110;
    pub(in super::super) const UNITS: u32 = 0x0040_08EA;
    pub(in super::super) const RELATIONSHIP: u32 = 0x0040_A010;
    pub(in super::super) const VALUE_TYPE: u32 = 0x0040_A040;
    pub(in super::super) const CONCEPT_NAME: u32 = 0x0040_A043;
    pub(in super::super) const CONTINUITY: u32 = 0x0040_A050;
    pub(in super::super) const UID_VALUE: u32 = 0x0040_A124;
    pub(in super::super) const TEXT_VALUE: u32 = 0x0040_A160;
    pub(in super::super) const CONCEPT_CODE: u32 = 0x0040_A168;
    pub(in super::super) const MEASURED_VALUE: u32 = 0x0040_A300;
    pub(in super::super) const NUMERIC_VALUE: u32 = 0x0040_A30A;
    pub(in super::super) const PROCEDURE_CODE: u32 = 0x0040_A372;
    pub(in super::super) const EVIDENCE: u32 = 0x0040_A375;
    pub(in super::super) const COMPLETION: u32 = 0x0040_A491;
    pub(in super::super) const VERIFICATION: u32 = 0x0040_A493;
    pub(in super::super) const CONTENT_TEMPLATE: u32 = 0x0040_A504;
    pub(in super::super) const CONTENT: u32 = 0x0040_A730;
    pub(in super::super) const TEMPLATE: u32 = 0x0040_DB00;
    pub(in super::super) const GRAPHIC_ANNOTATION: u32 = 0x0070_0001;
    pub(in super::super) const LAYER: u32 = 0x0070_0002;
    pub(in super::super) const ANCHOR_UNITS: u32 = 0x0070_0004;
    pub(in super::super) const GRAPHIC_UNITS: u32 = 0x0070_0005;
    pub(in super::super) const TEXT: u32 = 0x0070_0006;
    pub(in super::super) const TEXT_OBJECT: u32 = 0x0070_0008;
    pub(in super::super) const GRAPHIC_OBJECT: u32 = 0x0070_0009;
    pub(in super::super) const ANCHOR: u32 = 0x0070_0014;
    pub(in super::super) const ANCHOR_VISIBILITY: u32 = 0x0070_0015;
    pub(in super::super) const GRAPHIC_DIMENSIONS: u32 = 0x0070_0020;
    pub(in super::super) const GRAPHIC_COUNT: u32 = 0x0070_0021;
    pub(in super::super) const GRAPHIC_DATA: u32 = 0x0070_0022;
    pub(in super::super) const GRAPHIC_TYPE: u32 = 0x0070_0023;
    pub(in super::super) const GRAPHIC_FILLED: u32 = 0x0070_0024;
    pub(in super::super) const FLIP: u32 = 0x0070_0041;
    pub(in super::super) const ROTATION: u32 = 0x0070_0042;
    pub(in super::super) const AREA_TOP_LEFT: u32 = 0x0070_0052;
    pub(in super::super) const AREA_BOTTOM_RIGHT: u32 = 0x0070_0053;
    pub(in super::super) const DISPLAYED_AREA: u32 = 0x0070_005A;
    pub(in super::super) const GRAPHIC_LAYER: u32 = 0x0070_0060;
    pub(in super::super) const LAYER_ORDER: u32 = 0x0070_0062;
    pub(in super::super) const CONTENT_LABEL: u32 = 0x0070_0080;
    pub(in super::super) const CONTENT_DESCRIPTION: u32 = 0x0070_0081;
    pub(in super::super) const CREATION_DATE: u32 = 0x0070_0082;
    pub(in super::super) const CREATION_TIME: u32 = 0x0070_0083;
    pub(in super::super) const CREATOR: u32 = 0x0070_0084;
    pub(in super::super) const SIZE_MODE: u32 = 0x0070_0100;
    pub(in super::super) const AREA_SPACING: u32 = 0x0070_0101;
    pub(in super::super) const AREA_ASPECT: u32 = 0x0070_0102;
    pub(in super::super) const LUT_SHAPE: u32 = 0x2050_0020;
}
