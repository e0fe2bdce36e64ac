//! PPM and PPT: packet headers kept apart from the packets (ISO/IEC 15444-1 A.7.4, A.7.5).

use super::corrupt;
use crate::codec::DecodeError;
use crate::codec::reader::Reader;

/// Segments with an index (Zppm or Zppt), to be put in its order.
#[derive(Clone, Debug, Default)]
pub(super) struct PackedHeaders {
    segments: Vec<(u8, Vec<u8>)>,
}

impl PackedHeaders {
    /// Adds one segment.
    pub(super) fn push(&mut self, payload: &[u8]) -> Result<(), DecodeError> {
        let (&index, data) = payload.split_first().ok_or_else(|| corrupt("packed headers"))?;
        if self.segments.iter().any(|(other, _)| *other == index) {
            return Err(corrupt("packed headers with the same index"));
        }
        self.segments.push((index, data.to_vec()));
        Ok(())
    }

    /// Whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        self.segments.is_empty()
    }

    /// The data of all segments in their order.
    pub(super) fn into_bytes(mut self) -> Vec<u8> {
        self.segments.sort_unstable_by_key(|(index, _)| *index);
        self.segments.into_iter().flat_map(|(_, data)| data).collect()
    }

    /// The headers of each tile-part in the order of the codestream (PPM).
    pub(super) fn by_tile_part(self) -> Result<Vec<Vec<u8>>, DecodeError> {
        let bytes = self.into_bytes();
        let mut reader = Reader::new(&bytes);
        let mut parts = Vec::new();
        while !reader.rest().is_empty() {
            let part = reader.u32().and_then(|length| reader.take(length as usize));
            parts.push(part.ok_or_else(|| corrupt("packed headers"))?.to_vec());
        }
        Ok(parts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_are_joined_in_their_order_and_parted_by_tile_part() {
        let mut packed = PackedHeaders::default();
        packed.push(&[1, 8, 9, 0, 0, 0, 1, 10]).expect("new");
        packed.push(&[0, 0, 0, 0, 3, 7]).expect("new");
        assert!(packed.clone().push(&[1, 2]).is_err());
        assert_eq!(packed.by_tile_part(), Ok(vec![vec![7, 8, 9], vec![10]]));
    }
}
