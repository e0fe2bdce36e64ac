use dicom_core::dictionary::DataDictionaryEntry;
use dicom_core::{DataDictionary, PrimitiveValue, Tag, VR};
use dicom_dictionary_std::StandardDataDictionary;

use super::charset::Charset;
use super::encoding::Encoding;

/// The VR of an element that does not carry one (PS3.5 7.1.3, annex A.1): from the dictionary, LO for
/// private creators, UN for what is unknown.
pub(super) fn dictionary_vr(tag: Tag) -> VR {
    if tag.group() % 2 == 1 && (0x0010..=0x00FF).contains(&tag.element()) {
        return VR::LO;
    }
    if tag.element() == 0 {
        return VR::UL;
    }
    StandardDataDictionary.by_tag(tag).map_or(VR::UN, |entry| entry.vr().relaxed())
}

/// A value field as dicom-rs holds it. Text is decoded and split but never interpreted, so that one
/// malformed date does not cost the rest of the data set; numbers that do not fill their width at
/// the end are dropped.
pub(super) fn primitive(
    vr: VR,
    bytes: &[u8],
    encoding: Encoding,
    charset: &Charset,
) -> PrimitiveValue {
    if bytes.is_empty() {
        return PrimitiveValue::Empty;
    }
    match vr {
        VR::LO | VR::PN | VR::SH | VR::UC => multiple(&charset.decode(bytes)),
        VR::LT | VR::ST | VR::UT => PrimitiveValue::Str(padded(&charset.decode(bytes)).to_owned()),
        VR::UR => PrimitiveValue::Str(padded(&Charset::UNSTATED.decode(bytes)).to_owned()),
        VR::AE | VR::AS | VR::CS | VR::DA | VR::DS | VR::DT | VR::IS | VR::TM | VR::UI => {
            multiple(&Charset::UNSTATED.decode(bytes))
        }
        _ => binary(vr, bytes, encoding),
    }
}

fn binary(vr: VR, bytes: &[u8], e: Encoding) -> PrimitiveValue {
    match vr {
        VR::AT => PrimitiveValue::Tags(
            arrays::<4>(bytes).map(|[a, b, c, d]| Tag(e.u16([a, b]), e.u16([c, d]))).collect(),
        ),
        VR::US | VR::OW => PrimitiveValue::U16(arrays(bytes).map(|b| e.u16(b)).collect()),
        VR::SS => PrimitiveValue::I16(arrays(bytes).map(|b| e.u16(b) as i16).collect()),
        VR::UL | VR::OL => PrimitiveValue::U32(arrays(bytes).map(|b| e.u32(b)).collect()),
        VR::SL => PrimitiveValue::I32(arrays(bytes).map(|b| e.u32(b) as i32).collect()),
        VR::UV | VR::OV => PrimitiveValue::U64(arrays(bytes).map(|b| e.u64(b)).collect()),
        VR::SV => PrimitiveValue::I64(arrays(bytes).map(|b| e.u64(b) as i64).collect()),
        VR::FL | VR::OF => {
            PrimitiveValue::F32(arrays(bytes).map(|b| f32::from_bits(e.u32(b))).collect())
        }
        VR::FD | VR::OD => {
            PrimitiveValue::F64(arrays(bytes).map(|b| f64::from_bits(e.u64(b))).collect())
        }
        _ => PrimitiveValue::U8(bytes.into()),
    }
}

fn arrays<const N: usize>(bytes: &[u8]) -> impl Iterator<Item = [u8; N]> + '_ {
    bytes.chunks_exact(N).filter_map(|chunk| chunk.try_into().ok())
}

fn multiple(text: &str) -> PrimitiveValue {
    PrimitiveValue::Strs(padded(text).split('\\').map(|part| padded(part).to_owned()).collect())
}

/// Without the padding of PS3.5 6.2: trailing spaces and NULs.
fn padded(text: &str) -> &str {
    text.trim_end_matches(['\0', ' '])
}
