//! Which pixels of a row a shutter leaves open.

use crate::exam::ShutterShape;

/// Columns of a row, from 0, first and last; empty where the last is before the first.
pub(super) type Span = [i64; 2];

/// Open columns of row `row` (from 0), as they come; they may overlap and reach beyond the image.
/// `pixel_aspect` is the height of a pixel over its width. A bitmap is no such shape: all is open.
pub(super) fn open_spans(shape: &ShutterShape, row: i64, pixel_aspect: f64) -> Vec<Span> {
    match shape {
        ShutterShape::Rectangle { columns, rows } => {
            let [upper, lower] = rows.map(from_zero);
            let is_open = (upper..=lower).contains(&row);
            if is_open { vec![columns.map(from_zero)] } else { Vec::new() }
        }
        ShutterShape::Circle { center, radius } => {
            let [center_row, center_column] = center.map(from_zero);
            // The radius is in pixels along a row: rows are so many of them apart.
            let down = (row - center_row) as f64 * pixel_aspect;
            let half = f64::from(*radius).powi(2) - down * down;
            if half < 0.0 {
                return Vec::new();
            }
            let half = half.sqrt().floor() as i64;
            vec![[center_column - half, center_column + half]]
        }
        ShutterShape::Polygon { vertices } => polygon_spans(vertices, row),
        ShutterShape::Bitmap { .. } => vec![[i64::MIN, i64::MAX]],
    }
}

fn from_zero(pixel: i32) -> i64 {
    i64::from(pixel) - 1
}

/// Inside by the even-odd rule, pixels on an edge included: the union of two sweeps, one of which counts
/// the upper ends of edges and the other the lower ones.
fn polygon_spans(vertices: &[[i32; 2]], row: i64) -> Vec<Span> {
    let with_upper_ends = crossings(vertices, row, |top, bottom| top <= row && row < bottom);
    let with_lower_ends = crossings(vertices, row, |top, bottom| top < row && row <= bottom);
    [with_upper_ends, with_lower_ends]
        .iter()
        .flat_map(|at| at.as_chunks::<2>().0)
        .map(|&[from, to]| [from.ceil() as i64, to.floor() as i64])
        .collect()
}

/// Where edges cross the row, from left to right.
fn crossings(vertices: &[[i32; 2]], row: i64, crosses: impl Fn(i64, i64) -> bool) -> Vec<f64> {
    let ends = vertices.iter().cycle().skip(1);
    let mut columns: Vec<f64> = vertices
        .iter()
        .zip(ends)
        .filter_map(|(start, end)| {
            let ([row_a, column_a], [row_b, column_b]) = (start.map(from_zero), end.map(from_zero));
            if !crosses(row_a.min(row_b), row_a.max(row_b)) {
                return None;
            }
            // One division of whole numbers: exact where the result is one.
            let along = (row - row_a) as f64 * (column_b - column_a) as f64;
            Some(column_a as f64 + along / (row_b - row_a) as f64)
        })
        .collect();
    columns.sort_by(f64::total_cmp);
    columns
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows of `#` (open) and `.` for an image of this size.
    fn picture(shape: &ShutterShape, [columns, rows]: [i64; 2], pixel_aspect: f64) -> Vec<String> {
        (0..rows)
            .map(|row| {
                let spans = open_spans(shape, row, pixel_aspect);
                let is_open = |c: i64| spans.iter().any(|&[from, to]| from <= c && c <= to);
                (0..columns).map(|c| if is_open(c) { '#' } else { '.' }).collect()
            })
            .collect()
    }

    #[test]
    fn a_rectangle_shows_its_edges() {
        let shape = ShutterShape::Rectangle { columns: [2, 4], rows: [1, 2] };
        assert_eq!(picture(&shape, [5, 3], 1.0), [".###.", ".###.", "....."]);
        let whole = ShutterShape::Rectangle { columns: [1, 5], rows: [1, 3] };
        assert_eq!(picture(&whole, [5, 3], 1.0), ["#####"; 3]);
        let beyond = ShutterShape::Rectangle { columns: [-9, 2], rows: [3, 99] };
        assert_eq!(picture(&beyond, [5, 3], 1.0), [".....", ".....", "##..."]);
        let crossed = ShutterShape::Rectangle { columns: [4, 2], rows: [1, 3] };
        assert_eq!(picture(&crossed, [5, 3], 1.0), ["....."; 3]);
    }

    #[test]
    fn a_circle_counts_pixels_along_a_row() {
        let shape = ShutterShape::Circle { center: [3, 3], radius: 2 };
        let round = ["..#..", ".###.", "#####", ".###.", "..#.."];
        assert_eq!(picture(&shape, [5, 5], 1.0), round);
        // Pixels twice as high as wide: half as many rows.
        let flat = [".....", "..#..", "#####", "..#..", "....."];
        assert_eq!(picture(&shape, [5, 5], 2.0), flat);
    }

    #[test]
    fn a_polygon_shows_its_edges_and_vertices() {
        let diamond = ShutterShape::Polygon { vertices: vec![[1, 3], [3, 5], [5, 3], [3, 1]] };
        let expected = ["..#..", ".###.", "#####", ".###.", "..#.."];
        assert_eq!(picture(&diamond, [5, 5], 1.0), expected);
        let square = ShutterShape::Polygon { vertices: vec![[2, 2], [2, 4], [4, 4], [4, 2]] };
        let expected = [".....", ".###.", ".###.", ".###.", "....."];
        assert_eq!(picture(&square, [5, 5], 1.0), expected);
    }

    #[test]
    fn a_polygon_may_be_hollowed_and_not_convex() {
        let notched =
            ShutterShape::Polygon { vertices: vec![[1, 1], [1, 7], [5, 7], [2, 4], [5, 1]] };
        let expected = ["#######", "#######", "###.###", "##...##", "#.....#"];
        assert_eq!(picture(&notched, [7, 5], 1.0), expected);
    }

    #[test]
    fn wild_numbers_are_only_far_away() {
        let far = ShutterShape::Polygon {
            vertices: vec![[i32::MIN, i32::MIN], [i32::MIN, i32::MAX], [i32::MAX, 0]],
        };
        assert_eq!(picture(&far, [3, 2], 1.0), ["###", "###"]);
        let circle = ShutterShape::Circle { center: [i32::MAX, i32::MIN], radius: u32::MAX };
        assert_eq!(picture(&circle, [3, 2], 1.0).len(), 2);
    }
}
