//! What `measure.js` puts on the page, as plain values.

use serde::Serialize;
use viewer_core::annotate::{Annotation, Drawing, Kind, values};

use crate::desk::Desk;
use crate::words;

/// What lies over the image of a pane.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Scene {
    /// Annotations, and the one that is being drawn.
    pub shapes: Vec<Shape>,
    /// Where the keyboard points, CSS pixels.
    pub cursor: Option<[f64; 2]>,
}

/// One annotation.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Shape {
    /// Its number; 0 for the one that is being drawn.
    pub id: u32,
    /// Key of its kind.
    pub kind: &'static str,
    /// Lines as the path of an SVG.
    pub path: String,
    /// Thin lines likewise.
    pub leaders: String,
    /// Points that can be moved.
    pub handles: Vec<[f64; 2]>,
    /// Which of those arrows move.
    pub handle: Option<usize>,
    /// Where its words begin.
    pub label: [f64; 2],
    /// Its words.
    pub lines: Vec<String>,
    /// The same for a screen reader.
    pub spoken: String,
    /// Whether it is selected.
    pub is_selected: bool,
}

/// The list of annotations.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct List {
    /// In the order they were made.
    pub entries: Vec<Entry>,
    /// Whether a step can be taken back, and done again.
    pub can_undo_redo: [bool; 2],
}

/// A line of the list.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Entry {
    /// Number of the annotation.
    pub id: u32,
    /// Key of its kind.
    pub kind: &'static str,
    /// What it is called.
    pub name: String,
    /// Its values.
    pub lines: Vec<String>,
    /// Where its scale comes from.
    pub provenance: String,
    /// SOP Instance UID of its image.
    pub sop_instance_uid: String,
    /// Frame, from 0.
    pub frame: u32,
    /// Words of the reader, where it can have any.
    pub text: Option<String>,
    /// Whether those are the name of a vertebra.
    pub is_spine: bool,
    /// The length told of a calibration line.
    pub known_mm: Option<f64>,
    /// Bars of the histogram of its pixels, the highest 100.
    pub histogram: Vec<u32>,
    /// Whether it is selected.
    pub is_selected: bool,
}

impl Scene {
    /// What lies over the image of a pane.
    #[must_use]
    pub fn of(desk: &Desk, pane: usize) -> Self {
        let seen = desk.seen(pane).into_iter();
        let shapes = seen.filter_map(|(item, points)| Shape::of(desk, pane, item, &points));
        let map = desk.shown(pane).map(|shown| shown.canvas_from_image);
        Self {
            shapes: shapes.chain(Shape::draft(desk, pane)).collect(),
            cursor: desk.cursor(pane).zip(map).map(|(at, map)| map.apply(at)),
        }
    }
}

impl Shape {
    fn of(desk: &Desk, pane: usize, item: &Annotation, points: &[[f64; 2]]) -> Option<Self> {
        let drawing = desk.drawing(pane, item.kind, points)?;
        let selected = desk.selected().filter(|(id, _)| *id == item.id);
        let handle = selected.and_then(|(_, handle)| {
            drawing.handles.iter().position(|(index, _)| Some(*index) == handle)
        });
        Some(Self {
            id: item.id,
            handle,
            lines: words::lines(desk, item),
            spoken: words::sentence(desk, item),
            is_selected: selected.is_some(),
            ..Self::drawn(item.kind, &drawing)
        })
    }

    fn draft(desk: &Desk, pane: usize) -> Option<Self> {
        let (kind, points) = desk.draft(pane)?;
        let drawing = desk.drawing(pane, kind, &points)?;
        let values = values(kind, &desk.facts(pane)?, &points, None, None);
        let lines = words::draft_lines(desk.lang(), &values);
        Some(Self { lines, is_selected: true, ..Self::drawn(kind, &drawing) })
    }

    fn drawn(kind: Kind, drawing: &Drawing) -> Self {
        let head = drawing.has_arrow.then(|| arrow_head(drawing)).flatten();
        let leaders: Vec<_> = drawing.leaders.iter().map(|pair| pair.to_vec()).collect();
        Self {
            id: 0,
            kind: kind.key(),
            path: path(drawing.strokes.iter().chain(&head)),
            leaders: path(leaders.iter()),
            handles: drawing.handles.iter().map(|(_, at)| *at).collect(),
            handle: None,
            label: drawing.label,
            lines: Vec::new(),
            spoken: String::new(),
            is_selected: false,
        }
    }
}

impl List {
    /// The list of all annotations.
    #[must_use]
    pub fn of(desk: &Desk) -> Self {
        let entries = desk.store().items().iter().map(|item| Entry::of(desk, item)).collect();
        Self { entries, can_undo_redo: desk.store().can_undo_redo() }
    }
}

impl Entry {
    fn of(desk: &Desk, item: &Annotation) -> Self {
        Self {
            id: item.id,
            kind: item.kind.key(),
            name: words::name(desk, item),
            lines: words::lines(desk, item),
            provenance: words::provenance(desk, item),
            sop_instance_uid: item.sop_instance_uid.clone(),
            frame: item.frame,
            text: item.kind.has_text().then(|| item.text.clone()),
            is_spine: item.kind == Kind::Spine,
            known_mm: item.known_mm,
            histogram: histogram(desk, item),
            is_selected: desk.selected().is_some_and(|(id, _)| id == item.id),
        }
    }
}

fn histogram(desk: &Desk, item: &Annotation) -> Vec<u32> {
    use viewer_core::annotate::Value;
    let found = desk.values(item).into_iter().find_map(|value| match value {
        Value::Statistics(statistics, _) => Some(statistics.histogram),
        _ => None,
    });
    let Some(bars) = found else { return Vec::new() };
    let most = u64::from(bars.iter().copied().max().unwrap_or(1).max(1));
    bars.iter().map(|bar| u32::try_from(u64::from(*bar) * 100 / most).unwrap_or(100)).collect()
}

fn path<'a>(lines: impl Iterator<Item = &'a Vec<[f64; 2]>>) -> String {
    let mut path = String::new();
    for line in lines {
        for (index, [x, y]) in line.iter().enumerate() {
            let letter = if index == 0 { 'M' } else { 'L' };
            path.push_str(&format!("{letter}{x:.2} {y:.2}"));
        }
    }
    path
}

/// Two short lines at the end of the first stroke.
fn arrow_head(drawing: &Drawing) -> Option<Vec<[f64; 2]>> {
    let [.., from, to] = drawing.strokes.first()?.as_slice() else { return None };
    let angle = (from[1] - to[1]).atan2(from[0] - to[0]);
    let side = |turn: f64| {
        let (sin, cos) = (angle + turn).sin_cos();
        [to[0] + 12.0 * cos, to[1] + 12.0 * sin]
    };
    Some(vec![side(0.45), *to, side(-0.45)])
}
