use serde::{Deserialize, Serialize};

/// What an annotation is. Its points, in the order they are placed:
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Both ends of a line.
    Length,
    /// An arm's end, the vertex, the other arm's end.
    Angle,
    /// Two opposite corners of the rectangle, along rows and columns, that the ellipse fills.
    Ellipse,
    /// Two opposite corners, along rows and columns.
    Rectangle,
    /// One point.
    Probe,
    /// A line from point to point.
    Polyline,
    /// Two ends of one line, two of another.
    Cobb,
    /// Corners.
    Polygon,
    /// An outline drawn in one go.
    Freehand,
    /// Three points of a circle.
    Circle,
    /// Two ends of the long axis, two of the short one, which is perpendicular to it.
    Bidirectional,
    /// Where it points, where it comes from.
    Arrow,
    /// Where the words are.
    Text,
    /// Where a vertebra's name is.
    Spine,
    /// Where the line hangs, a second point of it, the point whose distance is told.
    PlumbLine,
    /// Two ends of the widest line through the heart, two of that through the chest.
    Cardiothoracic,
    /// Both ends of a line whose length is known.
    Calibration,
}

impl Kind {
    /// Every kind, in the order of a menu.
    pub const ALL: [Self; 17] = [
        Self::Length,
        Self::Angle,
        Self::Ellipse,
        Self::Rectangle,
        Self::Probe,
        Self::Polyline,
        Self::Cobb,
        Self::Polygon,
        Self::Freehand,
        Self::Circle,
        Self::Bidirectional,
        Self::Arrow,
        Self::Text,
        Self::Spine,
        Self::PlumbLine,
        Self::Cardiothoracic,
        Self::Calibration,
    ];

    /// Key in the text catalogue and in saved files.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Length => "length",
            Self::Angle => "angle",
            Self::Ellipse => "ellipse",
            Self::Rectangle => "rectangle",
            Self::Probe => "probe",
            Self::Polyline => "polyline",
            Self::Cobb => "cobb",
            Self::Polygon => "polygon",
            Self::Freehand => "freehand",
            Self::Circle => "circle",
            Self::Bidirectional => "bidirectional",
            Self::Arrow => "arrow",
            Self::Text => "text",
            Self::Spine => "spine",
            Self::PlumbLine => "plumb_line",
            Self::Cardiothoracic => "cardiothoracic",
            Self::Calibration => "calibration",
        }
    }

    /// The kind of a key.
    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.key() == key)
    }

    /// Fewest and most points it has.
    #[must_use]
    pub const fn point_counts(self) -> [usize; 2] {
        match self {
            Self::Probe | Self::Text | Self::Spine => [1, 1],
            Self::Length | Self::Ellipse | Self::Rectangle | Self::Arrow | Self::Calibration => {
                [2, 2]
            }
            Self::Angle | Self::Circle | Self::PlumbLine => [3, 3],
            Self::Cobb | Self::Bidirectional | Self::Cardiothoracic => [4, 4],
            Self::Polyline => [2, MOST_POINTS],
            Self::Polygon | Self::Freehand => [3, MOST_POINTS],
        }
    }

    /// Whether it surrounds pixels that are counted.
    #[must_use]
    pub const fn is_region(self) -> bool {
        matches!(
            self,
            Self::Ellipse | Self::Rectangle | Self::Polygon | Self::Freehand | Self::Circle
        )
    }

    /// Whether it is two lines, each of which can be drawn by dragging.
    #[must_use]
    pub const fn has_two_lines(self) -> bool {
        matches!(self, Self::Cobb | Self::Bidirectional | Self::Cardiothoracic)
    }

    /// Whether it carries words of the reader.
    #[must_use]
    pub const fn has_text(self) -> bool {
        matches!(self, Self::Arrow | Self::Text | Self::Spine)
    }
}

/// Most points of one annotation.
const MOST_POINTS: usize = 2000;
