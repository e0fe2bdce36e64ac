//! Tag trees (ISO/IEC 15444-1 B.10.2): minima of a grid of numbers, coded from the root down.

use super::bits::HeaderBits;
use crate::codec::DecodeError;

/// A tag tree while packets reveal it.
#[derive(Clone, Debug, Default)]
pub(in crate::codec::jpeg2000) struct TagTree {
    /// From the leaves up.
    levels: Vec<Level>,
    nodes: Vec<Node>,
}

#[derive(Clone, Copy, Debug)]
struct Level {
    width: usize,
    first_node: usize,
}

#[derive(Clone, Copy, Debug, Default)]
struct Node {
    /// The value is at least this, and this if it is known.
    at_least: u32,
    known: bool,
}

impl TagTree {
    /// A tree over `width × height` leaves.
    pub(in crate::codec::jpeg2000) fn new(width: usize, height: usize) -> Self {
        let (mut levels, mut first_node, mut size) = (Vec::new(), 0, [width, height]);
        while size[0] > 0 && size[1] > 0 {
            levels.push(Level { width: size[0], first_node });
            first_node += size[0] * size[1];
            if size == [1, 1] {
                break;
            }
            size = size.map(|side| side.div_ceil(2));
        }
        Self { levels, nodes: vec![Node::default(); first_node] }
    }

    /// Reads on until it is known whether the leaf at `x`, `y` is below `threshold`: its value if so.
    pub(super) fn below(
        &mut self,
        bits: &mut HeaderBits<'_>,
        [x, y]: [usize; 2],
        threshold: u32,
    ) -> Result<Option<u32>, DecodeError> {
        let mut at_least = 0;
        let mut known = false;
        for (depth, level) in self.levels.iter().enumerate().rev() {
            let node =
                &mut self.nodes[level.first_node + (y >> depth) * level.width + (x >> depth)];
            at_least = node.at_least.max(at_least);
            while at_least < threshold && !node.known {
                if bits.bit()? {
                    node.known = true;
                } else {
                    at_least += 1;
                }
            }
            node.at_least = at_least;
            known = node.known;
        }
        Ok((known && at_least < threshold).then_some(at_least))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of B.10.2: a 6 × 3 tree whose first leaves are 1, 3, 2, 3.
    #[test]
    fn the_example_of_the_standard() {
        let mut tree = TagTree::new(6, 3);
        let mut bits = HeaderBits::new(&[0b0111_1001, 0b1010_1000]);
        let mut value = |x: usize| tree.below(&mut bits, [x, 0], 9).expect("enough bits");
        assert_eq!([value(0), value(1), value(2)], [Some(1), Some(3), Some(2)]);
    }

    #[test]
    fn a_threshold_stops_early_and_goes_on_later() {
        let mut tree = TagTree::new(1, 1);
        let mut bits = HeaderBits::new(&[0b0010_0000]);
        assert_eq!(tree.below(&mut bits, [0, 0], 1), Ok(None));
        assert_eq!(tree.below(&mut bits, [0, 0], 2), Ok(None));
        assert_eq!(tree.below(&mut bits, [0, 0], 3), Ok(Some(2)));
        assert_eq!(tree.below(&mut bits, [0, 0], 9), Ok(Some(2)));
    }
}
