use serde::{Deserialize, Serialize};

use crate::exam::Series;

/// Where: one frame of one image of one series, as indices into the exam summary, all from 0.
///
/// (WADO-RS counts frames from 1: add 1 when asking for one.) Holds nothing about looks.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
pub struct ViewReference {
    /// Index into [`crate::exam::ExamSummary::series`].
    pub series: u32,
    /// Index into [`Series::images`].
    pub image: u32,
    /// Frame of that image, from 0.
    pub frame: u32,
}

/// Whoever is further behind has jumped rather than scrolled.
const MOST_ON_THE_WAY: usize = 64;

/// The frames of a series in one row, as a person scrolls through them: frames of the first image,
/// then those of the second, …, or in the order that the series states ([`Series::frame_order`]).
/// Positions count from 0.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stack {
    /// `ends[i]`: how many frames the images up to `i` have.
    ends: Vec<u32>,
    /// `order[position]`: the frame there, counted image by image; empty for that very order.
    order: Vec<u32>,
    /// The opposite of `order`.
    positions: Vec<u32>,
}

impl Stack {
    /// The stack of a series. An image counts at least one frame.
    #[must_use]
    pub fn of(series: &Series) -> Self {
        let ends = series
            .images
            .iter()
            .scan(0_u32, |end, image| {
                *end = end.saturating_add(image.frames.max(1));
                Some(*end)
            })
            .collect();
        let stack = Self { ends, ..Self::default() };
        match inverse(&series.frame_order) {
            Some(positions) if positions.len() == stack.len() as usize => {
                Self { order: series.frame_order.clone(), positions, ..stack }
            }
            _ => stack,
        }
    }

    /// How many frames.
    #[must_use]
    pub fn len(&self) -> u32 {
        self.ends.last().copied().unwrap_or(0)
    }

    /// Whether there is nothing to show.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Image and frame at a position; `None` past the end.
    #[must_use]
    pub fn at(&self, position: u32) -> Option<(u32, u32)> {
        let frame = self.order.get(position as usize).copied().unwrap_or(position);
        let image = self.ends.partition_point(|&end| end <= frame);
        let frames = self.span(u32::try_from(image).ok()?)?;
        Some((u32::try_from(image).ok()?, frame - frames.start))
    }

    /// Position of a frame; `None` where there is no such image or frame.
    #[must_use]
    pub fn position(&self, image: u32, frame: u32) -> Option<u32> {
        let frames = self.span(image)?;
        let frame = frames.start.checked_add(frame).filter(|frame| frames.contains(frame))?;
        Some(self.positions.get(frame as usize).copied().unwrap_or(frame))
    }

    /// Image and frame on the way from one position to another, both left out: the nearest to the end that `is_here`.
    #[must_use]
    pub fn on_the_way(
        &self,
        [from, to]: [u32; 2],
        is_here: &dyn Fn(u32, u32) -> bool,
    ) -> Option<(u32, u32)> {
        let back = |steps| if from < to { to.checked_sub(steps) } else { to.checked_add(steps) };
        let way = (1..from.abs_diff(to)).take(MOST_ON_THE_WAY).filter_map(back);
        way.filter_map(|position| self.at(position)).find(|&(image, frame)| is_here(image, frame))
    }

    /// From the first to the last position of the frames of one image: what a cine loop runs over.
    #[must_use]
    pub fn frames_of(&self, image: u32) -> Option<std::ops::Range<u32>> {
        let frames = self.span(image)?;
        let positions = self.positions.get(frames.start as usize..frames.end as usize);
        match positions.filter(|positions| !positions.is_empty()) {
            None => Some(frames),
            Some(positions) => {
                let (first, last) = (positions.iter().min()?, positions.iter().max()?);
                Some(*first..last.saturating_add(1))
            }
        }
    }

    /// Whether positions are another order than that of the files.
    #[must_use]
    pub fn is_reordered(&self) -> bool {
        !self.order.is_empty()
    }

    /// The frames of one image, counted image by image.
    fn span(&self, image: u32) -> Option<std::ops::Range<u32>> {
        let index = usize::try_from(image).ok()?;
        let end = *self.ends.get(index)?;
        let start = index.checked_sub(1).and_then(|before| self.ends.get(before)).copied();
        Some(start.unwrap_or(0)..end)
    }
}

/// Where each number from 0 stands in a permutation; `None` for anything else.
fn inverse(order: &[u32]) -> Option<Vec<u32>> {
    let mut positions = vec![u32::MAX; order.len()];
    for (position, &number) in (0..).zip(order) {
        let place = positions.get_mut(number as usize).filter(|place| **place == u32::MAX)?;
        *place = position;
    }
    Some(positions)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exam::Image;

    fn series(frames: &[u32]) -> Series {
        let images = frames.iter().map(|&frames| Image { frames, ..Image::default() }).collect();
        Series { images, ..Series::default() }
    }

    #[test]
    fn frames_of_all_images_lie_in_one_row() {
        let stack = Stack::of(&series(&[1, 3, 2]));
        assert_eq!(stack.len(), 6);
        let all: Vec<_> = (0..7).map(|position| stack.at(position)).collect();
        let expected =
            [Some((0, 0)), Some((1, 0)), Some((1, 1)), Some((1, 2)), Some((2, 0)), Some((2, 1))];
        assert_eq!(all[..6], expected);
        assert_eq!(all[6], None);
    }

    #[test]
    fn what_is_on_the_way_is_the_nearest_to_its_end() {
        let stack = Stack::of(&series(&[1; 200]));
        let here = |images: &'static [u32]| move |image: u32, _: u32| images.contains(&image);
        assert_eq!(stack.on_the_way([10, 20], &here(&[10, 12, 15, 20])), Some((15, 0)));
        assert_eq!(stack.on_the_way([20, 10], &here(&[10, 12, 15, 20])), Some((12, 0)));
        assert_eq!(stack.on_the_way([10, 20], &here(&[9, 10, 20, 21])), None);
        assert_eq!(stack.on_the_way([10, 11], &here(&[10, 11])), None);
        assert_eq!(stack.on_the_way([10, 10], &here(&[10])), None);
        assert_eq!(stack.on_the_way([0, 199], &here(&[100])), None, "too far behind");
    }

    #[test]
    fn position_is_the_opposite_of_at() {
        let stack = Stack::of(&series(&[1, 3, 2]));
        for position in 0..6 {
            let (image, frame) = stack.at(position).expect("inside");
            assert_eq!(stack.position(image, frame), Some(position));
        }
        assert_eq!(stack.position(1, 3), None);
        assert_eq!(stack.position(3, 0), None);
        assert_eq!(stack.frames_of(1), Some(1..4));
    }

    #[test]
    fn a_stated_order_is_scrolled_and_frames_keep_their_numbers() {
        let frame_order = vec![0, 3, 1, 2, 5, 4];
        let stack = Stack::of(&Series { frame_order, ..series(&[1, 3, 2]) });
        let all: Vec<_> = (0..6).filter_map(|position| stack.at(position)).collect();
        assert_eq!(all, [(0, 0), (1, 2), (1, 0), (1, 1), (2, 1), (2, 0)]);
        for (position, (image, frame)) in (0..).zip(all) {
            assert_eq!(stack.position(image, frame), Some(position));
        }
        assert_eq!((stack.at(6), stack.position(1, 3)), (None, None));
        assert_eq!((stack.frames_of(1), stack.frames_of(2)), (Some(1..4), Some(4..6)));
    }

    #[test]
    fn an_order_that_is_no_permutation_of_the_frames_is_not_followed() {
        let plain = Stack::of(&series(&[2]));
        for wrong in [vec![0, 0], vec![1], vec![2, 1], vec![0, 1, 2]] {
            assert_eq!(Stack::of(&Series { frame_order: wrong, ..series(&[2]) }), plain);
        }
    }

    #[test]
    fn an_empty_series_has_an_empty_stack() {
        let stack = Stack::of(&Series::default());
        assert!(stack.is_empty());
        assert_eq!(stack.at(0), None);
    }
}
