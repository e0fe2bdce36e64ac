//! Component planes → one image, interleaved by pixel.

use super::super::interleave::interleave;
use super::markers::FrameHeader;
use super::upsample::{Plane, Sample, Upsampled};

/// Samples of all components, those that are coded at a lower resolution interpolated.
///
/// `planes` holds the samples of each component and how many a line takes; `None` for sampling factors
/// that do not divide the largest, or planes that are too small.
pub(super) fn assemble<T: Sample>(
    mut planes: Vec<(Vec<T>, usize)>,
    frame: &FrameHeader,
) -> Option<Vec<T>> {
    let size = [frame.columns as usize, frame.rows as usize];
    // Grey in whole blocks: the plane is the image.
    if let [(plane, stride)] = planes.as_mut_slice()
        && *stride == size[0]
        && plane.len() >= size[0] * size[1]
        && frame.components.len() == 1
    {
        plane.truncate(size[0] * size[1]);
        return Some(std::mem::take(plane));
    }
    if planes.len() != frame.components.len() {
        return None;
    }
    let planes: Vec<(Plane<T>, [usize; 2])> = planes
        .into_iter()
        .enumerate()
        .map(|(component, (samples, stride))| {
            let factors = factors(frame, component)?;
            let [columns, rows] = [size[0].div_ceil(factors[0]), size[1].div_ceil(factors[1])];
            Some((Plane { samples, stride, columns, rows }, factors))
        })
        .collect::<Option<_>>()?;
    let mut lines: Vec<Upsampled<T>> = planes
        .iter()
        .map(|(plane, factors)| Upsampled::new(plane, *factors, size))
        .collect::<Option<_>>()?;
    Some(pixels(&mut lines, size))
}

/// How many times narrower and lower the plane of a component is than the image.
fn factors(frame: &FrameHeader, component: usize) -> Option<[usize; 2]> {
    let own = frame.components.get(component)?.sampling;
    let factor = |axis: usize| {
        let largest = frame.components.iter().map(|component| component.sampling[axis]).max()?;
        let is_whole = own[axis] > 0 && largest.is_multiple_of(own[axis]);
        is_whole.then(|| usize::from(largest / own[axis]))
    };
    Some([factor(0)?, factor(1)?])
}

fn pixels<T: Sample>(planes: &mut [Upsampled<T>], [columns, rows]: [usize; 2]) -> Vec<T> {
    let stride = planes.len();
    let components: Vec<usize> = (0..stride).collect();
    let mut data = vec![T::default(); columns * rows * stride];
    for (row, place) in data.chunks_exact_mut((columns * stride).max(1)).enumerate() {
        let lines: Vec<&[T]> = planes.iter_mut().map(|plane| plane.line(row)).collect();
        interleave(place, stride, &lines, &components);
    }
    data
}
