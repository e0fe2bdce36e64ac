//! Lines of components → lines of pixels.

/// Writes a line of each component of `components` (their positions in a pixel) to its place in a line
/// of pixels of `stride` samples.
// Inlined into a decoder, its loops are slower in WebAssembly: they get fewer registers.
#[inline(never)]
pub(super) fn interleave<T: Copy>(
    place: &mut [T],
    stride: usize,
    lines: &[&[T]],
    components: &[usize],
) {
    match (lines, components) {
        ([line], _) if stride == 1 => {
            place.iter_mut().zip(*line).for_each(|(place, &sample)| *place = sample);
        }
        ([first, second, third], [0, 1, 2]) if stride == 3 => {
            let pixels = place.as_chunks_mut::<3>().0.iter_mut().zip(*first);
            for ((pixel, &first), (&second, &third)) in pixels.zip(second.iter().zip(*third)) {
                *pixel = [first, second, third];
            }
        }
        _ => {
            for (line, &component) in lines.iter().zip(components) {
                let places = place.iter_mut().skip(component).step_by(stride);
                places.zip(*line).for_each(|(place, &sample)| *place = sample);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_component_finds_its_place() {
        let (r, g, b) = ([1, 4], [2, 5], [3, 6]);
        let mut place = [0; 6];
        interleave(&mut place, 3, &[&r, &g, &b], &[0, 1, 2]);
        assert_eq!(place, [1, 2, 3, 4, 5, 6]);
        interleave(&mut place, 3, &[&b, &r], &[0, 2]);
        assert_eq!(place, [3, 2, 1, 6, 5, 4]);
        interleave(&mut place[..2], 1, &[&g], &[0]);
        assert_eq!(place, [2, 5, 1, 6, 5, 4]);
    }
}
