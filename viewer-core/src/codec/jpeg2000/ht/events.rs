//! The adaptive run-length decoder of an HT code-block (ISO/IEC 15444-15 7.3.3): which quads among
//! insignificant neighbours have a significant sample.

use super::plain::PlainBits;

/// Base-2 logarithm of the run that a `1` stands for, by state.
const RUN_BITS: [u32; 13] = [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 4, 5];

/// By state × 64 + next six bits, what is read next:
///
/// | bits | what |
/// |---|---|
/// | 0-2 | length of the code |
/// | 3 | the last event of the run is a 1 |
/// | 4-9 | events of the run |
/// | 10-13 | next state |
static RUNS: [u16; 1024] = {
    let mut table = [0; 1024];
    let mut index = 0;
    while index < RUN_BITS.len() << 6 {
        table[index] = run(index >> 6, index as u32 & 63);
        index += 1;
    }
    table
};

const fn run(state: usize, next: u32) -> u16 {
    let run_bits = RUN_BITS[state];
    let (length, events, ends_in_one, next_state) = if next & 1 != 0 {
        let following = if state + 1 < RUN_BITS.len() { state + 1 } else { state };
        (1, 1 << run_bits, 0, following)
    } else {
        // Bits of a number come highest first.
        let zeros = (next >> 1).reverse_bits() >> 1 >> (31 - run_bits);
        (1 + run_bits, zeros + 1, 1, state.saturating_sub(1))
    };
    (length | ends_in_one << 3 | events << 4 | (next_state as u32) << 10) as u16
}

/// Decodes events. Small and copied, so that it stays in registers.
#[derive(Clone, Copy, Default)]
pub(super) struct Events {
    /// Of the next bit.
    position: u32,
    state: u32,
    /// Twice the events that are left of a run, and 1 if the last one is a 1.
    run: u32,
}

impl Events {
    /// The next event.
    #[inline(always)]
    pub(super) fn next(&mut self, bits: &PlainBits) -> bool {
        if self.run < 2 {
            let next = bits.from(self.position) as u32 & 63;
            let entry = u32::from(RUNS[(self.state << 6 | next) as usize & 1023]);
            self.position += entry & 7;
            self.state = entry >> 10;
            self.run = entry >> 3 & 127;
        }
        self.run -= 2;
        self.run == 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_grow_with_success_and_shrink_with_events() {
        // 1 1 1 (runs of 1 zero), 1 (run of 2), 0 1 (in a state of one bit: a zero, then a one).
        let mut bits = PlainBits::new();
        bits.fill_events(&[0b1111_0100, 0, 0]);
        let mut events = Events::default();
        let found: Vec<bool> = (0..7).map(|_| events.next(&bits)).collect();
        assert_eq!(found, [false, false, false, false, false, false, true]);
    }

    /// Bit by bit, as the standard describes it.
    #[test]
    fn long_runs_are_those_of_the_standard() {
        let data: Vec<u8> =
            (0..300u32).map(|n| ((n * n * 73) >> 3) as u8 | (n % 3 * 0x70) as u8).collect();
        let mut plain = PlainBits::new();
        plain.fill_events(&data);
        let (mut position, mut state) = (0, 0);
        let mut bit = || {
            position += 1;
            plain.from(position - 1) & 1
        };
        let mut expected = Vec::new();
        while expected.len() < 1000 {
            let run_bits = RUN_BITS[state];
            if bit() == 1 {
                expected.extend(vec![false; 1 << run_bits]);
                state = (state + 1).min(12);
            } else {
                let zeros = (0..run_bits).fold(0, |zeros, _| zeros << 1 | bit());
                expected.extend(vec![false; zeros as usize]);
                expected.push(true);
                state = state.saturating_sub(1);
            }
        }
        let mut events = Events::default();
        for (number, &event) in expected.iter().enumerate() {
            assert_eq!(events.next(&plain), event, "event {number}");
        }
    }
}
