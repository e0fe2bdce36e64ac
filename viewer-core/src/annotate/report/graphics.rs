//! Lines and words of an annotation as graphic and text objects (PS3.3 C.10.5), in points of its image.

use super::element::{DataSet, tag};
use super::presentation::Placed;
use crate::annotate::{Drawing, Kind, Region};
use crate::geometry::Affine2;

/// Longest text of an object (ST).
const MOST_CHARS: usize = 1024;
/// How long the head of an arrow is, of its shaft, and how wide.
const HEAD: [f64; 2] = [0.12, 0.05];

pub(super) fn graphics(placed: &Placed<'_>) -> Vec<DataSet> {
    let Placed { facts, entry, points } = placed;
    let kind = entry.annotation.kind;
    if let Some(Region::Ellipse { center: [x, y], radii: [across, down] }) =
        Region::of(kind, facts, points)
    {
        let horizontal = [[x - across, y], [x + across, y]];
        let vertical = [[x, y - down], [x, y + down]];
        let axes = if across >= down { [horizontal, vertical] } else { [vertical, horizontal] };
        return vec![graphic("ELLIPSE", axes.as_flattened())];
    }
    let drawing = Drawing::of(kind, facts, points, &Affine2::IDENTITY);
    let leaders = drawing.leaders.iter().map(|pair| pair.to_vec());
    let heads = drawing.strokes.first().filter(|_| kind == Kind::Arrow).and_then(|line| head(line));
    let lines = drawing.strokes.iter().cloned().chain(leaders).chain(heads);
    let lines: Vec<DataSet> =
        lines.filter(|line| line.len() > 1).map(|line| graphic("POLYLINE", &line)).collect();
    match (lines.is_empty(), points.first()) {
        (true, Some(point)) => vec![graphic("POINT", &[*point])],
        _ => lines,
    }
}

/// The two short lines at the end of an arrow, in one.
fn head(line: &[[f64; 2]]) -> Option<Vec<[f64; 2]>> {
    let [[x0, y0], [x, y]] = [*line.first()?, *line.last()?];
    let [along, aside] = HEAD;
    let (dx, dy) = (x0 - x, y0 - y);
    let end = |side: f64| [x + dx * along - dy * aside * side, y + dy * along + dx * aside * side];
    Some(vec![end(1.0), [x, y], end(-1.0)])
}

fn graphic(kind: &str, points: &[[f64; 2]]) -> DataSet {
    // Longer ones than a number of 16 bits counts were never drawn.
    let count = u16::try_from(points.len()).unwrap_or(u16::MAX);
    let points = points.iter().take(usize::from(count));
    DataSet::default()
        .text(tag::GRAPHIC_UNITS, "CS", "PIXEL")
        .short(tag::GRAPHIC_DIMENSIONS, 2)
        .short(tag::GRAPHIC_COUNT, count)
        .floats(tag::GRAPHIC_DATA, points.flatten().map(|c| *c as f32))
        .text(tag::GRAPHIC_TYPE, "CS", kind)
        .text(tag::GRAPHIC_FILLED, "CS", "N")
}

/// What is written beside it.
pub(super) fn words(placed: &Placed<'_>) -> Vec<DataSet> {
    let Placed { facts, entry, points } = placed;
    let text: String = entry.lines.join("\r\n").chars().take(MOST_CHARS).collect();
    if text.trim().is_empty() {
        return Vec::new();
    }
    let drawing = Drawing::of(entry.annotation.kind, facts, points, &Affine2::IDENTITY);
    let place = if drawing.strokes.is_empty() && drawing.handles.is_empty() {
        points.first().copied().unwrap_or_default()
    } else {
        drawing.label
    };
    vec![
        DataSet::default()
            .text(tag::ANCHOR_UNITS, "CS", "PIXEL")
            .text(tag::TEXT, "ST", &text)
            .floats(tag::ANCHOR, place.iter().map(|c| *c as f32))
            .text(tag::ANCHOR_VISIBILITY, "CS", "N"),
    ]
}
