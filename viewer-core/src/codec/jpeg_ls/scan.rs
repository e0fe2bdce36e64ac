//! One scan: lines of samples from entropy-coded data (T.87 annexes A and B).

use super::bits::BitReader;
use super::context::{Context, RunContext};
use super::parameters::Parameters;

/// Exponents of run lengths (T.87 A.7.1.1).
const RUN_BITS: [u32; 32] = [
    0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 9, 10, 11, 12, 13,
    14, 15,
];
/// Combinations of three quantised gradients, sign folded.
const CONTEXTS: usize = 365;

/// A line and the one above it, each with one sample more at both ends (T.87 A.2.1).
#[derive(Clone, Debug)]
pub(super) struct Lines {
    above: Vec<u16>,
    current: Vec<u16>,
    /// RUNindex; each component has its own in line interleave.
    run_index: usize,
}

impl Lines {
    /// For the first line of a scan or a restart interval.
    pub(super) fn new(columns: usize) -> Self {
        Self { above: vec![0; columns + 2], current: vec![0; columns + 2], run_index: 0 }
    }

    /// Makes the current line the one above and sets the samples outside of the image.
    fn advance(&mut self) {
        core::mem::swap(&mut self.above, &mut self.current);
        let columns = self.above.len() - 2;
        self.above[columns + 1] = self.above[columns];
        self.current[0] = self.above[1];
    }

    /// Samples of the current line.
    pub(super) fn samples(&self) -> &[u16] {
        let end = self.current.len() - 1;
        &self.current[1..end]
    }

    /// Reconstructed neighbours Ra, Rb, Rc, Rd of the sample at `x` (from 1).
    fn neighbours(&self, x: usize) -> [i32; 4] {
        [self.current[x - 1], self.above[x], self.above[x - 1], self.above[x + 1]].map(i32::from)
    }
}

/// State of the entropy decoder between two restarts.
pub(super) struct ScanDecoder<'a> {
    parameters: Parameters,
    bits: BitReader<'a>,
    /// Quantised gradients by difference + MAXVAL.
    gradients: Vec<i8>,
    contexts: Vec<Context>,
    run_contexts: [RunContext; 2],
}

impl<'a> ScanDecoder<'a> {
    pub(super) fn new(parameters: Parameters, data: &'a [u8]) -> Self {
        let range = parameters.range;
        let most = parameters.max_value;
        Self {
            parameters,
            bits: BitReader::new(data),
            gradients: (-most..=most).map(|d| quantise(d, &parameters)).collect(),
            contexts: vec![Context::new(range); CONTEXTS],
            run_contexts: [RunContext::new(false, range), RunContext::new(true, range)],
        }
    }

    /// Goes on behind a restart marker with nothing learnt.
    pub(super) fn restart(&mut self, data: &'a [u8]) {
        let range = self.parameters.range;
        self.bits = BitReader::new(data);
        self.contexts.fill(Context::new(range));
        self.run_contexts = [RunContext::new(false, range), RunContext::new(true, range)];
    }

    pub(super) fn is_past_end(&self) -> bool {
        self.bits.is_past_end()
    }

    /// What follows the entropy-coded data.
    pub(super) fn after_marker(&mut self) -> &'a [u8] {
        core::mem::replace(&mut self.bits, BitReader::new(&[])).after_marker()
    }

    /// Decodes the next line of one component. `None` if a code makes no sense.
    pub(super) fn line(&mut self, lines: &mut Lines) -> Option<()> {
        lines.advance();
        let columns = lines.current.len() - 2;
        let mut x = 1;
        while x <= columns {
            let neighbours = lines.neighbours(x);
            let context = self.context(neighbours);
            if context != 0 {
                lines.current[x] = self.regular(context, neighbours)?;
                x += 1;
                continue;
            }
            let left = lines.current[x - 1];
            let length = self.run_length(&mut lines.run_index, columns + 1 - x)?;
            lines.current[x..x + length].fill(left);
            x += length;
            if x <= columns {
                let [_, above, ..] = lines.neighbours(x);
                let left = i32::from(left);
                let alike = (left - above).abs() <= self.parameters.near;
                lines.current[x] = self.interruption(left, above, alike, lines.run_index)?;
                lines.run_index = lines.run_index.saturating_sub(1);
                x += 1;
            }
        }
        Some(())
    }

    /// Decodes the next line of several components, interleaved by sample (T.87 annex B.3): a run
    /// needs all of them to be flat, and its interruption is coded for each.
    pub(super) fn sample_interleaved_line(&mut self, all: &mut [Lines]) -> Option<()> {
        all.iter_mut().for_each(Lines::advance);
        let columns = all.first()?.current.len() - 2;
        let mut x = 1;
        while x <= columns {
            if all.iter().any(|lines| self.context(lines.neighbours(x)) != 0) {
                for lines in all.iter_mut() {
                    let neighbours = lines.neighbours(x);
                    lines.current[x] = self.regular(self.context(neighbours), neighbours)?;
                }
                x += 1;
                continue;
            }
            // The run index of the first component serves all of them.
            let length = self.run_length(&mut all.first_mut()?.run_index, columns + 1 - x)?;
            for lines in all.iter_mut() {
                let left = lines.current[x - 1];
                lines.current[x..x + length].fill(left);
            }
            x += length;
            if x <= columns {
                let run_index = all.first()?.run_index;
                for lines in all.iter_mut() {
                    let [left, above, ..] = lines.neighbours(x);
                    lines.current[x] = self.interruption(left, above, false, run_index)?;
                }
                all.first_mut()?.run_index = run_index.saturating_sub(1);
                x += 1;
            }
        }
        Some(())
    }

    /// Signed context number from the gradients around a sample; 0: flat.
    fn context(&self, [ra, rb, rc, rd]: [i32; 4]) -> i32 {
        let zero = self.parameters.max_value;
        let gradient = |d: i32| i32::from(self.gradients[(d + zero) as usize]);
        (gradient(rd - rb) * 9 + gradient(rb - rc)) * 9 + gradient(rc - ra)
    }

    /// Regular mode (T.87 A.4 to A.6).
    fn regular(&mut self, context: i32, [ra, rb, rc, _]: [i32; 4]) -> Option<u16> {
        let Parameters { max_value, near, range, reset, limit, .. } = self.parameters;
        let learnt = *self.contexts.get(context.unsigned_abs() as usize)?;
        let sign = if context < 0 { -1 } else { 1 };
        let prediction = (predict(ra, rb, rc) + sign * learnt.correction).clamp(0, max_value);
        let k = learnt.golomb_parameter();
        let mapped = self.golomb(k, limit)?.cast_signed();
        let magnitude = mapped >> 1;
        let plain = if mapped & 1 == 0 { magnitude } else { -magnitude - 1 };
        let swapped = k == 0 && near == 0 && learnt.is_biased_down();
        // Swapped, odd is positive: 0 ↔ -1, 1 ↔ 0, 2 ↔ -2, 3 ↔ 1 …
        let error = if swapped { -plain - 1 } else { plain };
        if error.abs() > range {
            return None;
        }
        let learning = self.contexts.get_mut(context.unsigned_abs() as usize)?;
        learning.update(error, 2 * near + 1, reset);
        Some(self.reconstruct(prediction, sign * error))
    }

    /// Samples of a run that follow without interruption (T.87 A.7.1.2).
    fn run_length(&mut self, run_index: &mut usize, remaining: usize) -> Option<usize> {
        let mut length = 0;
        while self.bits.bit() {
            let full = 1 << RUN_BITS[*run_index];
            length += full;
            if length > remaining {
                return Some(remaining);
            }
            *run_index = (*run_index + 1).min(RUN_BITS.len() - 1);
            if length == remaining {
                return Some(remaining);
            }
        }
        length += self.bits.take(RUN_BITS[*run_index]) as usize;
        (length < remaining).then_some(length)
    }

    /// The sample that ends a run (T.87 A.7.2).
    fn interruption(&mut self, ra: i32, rb: i32, alike: bool, run_index: usize) -> Option<u16> {
        let Parameters { range, reset, limit, .. } = self.parameters;
        let context = self.run_contexts[usize::from(alike)];
        let k = context.golomb_parameter();
        let mapped = self.golomb(k, limit - RUN_BITS[run_index] - 1)?;
        let error = context.error(mapped, k);
        if error.abs() > range {
            return None;
        }
        self.run_contexts[usize::from(alike)].update(error, mapped, reset);
        let (prediction, sign) = match alike {
            true => (ra, 1),
            false => (rb, if rb < ra { -1 } else { 1 }),
        };
        Some(self.reconstruct(prediction, sign * error))
    }

    /// Limited-length Golomb code (T.87 A.5.3).
    fn golomb(&mut self, k: u32, limit: u32) -> Option<u32> {
        let error_bits = self.parameters.error_bits;
        let escape = limit.saturating_sub(error_bits + 1);
        let high = self.bits.zeros(escape)?;
        Some(if high < escape {
            (high << k) | self.bits.take(k)
        } else {
            self.bits.take(error_bits) + 1
        })
    }

    /// Adds an error modulo RANGE (T.87 A.4.5).
    fn reconstruct(&self, prediction: i32, error: i32) -> u16 {
        let Parameters { max_value, near, range, .. } = self.parameters;
        let scale = 2 * near + 1;
        let sample = prediction + error * scale;
        let wrapped = match sample {
            sample if sample < -near => sample + range * scale,
            sample if sample > max_value + near => sample - range * scale,
            sample => sample,
        };
        wrapped.clamp(0, max_value) as u16
    }
}

/// Median edge detector (T.87 A.4.1).
fn predict(ra: i32, rb: i32, rc: i32) -> i32 {
    let (low, high) = (ra.min(rb), ra.max(rb));
    if rc >= high {
        low
    } else if rc <= low {
        high
    } else {
        ra + rb - rc
    }
}

/// Region of a gradient, -4 to 4 (T.87 A.3.3).
fn quantise(difference: i32, parameters: &Parameters) -> i8 {
    let [t1, t2, t3] = parameters.thresholds;
    let region = match difference.abs() {
        d if d <= parameters.near => 0,
        d if d < t1 => 1,
        d if d < t2 => 2,
        d if d < t3 => 3,
        _ => 4,
    };
    if difference < 0 { -region } else { region }
}
