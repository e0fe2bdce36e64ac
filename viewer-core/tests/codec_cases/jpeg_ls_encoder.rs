//! A plain JPEG-LS encoder after ITU-T T.87, for tests of what files at hand do not have: every
//! depth, NEAR, interleave mode, preset parameters and restart intervals.

/// What to write.
#[derive(Clone, Debug)]
pub(super) struct Options {
    pub(super) columns: usize,
    pub(super) rows: usize,
    pub(super) components: usize,
    pub(super) precision: u32,
    pub(super) near: i32,
    /// ILV: 0 none, 1 line, 2 sample.
    pub(super) interleave: u8,
    /// MAXVAL, T1, T2, T3, RESET; 0 for the default of each.
    pub(super) preset: [u16; 5],
    /// Lines between restart markers; 0 for none.
    pub(super) restart_lines: usize,
}

/// Encodes samples interleaved by pixel; also gives what a decoder must reconstruct.
pub(super) fn encode(options: &Options, samples: &[u16]) -> (Vec<u8>, Vec<u16>) {
    let o = options;
    let mut out = vec![0xFF, 0xD8, 0xFF, 0xF7, 0, 8 + 3 * o.components as u8, o.precision as u8];
    out.extend((o.rows as u16).to_be_bytes());
    out.extend((o.columns as u16).to_be_bytes());
    out.push(o.components as u8);
    out.extend((1..=o.components as u8).flat_map(|id| [id, 0x11, 0]));
    if o.preset != [0; 5] {
        out.extend([0xFF, 0xF8, 0, 13, 1]);
        out.extend(o.preset.iter().flat_map(|v| v.to_be_bytes()));
    }
    if o.restart_lines > 0 {
        out.extend([0xFF, 0xDD, 0, 4]);
        out.extend((o.restart_lines as u16).to_be_bytes());
    }
    let mut decoded = samples.to_vec();
    let scans: Vec<Vec<usize>> = match o.interleave {
        0 => (0..o.components).map(|c| vec![c]).collect(),
        _ => vec![(0..o.components).collect()],
    };
    for scan in scans {
        out.extend([0xFF, 0xDA, 0, 6 + 2 * scan.len() as u8, scan.len() as u8]);
        out.extend(scan.iter().flat_map(|&c| [c as u8 + 1, 0]));
        out.extend([o.near as u8, o.interleave, 0]);
        encode_scan(o, &scan, &mut decoded, &mut out);
    }
    out.extend([0xFF, 0xD9]);
    (out, decoded)
}

fn encode_scan(o: &Options, scan: &[usize], samples: &mut [u16], out: &mut Vec<u8>) {
    let interval = if o.restart_lines == 0 { o.rows } else { o.restart_lines };
    for first in (0..o.rows).step_by(interval) {
        if first > 0 {
            out.extend([0xFF, 0xD0 + ((first / interval - 1) % 8) as u8]);
        }
        let mut coder = Coder::new(o);
        let last = (first + interval).min(o.rows);
        let mut planes: Vec<Plane> = scan.iter().map(|_| Plane::new(o.columns)).collect();
        for row in first..last {
            for (plane, &c) in planes.iter_mut().zip(scan) {
                let line = &samples[row * o.columns * o.components..][..o.columns * o.components];
                plane.next(line.iter().skip(c).step_by(o.components).map(|&v| i32::from(v)));
            }
            if o.interleave == 2 {
                coder.line(&mut planes);
            } else {
                planes.iter_mut().for_each(|plane| coder.line(std::slice::from_mut(plane)));
            }
            for (plane, &c) in planes.iter().zip(scan) {
                for x in 0..o.columns {
                    samples[(row * o.columns + x) * o.components + c] = plane.line[x + 1] as u16;
                }
            }
        }
        out.extend(coder.finish());
    }
}

/// A line to encode, turned into what a decoder reconstructs, and the one above.
struct Plane {
    above: Vec<i32>,
    line: Vec<i32>,
    run_index: usize,
}

impl Plane {
    fn new(columns: usize) -> Self {
        Self { above: vec![0; columns + 2], line: vec![0; columns + 2], run_index: 0 }
    }

    fn next(&mut self, samples: impl Iterator<Item = i32>) {
        std::mem::swap(&mut self.above, &mut self.line);
        let columns = self.line.len() - 2;
        self.above[columns + 1] = self.above[columns];
        self.line[0] = self.above[1];
        self.line[1..].iter_mut().zip(samples).for_each(|(slot, sample)| *slot = sample);
    }

    fn around(&self, x: usize) -> (i32, i32, i32, i32) {
        (self.line[x - 1], self.above[x], self.above[x - 1], self.above[x + 1])
    }
}

struct Coder {
    near: i32,
    max: i32,
    thresholds: [i32; 3],
    reset: i32,
    range: i32,
    qbpp: u32,
    limit: u32,
    /// A, B, C, N of regular contexts.
    regular: Vec<[i32; 4]>,
    /// A, N, Nn of the two run interruption contexts.
    runs: [[i32; 3]; 2],
    bits: Vec<bool>,
}

const J: [u32; 32] = [
    0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 9, 10, 11, 12, 13,
    14, 15,
];

fn log2_up(value: i32) -> u32 {
    (0..).find(|&bits| 1i64 << bits >= i64::from(value)).expect("a number of bits")
}

impl Coder {
    fn new(o: &Options) -> Self {
        let pick = |preset: u16, default: i32| if preset == 0 { default } else { preset.into() };
        let max = pick(o.preset[0], (1 << o.precision) - 1);
        let defaults = default_thresholds(max, o.near);
        let range = (max + 2 * o.near) / (2 * o.near + 1) + 1;
        let bpp = log2_up(max + 1).max(2);
        let start = ((range + 32) / 64).max(2);
        Self {
            near: o.near,
            max,
            thresholds: [0, 1, 2].map(|i| pick(o.preset[i + 1], defaults[i])),
            reset: pick(o.preset[4], 64),
            range,
            qbpp: log2_up(range),
            limit: 2 * (bpp + bpp.max(8)),
            regular: vec![[start, 0, 0, 1]; 365],
            runs: [[start, 1, 0]; 2],
            bits: Vec::new(),
        }
    }

    fn put(&mut self, value: u32, length: u32) {
        self.bits.extend((0..length).rev().map(|bit| u64::from(value) >> bit & 1 == 1));
    }

    /// Bytes with a zero bit stuffed after each `FF`.
    fn finish(self) -> Vec<u8> {
        let mut bytes: Vec<u8> = Vec::new();
        let mut rest = &self.bits[..];
        while !rest.is_empty() {
            let width = if bytes.last() == Some(&0xFF) { 7 } else { 8 };
            let taken = width.min(rest.len());
            let byte = rest[..taken].iter().fold(0u8, |byte, &bit| byte << 1 | u8::from(bit));
            bytes.push(byte << (width - taken));
            rest = &rest[taken..];
        }
        if bytes.last() == Some(&0xFF) {
            bytes.push(0);
        }
        bytes
    }

    fn line(&mut self, planes: &mut [Plane]) {
        let columns = planes[0].line.len() - 2;
        let mut x = 1;
        while x <= columns {
            let flat = planes.iter().all(|plane| {
                let (a, b, c, d) = plane.around(x);
                [d - b, b - c, c - a].iter().all(|g| g.abs() <= self.near)
            });
            if flat {
                x = self.run(planes, x, columns);
            } else {
                for plane in planes.iter_mut() {
                    plane.line[x] = self.sample(plane.around(x), plane.line[x]);
                }
                x += 1;
            }
        }
    }

    fn gradient(&self, d: i32) -> i32 {
        let [t1, t2, t3] = self.thresholds;
        let size = [self.near + 1, t1, t2, t3].iter().filter(|&&t| d.abs() >= t).count() as i32;
        size * d.signum()
    }

    fn sample(&mut self, (a, b, c, d): (i32, i32, i32, i32), value: i32) -> i32 {
        let q = [d - b, b - c, c - a].map(|g| self.gradient(g));
        let sign = q.iter().find(|&&g| g != 0).map_or(1, |g| g.signum());
        let index = sign * (81 * q[0] + 9 * q[1] + q[2]);
        let [mut sa, mut sb, mut sc, mut sn] = self.regular[index as usize];
        let med = if c >= a.max(b) {
            a.min(b)
        } else if c <= a.min(b) {
            a.max(b)
        } else {
            a + b - c
        };
        let prediction = (med + sign * sc).clamp(0, self.max);
        let error = self.quantise(sign * (value - prediction));
        let decoded = self.reconstruct(prediction, sign * error);
        let error = self.reduce(error);
        let k = (0..).find(|&k| i64::from(sn) << k >= i64::from(sa)).expect("k");
        let mapped = match error {
            e if k == 0 && self.near == 0 && 2 * sb <= -sn => {
                if e >= 0 {
                    2 * e + 1
                } else {
                    -2 * (e + 1)
                }
            }
            e if e >= 0 => 2 * e,
            e => -2 * e - 1,
        };
        self.golomb(mapped as u32, k, self.limit);
        sb += error * (2 * self.near + 1);
        sa += error.abs();
        if sn == self.reset {
            sa >>= 1;
            sb = if sb >= 0 { sb >> 1 } else { -((1 - sb) >> 1) };
            sn >>= 1;
        }
        sn += 1;
        if sb <= -sn {
            sb += sn;
            sc = (sc - 1).max(-128);
            sb = sb.max(-sn + 1);
        } else if sb > 0 {
            sb -= sn;
            sc = (sc + 1).min(127);
            sb = sb.min(0);
        }
        self.regular[index as usize] = [sa, sb, sc, sn];
        decoded
    }

    fn quantise(&self, error: i32) -> i32 {
        let step = 2 * self.near + 1;
        if error > 0 { (error + self.near) / step } else { -(self.near - error) / step }
    }

    fn reduce(&self, error: i32) -> i32 {
        let error = if error < 0 { error + self.range } else { error };
        if error >= (self.range + 1) / 2 { error - self.range } else { error }
    }

    fn reconstruct(&self, prediction: i32, error: i32) -> i32 {
        (prediction + error * (2 * self.near + 1)).clamp(0, self.max)
    }

    fn golomb(&mut self, mapped: u32, k: u32, limit: u32) {
        let escape = limit - self.qbpp - 1;
        if mapped >> k < escape {
            self.put(0, mapped >> k);
            self.put(1, 1);
            self.put(mapped & ((1 << k) - 1), k);
        } else {
            self.put(0, escape);
            self.put(1, 1);
            self.put(mapped - 1, self.qbpp);
        }
    }

    fn run(&mut self, planes: &mut [Plane], start: usize, columns: usize) -> usize {
        let goes_on = |plane: &Plane, x: usize, near: i32| {
            (plane.line[x] - plane.line[start - 1]).abs() <= near
        };
        let is_run = |x: &usize| planes.iter().all(|plane| goes_on(plane, *x, self.near));
        let end = (start..=columns).find(|x| !is_run(x)).unwrap_or(columns + 1);
        for plane in planes.iter_mut() {
            let left = plane.line[start - 1];
            plane.line[start..end].fill(left);
        }
        let mut count = end - start;
        while count >= 1 << J[planes[0].run_index] {
            self.put(1, 1);
            count -= 1 << J[planes[0].run_index];
            planes[0].run_index = (planes[0].run_index + 1).min(31);
        }
        if end > columns {
            if count > 0 {
                self.put(1, 1);
            }
            return end;
        }
        let exponent = J[planes[0].run_index];
        self.put(0, 1);
        self.put(count as u32, exponent);
        let several = planes.len() > 1;
        for plane in planes.iter_mut() {
            let (a, b, ..) = plane.around(end);
            plane.line[end] = self.interruption(a, b, plane.line[end], several, exponent);
        }
        planes[0].run_index = planes[0].run_index.saturating_sub(1);
        end + 1
    }

    fn interruption(&mut self, a: i32, b: i32, value: i32, several: bool, exponent: u32) -> i32 {
        let kind = usize::from(!several && (a - b).abs() <= self.near);
        let (prediction, sign) = match kind {
            1 => (a, 1),
            _ => (b, if a > b { -1 } else { 1 }),
        };
        let error = self.quantise(sign * (value - prediction));
        let decoded = self.reconstruct(prediction, sign * error);
        let error = self.reduce(error);
        let [sa, sn, nn] = self.runs[kind];
        let temp = if kind == 1 { sa + (sn >> 1) } else { sa };
        let k = (0..).find(|&k| i64::from(sn) << k >= i64::from(temp)).expect("k");
        let map = (k == 0 && error > 0 && 2 * nn < sn)
            || (error < 0 && 2 * nn >= sn)
            || (error < 0 && k != 0);
        let mapped = 2 * error.abs() - kind as i32 - i32::from(map);
        self.golomb(mapped as u32, k, self.limit - exponent - 1);
        let mut state = [sa + ((mapped + 1 - kind as i32) >> 1), sn, nn + i32::from(error < 0)];
        if sn == self.reset {
            state = state.map(|v| v >> 1);
        }
        state[1] += 1;
        self.runs[kind] = state;
        decoded
    }
}

fn default_thresholds(max: i32, near: i32) -> [i32; 3] {
    let clamp = |v: i32, low: i32| if v > max || v < low { low } else { v };
    let raw = if max >= 128 {
        let f = (max.min(4095) + 128) / 256;
        [f + 2 + 3 * near, f * 4 + 3 + 5 * near, f * 17 + 4 + 7 * near]
    } else {
        let f = 256 / (max + 1);
        [2.max(3 / f + 3 * near), 3.max(7 / f + 5 * near), 4.max(21 / f + 7 * near)]
    };
    let t1 = clamp(raw[0], near + 1);
    let t2 = clamp(raw[1], t1);
    [t1, t2, clamp(raw[2], t2)]
}
