//! Lossless encoding, for the way from the server to the page.

use super::bit_writer::BitWriter;
use super::lines::Lines;
use super::parameters::{Parameters, Preset};
use super::scan::{Around, Gradients, Model, RUN_BITS};

/// Encodes samples without loss (T.87 with NEAR 0 and default parameters), each component in a scan of its own.
///
/// `samples` are `rows` × `columns` × `components`, interleaved by pixel, below 2^`bits`. `None` where they
/// are not, where JPEG-LS has no such depth (2 to 16 bits) or size (1 to 65535), or for other than 1 or 3 components.
#[must_use]
pub fn encode_jpeg_ls(
    samples: &[u16],
    [columns, rows]: [u16; 2],
    components: u8,
    bits: u8,
) -> Option<Vec<u8>> {
    let (width, stride) = (usize::from(columns), usize::from(components));
    let is_whole = samples.len() == width * usize::from(rows) * stride && !samples.is_empty();
    let is_deep_enough = || samples.iter().all(|&sample| u32::from(sample) >> bits == 0);
    if !is_whole || !matches!(components, 1 | 3) || !(2..=16).contains(&bits) || !is_deep_enough() {
        return None;
    }
    let parameters = Parameters::new(bits.into(), 0, Preset::default())?;
    let mut encoded = frame_header([columns, rows], components, bits);
    for component in 0..stride {
        encoded.extend(scan_header(component as u8 + 1));
        let mut scan = ScanEncoder::new(parameters, samples.len() / stride);
        let mut lines = Lines::new(width);
        for row in samples.chunks_exact(width * stride) {
            scan.line(&mut lines, row.iter().skip(component).step_by(stride).copied());
        }
        encoded.extend(scan.bits.finish());
    }
    encoded.extend([0xFF, 0xD9]);
    Some(encoded)
}

/// SOI and SOF55 (T.87 C.2.2).
fn frame_header([columns, rows]: [u16; 2], components: u8, bits: u8) -> Vec<u8> {
    let mut header = vec![0xFF, 0xD8, 0xFF, 0xF7, 0, 8 + 3 * components, bits];
    header.extend(rows.to_be_bytes());
    header.extend(columns.to_be_bytes());
    header.push(components);
    header.extend((1..=components).flat_map(|identifier| [identifier, 0x11, 0]));
    header
}

/// SOS (T.87 C.2.3) of one component, lossless.
fn scan_header(identifier: u8) -> [u8; 10] {
    [0xFF, 0xDA, 0, 8, 1, identifier, 0, 0, 0, 0]
}

/// Encoder of one scan: what [`ScanDecoder`](super::scan::ScanDecoder) does, the other way round.
struct ScanEncoder {
    parameters: Parameters,
    gradients: Gradients,
    model: Model,
    bits: BitWriter,
}

impl ScanEncoder {
    fn new(parameters: Parameters, samples: usize) -> Self {
        Self {
            gradients: Gradients::new(&parameters),
            model: Model::new(parameters.range),
            bits: BitWriter::with_capacity(samples),
            parameters,
        }
    }

    fn line(&mut self, lines: &mut Lines, samples: impl Iterator<Item = u16>) {
        let ([above, current], run_index) = lines.next();
        let end = current.len() - 1;
        for (place, sample) in current[1..end].iter_mut().zip(samples) {
            *place = sample;
        }
        let mut x = 1;
        while x < end {
            let mut around = Around::new(above, current, x, &self.gradients);
            while x < end {
                let context = around.context(above[x + 1], &self.gradients);
                if context == 0 {
                    break;
                }
                self.regular(context, around.predict(), current[x].into());
                around.advance(current[x].into());
                x += 1;
            }
            if x == end {
                break;
            }
            let left = current[x - 1];
            let length = current[x..end].iter().take_while(|&&sample| sample == left).count();
            x += length;
            self.run(run_index, length, x == end);
            if x < end {
                self.interruption([left, above[x]].map(i32::from), current[x].into(), *run_index);
                *run_index = run_index.saturating_sub(1);
                x += 1;
            }
        }
    }

    /// Regular mode (T.87 A.4 to A.6).
    #[inline(always)]
    fn regular(&mut self, context: i32, prediction: i32, sample: i32) {
        let Parameters { max_value, reset, escape, error_bits, .. } = self.parameters;
        let Some(learnt) = self.model.contexts.get_mut(context.unsigned_abs() as usize) else {
            return;
        };
        let mirror = context >> 31;
        let negate = |value: i32| (value ^ mirror) - mirror;
        let prediction = (prediction + negate(learnt.correction())).clamp(0, max_value);
        let error = self.parameters.wrapped(negate(sample - prediction));
        let mapped = learnt.mapped(error);
        self.bits.golomb(mapped, learnt.golomb_parameter(), escape, error_bits);
        learnt.update(error, 1, reset);
    }

    /// A run of samples like the one before (T.87 A.7.1.2).
    fn run(&mut self, run_index: &mut usize, mut length: usize, ends_line: bool) {
        while length >= 1 << RUN_BITS[*run_index] {
            self.bits.put(1, 1);
            length -= 1 << RUN_BITS[*run_index];
            *run_index = (*run_index + 1).min(RUN_BITS.len() - 1);
        }
        if !ends_line {
            self.bits.put(length as u32, 1 + RUN_BITS[*run_index]);
        } else if length > 0 {
            self.bits.put(1, 1);
        }
    }

    /// The sample that ends a run (T.87 A.7.2).
    fn interruption(&mut self, [left, above]: [i32; 2], sample: i32, run_index: usize) {
        let Parameters { reset, escape, error_bits, .. } = self.parameters;
        let alike = left == above;
        let context = &mut self.model.run_contexts[usize::from(alike)];
        let sign = if !alike && above < left { -1 } else { 1 };
        let error = self.parameters.wrapped(sign * (sample - above));
        let k = context.golomb_parameter();
        let mapped = context.mapped(error, k);
        self.bits.golomb(mapped, k, escape - (RUN_BITS[run_index] + 1), error_bits);
        context.update(error, mapped, reset);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::super::{FrameDecoder as _, FrameSpec};
    use super::super::JpegLs;
    use super::*;
    use crate::pixel::color::Photometric;
    use crate::pixel::samples::{Container, SampleLayout, StoredSamples};

    fn decoded(encoded: &[u8], [columns, rows]: [u16; 2], components: u8, bits: u8) -> Vec<u16> {
        let layout = SampleLayout {
            rows: rows.into(),
            columns: columns.into(),
            samples_per_pixel: components.into(),
            container: Container::Word,
            bits_stored: bits.into(),
            low_bit: 0,
            signed: false,
            planar: false,
        };
        let photometric = if components == 3 { Photometric::Rgb } else { Photometric::Monochrome };
        let spec = FrameSpec { layout, photometric };
        match JpegLs.decode(encoded, &spec).unwrap().samples {
            StoredSamples::U16(samples) => samples,
            other => panic!("{other:?}"),
        }
    }

    fn comes_back(samples: &[u16], size: [u16; 2], components: u8, bits: u8) {
        let encoded = encode_jpeg_ls(samples, size, components, bits).expect("samples that fit");
        assert_eq!(decoded(&encoded, size, components, bits), samples);
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        assert_eq!(encode_jpeg_ls(&[0; 4], [2, 2], 2, 8), None);
        assert_eq!(encode_jpeg_ls(&[0; 3], [2, 2], 1, 8), None);
        assert_eq!(encode_jpeg_ls(&[], [0, 2], 1, 8), None);
        assert_eq!(encode_jpeg_ls(&[256; 4], [2, 2], 1, 8), None);
        assert_eq!(encode_jpeg_ls(&[0; 4], [2, 2], 1, 17), None);
        assert_eq!(encode_jpeg_ls(&[0; 4], [2, 2], 1, 1), None);
        assert!(encode_jpeg_ls(&[255; 4], [2, 2], 1, 8).is_some());
    }

    #[test]
    fn flat_images_are_runs() {
        let encoded = encode_jpeg_ls(&[7; 512 * 512], [512, 512], 1, 16).unwrap();
        assert!(encoded.len() < 512, "{}", encoded.len());
        comes_back(&[7; 512 * 512], [512, 512], 1, 16);
    }

    /// Few values make runs and interruptions, many make every length of code and the escape.
    fn images() -> impl Strategy<Value = (Vec<u16>, [u16; 2], u8, u8)> {
        let shape = (1_u16..40, 1_u16..20, prop_oneof![Just(1_u8), Just(3)], 2_u8..=16, 1_u16..=16);
        shape.prop_flat_map(|(columns, rows, components, bits, values)| {
            let count = usize::from(columns) * usize::from(rows) * usize::from(components);
            let largest = ((1_u32 << bits.min(values as u8)) - 1) as u16;
            let spread = (1_u32 << bits) as u16 >> 1;
            let sample = (0..=largest, any::<bool>())
                .prop_map(move |(value, high)| if high { value } else { value ^ spread });
            let samples = proptest::collection::vec(sample, count);
            (samples, Just([columns, rows]), Just(components), Just(bits))
        })
    }

    proptest! {
        #[test]
        fn every_image_comes_back((samples, size, components, bits) in images()) {
            comes_back(&samples, size, components, bits);
        }
    }
}
