//! One scan: lines of samples from entropy-coded data (T.87 annexes A and B).

use core::hint::cold_path;

use super::super::bits::BitReader;
use super::context::{Context, RunContext};
use super::lines::Lines;
use super::parameters::Parameters;

/// Exponents of run lengths (T.87 A.7.1.1).
pub(super) const RUN_BITS: [u32; 32] = [
    0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 9, 10, 11, 12, 13,
    14, 15,
];
/// Combinations of three quantised gradients, sign folded.
const CONTEXTS: usize = 365;

/// Decoder of one scan.
pub(super) struct ScanDecoder<'a> {
    parameters: Parameters,
    gradients: Gradients,
    /// What is learnt between two restarts.
    model: Model,
    bits: BitReader<'a>,
}

/// What is learnt of the image.
pub(super) struct Model {
    /// Of regular mode, by the magnitude of their number.
    pub(super) contexts: [Context; CONTEXTS],
    /// Of run interruptions: neighbours that differ, neighbours that are alike.
    pub(super) run_contexts: [RunContext; 2],
}

impl<'a> ScanDecoder<'a> {
    /// Needs a [`Self::restart`] before the first line.
    pub(super) fn new(parameters: Parameters) -> Self {
        Self {
            parameters,
            gradients: Gradients::new(&parameters),
            model: Model::new(parameters.range),
            bits: BitReader::new(&[], 0),
        }
    }

    /// Goes on with the bits of the next restart interval and nothing learnt.
    pub(super) fn restart(&mut self, bits: BitReader<'a>) {
        self.bits = bits;
        self.model = Model::new(self.parameters.range);
    }

    pub(super) fn is_past_end(&self) -> bool {
        self.bits.is_past_end()
    }

    /// Decodes the next line of one component. `None` if a code makes no sense.
    pub(super) fn line(&mut self, lines: &mut Lines) -> Option<()> {
        let Self { parameters, gradients, model, bits } = self;
        let decode = if parameters.is_modulo { line::<true> } else { line::<false> };
        decode(bits, parameters, gradients, model, lines)
    }

    /// Decodes the next line of three components, interleaved by sample. `None` if a code makes no
    /// sense.
    pub(super) fn sample_interleaved_line(&mut self, all: &mut [Lines; 3]) -> Option<()> {
        let Self { parameters, gradients, model, bits } = self;
        let decode = if parameters.is_modulo { interleaved::<true> } else { interleaved::<false> };
        decode(bits, parameters, gradients, model, all)
    }
}

/// One line of one component; `MODULO` is [`Parameters::is_modulo`], known to the compiler.
fn line<const MODULO: bool>(
    reader: &mut BitReader<'_>,
    parameters: &Parameters,
    gradients: &Gradients,
    model: &mut Model,
    lines: &mut Lines,
) -> Option<()> {
    let mut bits = *reader;
    let ([above, current], run_index) = lines.next();
    let end = current.len() - 1;
    // As long as each other, which spares a look at lengths.
    let (next, current) = (&above[1..][..end], &mut current[..end]);
    let mut x = 1;
    while x < end {
        let mut around = Around::new(above, current, x, gradients);
        while x < end {
            let context = around.context(next[x], gradients);
            if context == 0 {
                break;
            }
            let prediction = around.predict();
            let sample = model.regular::<MODULO>(&mut bits, parameters, context, prediction)?;
            current[x] = sample as u16;
            around.advance(sample);
            x += 1;
        }
        if x == end {
            break;
        }
        let length;
        (length, bits) = run_length(bits, run_index, end - x)?;
        let left = current[x - 1];
        current[x..x + length].fill(left);
        x += length;
        if x < end {
            let neighbours = [left, above[x]].map(i32::from);
            let alike = (neighbours[0] - neighbours[1]).abs() <= parameters.near;
            let context = &mut model.run_contexts[usize::from(alike)];
            (current[x], bits) = interruption(bits, parameters, context, neighbours, *run_index)?;
            *run_index = run_index.saturating_sub(1);
            x += 1;
        }
    }
    *reader = bits;
    Some(())
}

/// One line of three components (T.87 annex B.3): a run needs all of them to be flat, and its
/// interruption is coded for each.
fn interleaved<const MODULO: bool>(
    reader: &mut BitReader<'_>,
    parameters: &Parameters,
    gradients: &Gradients,
    model: &mut Model,
    all: &mut [Lines; 3],
) -> Option<()> {
    let mut bits = *reader;
    // The run index of the first component serves all of them.
    let [first, second, third] = all;
    let (first, run_index) = first.next();
    let mut all = [first, second.next().0, third.next().0];
    let end = all[0][0].len() - 1;
    let mut x = 1;
    while x < end {
        let mut around =
            all.each_ref().map(|[above, current]| Around::new(above, current, x, gradients));
        while x < end {
            let next = all.each_ref().map(|[above, _]| above[x + 1]);
            let contexts: [i32; 3] =
                core::array::from_fn(|i| around[i].context(next[i], gradients));
            if contexts == [0; 3] {
                break;
            }
            for ((context, around), [_, current]) in contexts.iter().zip(&mut around).zip(&mut all)
            {
                let prediction = around.predict();
                let sample =
                    model.regular::<MODULO>(&mut bits, parameters, *context, prediction)?;
                current[x] = sample as u16;
                around.advance(sample);
            }
            x += 1;
        }
        if x == end {
            break;
        }
        let length;
        (length, bits) = run_length(bits, run_index, end - x)?;
        for [_, current] in &mut all {
            let left = current[x - 1];
            current[x..x + length].fill(left);
        }
        x += length;
        if x < end {
            let context = &mut model.run_contexts[0];
            for [above, current] in &mut all {
                let neighbours = [current[x - 1], above[x]].map(i32::from);
                (current[x], bits) =
                    interruption(bits, parameters, context, neighbours, *run_index)?;
            }
            *run_index = run_index.saturating_sub(1);
            x += 1;
        }
    }
    *reader = bits;
    Some(())
}

/// Samples of a run that follow without interruption (T.87 A.7.1.2).
#[inline(never)]
fn run_length<'a>(
    mut bits: BitReader<'a>,
    run_index: &mut usize,
    remaining: usize,
) -> Option<(usize, BitReader<'a>)> {
    let mut length = 0;
    while bits.take(1) == 1 {
        length += 1 << RUN_BITS[*run_index];
        if length > remaining {
            return Some((remaining, bits));
        }
        *run_index = (*run_index + 1).min(RUN_BITS.len() - 1);
        if length == remaining {
            return Some((remaining, bits));
        }
    }
    length += bits.take(RUN_BITS[*run_index]) as usize;
    (length < remaining).then_some((length, bits))
}

/// The sample that ends a run, from those to its left and above (T.87 A.7.2).
#[inline(never)]
fn interruption<'a>(
    mut bits: BitReader<'a>,
    parameters: &Parameters,
    context: &mut RunContext,
    [left, above]: [i32; 2],
    run_index: usize,
) -> Option<(u16, BitReader<'a>)> {
    let &Parameters { range, reset, escape, error_bits, .. } = parameters;
    let k = context.golomb_parameter();
    let escape = escape.saturating_sub(RUN_BITS[run_index] + 1);
    let mapped = bits.golomb(k, escape, error_bits)?;
    let error = context.error(mapped, k);
    if error.abs() > range {
        return None;
    }
    context.update(error, mapped, reset);
    let (prediction, sign) = match context.alike {
        true => (left, 1),
        false => (above, if above < left { -1 } else { 1 }),
    };
    Some((parameters.reconstruct(prediction, sign * error) as u16, bits))
}

/// Regions of differences between neighbours, -4 to 4 (T.87 A.3.3), by the low 17 bits of a difference.
pub(super) struct Gradients(Box<[i8; 1 << 17]>);

impl Gradients {
    pub(super) fn new(parameters: &Parameters) -> Self {
        let Parameters { max_value, near, thresholds: [t1, t2, t3], .. } = *parameters;
        let mut regions = Box::new([0; 1 << 17]);
        // Each region from its smallest difference on, the next one over the rest.
        for (smallest, region) in [(near + 1, 1), (t1, 2), (t2, 3), (t3, 4)] {
            let (smallest, largest) = (smallest as usize, max_value as usize);
            regions[smallest..=largest].fill(region);
            let negative = regions.len() - largest..=regions.len() - smallest;
            regions[negative].fill(-region);
        }
        Self(regions)
    }

    #[inline(always)]
    fn of(&self, difference: i32) -> i32 {
        i32::from(self.0[difference as usize & 0x1_FFFF])
    }
}

/// Reconstructed neighbours of the sample that comes next (T.87 A.2.1).
#[derive(Clone, Copy)]
pub(super) struct Around {
    /// Ra.
    left: i32,
    /// Rb.
    above: i32,
    /// Rc.
    corner: i32,
    /// Rd.
    next: i32,
    /// Gradients of the line above: Rb - Rc and Rd - Rb, which is the former of the next sample.
    slopes: [i32; 2],
}

impl Around {
    /// Of the sample at `x` of the line, from 1; Rd is given to [`Self::context`].
    #[inline(always)]
    pub(super) fn new(above: &[u16], current: &[u16], x: usize, gradients: &Gradients) -> Self {
        let [left, above, corner] = [current[x - 1], above[x], above[x - 1]].map(i32::from);
        let slope = gradients.of(above - corner);
        Self { left, above, corner, next: above, slopes: [slope; 2] }
    }

    /// Signed number of the context, 0 where it is flat.
    #[inline(always)]
    pub(super) fn context(&mut self, next: u16, gradients: &Gradients) -> i32 {
        self.next = i32::from(next);
        self.slopes[1] = gradients.of(self.next - self.above);
        (self.slopes[1] * 9 + self.slopes[0]) * 9 + gradients.of(self.corner - self.left)
    }

    /// Median edge detector (T.87 A.4.1).
    #[inline(always)]
    pub(super) fn predict(&self) -> i32 {
        let (low, high) = (self.left.min(self.above), self.left.max(self.above));
        (self.left + self.above - self.corner).max(low).min(high)
    }

    /// Goes on to the next sample.
    #[inline(always)]
    pub(super) fn advance(&mut self, decoded: i32) {
        self.left = decoded;
        (self.corner, self.above, self.slopes[0]) = (self.above, self.next, self.slopes[1]);
    }
}

impl Model {
    /// One that has learnt nothing.
    pub(super) fn new(range: i32) -> Self {
        Self {
            contexts: [Context::new(range); CONTEXTS],
            run_contexts: [RunContext::new(false, range), RunContext::new(true, range)],
        }
    }

    /// Regular mode (T.87 A.4 to A.6).
    #[inline(always)]
    fn regular<const MODULO: bool>(
        &mut self,
        bits: &mut BitReader<'_>,
        parameters: &Parameters,
        context: i32,
        prediction: i32,
    ) -> Option<i32> {
        let &Parameters { max_value, near, reset, escape, error_bits, largest_mapped, .. } =
            parameters;
        let learnt = self.contexts.get_mut(context.unsigned_abs() as usize)?;
        // All ones for a context that is the mirror of another.
        let mirror = context >> 31;
        let negate = |value: i32| (value ^ mirror) - mirror;
        let mut prediction = prediction + negate(learnt.correction());
        if !(0..=max_value).contains(&prediction) {
            cold_path();
            prediction = if prediction < 0 { 0 } else { max_value };
        }
        let mapped = bits.golomb(learnt.golomb_parameter(), escape, error_bits)?;
        if mapped > largest_mapped {
            return None;
        }
        let error = learnt.error(mapped, if MODULO { 0 } else { near });
        if MODULO {
            learnt.update(error, 1, reset);
            // A negative value loses its high bits as well.
            return Some((prediction + negate(error)) & max_value);
        }
        learnt.update(error, 2 * near + 1, reset);
        Some(parameters.reconstruct(prediction, negate(error)))
    }
}
