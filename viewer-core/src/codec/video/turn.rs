//! Turning a decoded picture as its container asks.

/// A turn of the whole picture, clockwise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Rotation {
    /// As it is.
    #[default]
    None,
    /// By 90°.
    Right,
    /// By 180°.
    Half,
    /// By 270°.
    Left,
}

impl Rotation {
    /// Columns and rows of a turned picture.
    #[must_use]
    pub fn turned_size(self, [columns, rows]: [u32; 2]) -> [u32; 2] {
        match self {
            Self::None | Self::Half => [columns, rows],
            Self::Right | Self::Left => [rows, columns],
        }
    }
}

/// Turns RGBA pixels, rows from the top; gives pixels, columns and rows.
#[must_use]
pub fn turned(rgba: Vec<u8>, [columns, rows]: [u32; 2], rotation: Rotation) -> (Vec<u8>, [u32; 2]) {
    let [width, height] = [columns as usize, rows as usize];
    let pixel = |x: usize, y: usize| rgba.get((y * width + x) * 4..).and_then(|p| p.get(..4));
    let gather = |size: [usize; 2], from: &dyn Fn(usize, usize) -> [usize; 2]| {
        let mut out = Vec::with_capacity(rgba.len());
        for y in 0..size[1] {
            for x in 0..size[0] {
                let [x, y] = from(x, y);
                out.extend_from_slice(pixel(x, y).unwrap_or(&[0; 4]));
            }
        }
        out
    };
    match rotation {
        Rotation::None => (rgba, [columns, rows]),
        Rotation::Half => {
            let half = gather([width, height], &|x, y| [width - 1 - x, height - 1 - y]);
            (half, [columns, rows])
        }
        Rotation::Right => (gather([height, width], &|x, y| [y, height - 1 - x]), [rows, columns]),
        Rotation::Left => (gather([height, width], &|x, y| [width - 1 - y, x]), [rows, columns]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn corners_go_where_the_turn_takes_them() {
        // a b c
        // d e f
        let pixels = |names: &[u8]| names.iter().flat_map(|&name| [name; 4]).collect::<Vec<u8>>();
        let picture = || pixels(b"abcdef");
        assert_eq!(turned(picture(), [3, 2], Rotation::None), (picture(), [3, 2]));
        assert_eq!(turned(picture(), [3, 2], Rotation::Right), (pixels(b"daebfc"), [2, 3]));
        assert_eq!(turned(picture(), [3, 2], Rotation::Half), (pixels(b"fedcba"), [3, 2]));
        assert_eq!(turned(picture(), [3, 2], Rotation::Left), (pixels(b"cfbead"), [2, 3]));
    }
}
