//! The HT clean-up pass (ISO/IEC 15444-15 7.3): quads of 2 × 2 samples, row by row, in two steps.

use super::HtDecoder;
use super::quads::Reading;
use crate::codec::DecodeError;
use crate::codec::jpeg2000::corrupt;

/// Parts a clean-up segment (7.1.1): its last 12 bits say how long its suffix of events and code words is.
fn split(segment: &[u8]) -> Result<(&[u8], &[u8]), DecodeError> {
    let [.., before_last, last] = *segment else { return Err(corrupt("a short HT segment")) };
    let suffix = usize::from(last) << 4 | usize::from(before_last & 0xF);
    if suffix < 2 || suffix > segment.len() || suffix > 4079 {
        return Err(corrupt("lengths within an HT segment"));
    }
    let (magnitudes, suffix) = segment.split_at(segment.len() - suffix);
    Ok((magnitudes, &suffix[..suffix.len() - 1]))
}

impl HtDecoder {
    /// Decodes the pass; `plane` is 0 for the lowest bit-plane, `zero_planes` those above the first.
    pub(super) fn cleanup(
        &mut self,
        segment: &[u8],
        plane: u32,
        zero_planes: u32,
    ) -> Result<(), DecodeError> {
        let (magnitudes, suffix) = split(segment)?;
        self.magnitudes.fill_magnitudes(magnitudes);
        self.code_words.fill_code_words(suffix);
        self.events.fill_events(suffix);
        let rows = self.height.div_ceil(2);
        let mut reading = self.read_quads::<true>(0, Reading::default());
        for row in 1..rows {
            reading = self.read_quads::<false>(row, reading);
        }
        let mut read = self.read_magnitudes::<true>(0, 0, plane);
        self.check_magnitudes(read, zero_planes)?;
        for row in 1..rows {
            read = self.read_magnitudes::<false>(row, read.0, plane);
            self.check_magnitudes(read, zero_planes)?;
        }
        Ok(())
    }

    /// One more bit than planes, the sign, and no more bits than there are.
    fn check_magnitudes(
        &self,
        (position, most_bits): (u32, u32),
        zero_planes: u32,
    ) -> Result<(), DecodeError> {
        if most_bits > zero_planes + 2 || !self.magnitudes.reaches(position) {
            return Err(corrupt("magnitudes of an HT code-block"));
        }
        Ok(())
    }
}
