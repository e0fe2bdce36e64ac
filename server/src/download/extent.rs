//! Where the value of a pixel data element ends, found while it passes: what comes after it in the file (signatures, padding)
//! is no part of a copy without identity.

use viewer_core::dicom::PixelDataElement;

/// Tag and length of an item.
const ITEM_HEAD: usize = 8;
const ITEM: [u8; 4] = [0xFE, 0xFF, 0x00, 0xE0];

/// How much of a value is still to come.
pub(super) enum Extent {
    /// So many bytes.
    Native(u64),
    /// Fragments, each with its head, up to the delimiter (PS3.5 A.4).
    Fragments {
        /// Bytes of the current fragment that are still to come.
        left: u64,
        /// The beginning of the next item's head.
        head: Vec<u8>,
    },
    /// Nothing.
    Over,
}

impl Extent {
    /// Of a value that begins now.
    pub(super) fn of(pixels: &PixelDataElement) -> Self {
        match pixels.length {
            Some(length) => Self::Native(length),
            None => Self::Fragments { left: 0, head: Vec::with_capacity(ITEM_HEAD) },
        }
    }

    /// How many of the next bytes belong to the value.
    pub(super) fn within(&mut self, bytes: &[u8]) -> usize {
        match self {
            Self::Native(left) => {
                let taken = bytes.len().min(usize::try_from(*left).unwrap_or(usize::MAX));
                *left -= taken as u64;
                if *left == 0 {
                    *self = Self::Over;
                }
                taken
            }
            Self::Fragments { .. } => self.within_fragments(bytes),
            Self::Over => 0,
        }
    }

    fn within_fragments(&mut self, bytes: &[u8]) -> usize {
        let mut at = 0;
        while let (Self::Fragments { left, head }, Some(rest)) = (&mut *self, bytes.get(at..)) {
            if rest.is_empty() {
                break;
            }
            if *left > 0 {
                let taken = rest.len().min(usize::try_from(*left).unwrap_or(usize::MAX));
                *left -= taken as u64;
                at += taken;
                continue;
            }
            let taken = rest.len().min(ITEM_HEAD - head.len());
            head.extend(rest.iter().take(taken));
            at += taken;
            if let &[a, b, c, d, l0, l1, l2, l3] = head.as_slice() {
                if [a, b, c, d] == ITEM {
                    *left = u32::from_le_bytes([l0, l1, l2, l3]).into();
                    head.clear();
                } else {
                    *self = Self::Over;
                }
            }
        }
        at
    }

    /// Whether all of it has passed.
    pub(super) const fn is_over(&self) -> bool {
        matches!(self, Self::Over)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lets bytes pass in pieces of `size`; returns those of the value.
    fn passed(mut extent: Extent, bytes: &[u8], size: usize) -> Vec<u8> {
        let mut value = Vec::new();
        for piece in bytes.chunks(size) {
            let within = extent.within(piece);
            value.extend(&piece[..within]);
        }
        assert!(extent.is_over());
        value
    }

    #[test]
    fn a_value_ends_where_it_says_whatever_the_pieces() {
        let fragments = *b"\xFE\xFF\x00\xE0\x00\x00\x00\x00\xFE\xFF\x00\xE0\x02\x00\x00\x00ab\xFE\xFF\xDD\xE0\x00\x00\x00\x00";
        let mut file = fragments.to_vec();
        file.extend(*b"\xFC\xFF\xFC\xFFOB\x00\x00signed by Dr Martin");
        for size in 1..=file.len() {
            let extent = Extent::Fragments { left: 0, head: Vec::new() };
            assert_eq!(passed(extent, &file, size), fragments);
            assert_eq!(passed(Extent::Native(10), &file, size), file[..10]);
        }
    }
}
