//! Prediction from neighbours (T.81 H.1.2.1), all arithmetic modulo 2^16.

/// Turns the differences of one line into samples.
///
/// `above` is the line before it, `None` for the first line of the image or of a restart interval,
/// where the sample to the left predicts and `start` the first one.
pub(super) fn undo_line(line: &mut [u16], above: Option<&[u16]>, selection: u8, start: u16) {
    let Some(above) = above else {
        accumulate(line, start);
        return;
    };
    match selection {
        1 => accumulate(line, above.first().copied().unwrap_or(start)),
        2 => zip(line, above, |_, above, _| above),
        3 => zip(line, above, |_, _, corner| corner),
        4 => zip(line, above, |left, above, corner| left.wrapping_add(above).wrapping_sub(corner)),
        5 => zip(line, above, half_difference),
        6 => zip(line, above, |left, above, corner| half_difference(above, left, corner)),
        _ => zip(line, above, |left, above, _| ((u32::from(left) + u32::from(above)) >> 1) as u16),
    }
}

/// `base + ((a - c) >> 1)`, the shift arithmetic.
fn half_difference(base: u16, a: u16, c: u16) -> u16 {
    let half = (i32::from(a) - i32::from(c)) >> 1;
    base.wrapping_add(half as u16)
}

fn accumulate(line: &mut [u16], start: u16) {
    line.iter_mut().fold(start, |left, sample| {
        *sample = sample.wrapping_add(left);
        *sample
    });
}

/// The first sample is predicted by the one above it, the others by `predict(left, above, corner)`.
fn zip(line: &mut [u16], above: &[u16], predict: impl Fn(u16, u16, u16) -> u16) {
    let mut neighbours: Option<(u16, u16)> = None;
    for (sample, &above) in line.iter_mut().zip(above) {
        let prediction = neighbours.map_or(above, |(left, corner)| predict(left, above, corner));
        *sample = sample.wrapping_add(prediction);
        neighbours = Some((*sample, above));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_line_starts_at_half_range_and_goes_left() {
        let mut line = [1, 2, 0xFFFF];
        undo_line(&mut line, None, 5, 128);
        assert_eq!(line, [129, 131, 130]);
    }

    #[test]
    fn each_selection_value_takes_its_neighbours() {
        // Above: 10 7 20; differences 1 2 3, so the first sample is 11 for every selection.
        let expected: [[u16; 3]; 7] = [
            [11, 13, 16],
            [11, 9, 23],
            [11, 12, 10],
            // 11 + 7 - 10 + 2 = 10; 10 + 20 - 7 + 3 = 26
            [11, 10, 26],
            // 11 + ((7 - 10) >> 1) + 2 = 11; 11 + ((20 - 7) >> 1) + 3 = 20
            [11, 11, 20],
            // 7 + ((11 - 10) >> 1) + 2 = 9; 20 + ((9 - 7) >> 1) + 3 = 24
            [11, 9, 24],
            // (11 + 7) / 2 + 2 = 11; (11 + 20) / 2 + 3 = 18
            [11, 11, 18],
        ];
        for (selection, expected) in (1..).zip(expected) {
            let mut line = [1, 2, 3];
            undo_line(&mut line, Some(&[10, 7, 20]), selection, 128);
            assert_eq!(line, expected, "selection value {selection}");
        }
    }
}
