use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use thiserror::Error;

/// How panes share the page: so many rows of so many columns. Written as `2x3`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    rows: u8,
    columns: u8,
}

/// There is no such layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("no layout has these rows and columns")]
pub struct LayoutError;

impl Layout {
    /// One pane.
    pub const ONE: Self = Self { rows: 1, columns: 1 };
    /// Two panes side by side.
    pub const SIDE_BY_SIDE: Self = Self { rows: 1, columns: 2 };
    /// Four panes.
    pub const FOUR: Self = Self { rows: 2, columns: 2 };
    /// Those with a name, in the order of a menu.
    pub const NAMED: [Self; 3] = [Self::ONE, Self::SIDE_BY_SIDE, Self::FOUR];
    /// Most rows and columns.
    pub const MOST: [u8; 2] = [3, 4];
    /// Most panes.
    pub const MOST_PANES: usize = Self::MOST[0] as usize * Self::MOST[1] as usize;

    /// So many rows and columns.
    ///
    /// # Errors
    /// [`LayoutError`] for none, and for more than [`Self::MOST`].
    pub fn new(rows: u8, columns: u8) -> Result<Self, LayoutError> {
        let fits = (1..=Self::MOST[0]).contains(&rows) && (1..=Self::MOST[1]).contains(&columns);
        if fits { Ok(Self { rows, columns }) } else { Err(LayoutError) }
    }

    /// Rows and columns of panes.
    #[must_use]
    pub const fn rows_columns(self) -> [usize; 2] {
        [self.rows as usize, self.columns as usize]
    }

    /// How many panes.
    #[must_use]
    pub const fn panes(self) -> usize {
        let [rows, columns] = self.rows_columns();
        rows * columns
    }

    /// As [`fmt::Display`] writes it; one digit each, see [`Self::MOST`].
    fn from_text(text: &str) -> Result<Self, LayoutError> {
        match *text.as_bytes() {
            [rows @ b'0'..=b'9', b'x', columns @ b'0'..=b'9'] => {
                Self::new(rows - b'0', columns - b'0')
            }
            _ => Err(LayoutError),
        }
    }
}

impl Default for Layout {
    fn default() -> Self {
        Self::ONE
    }
}

impl fmt::Display for Layout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}x{}", self.rows, self.columns)
    }
}

impl Serialize for Layout {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Layout {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::from_text(&text).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_layout_is_written_and_read_as_rows_and_columns() {
        let mut panes = Vec::new();
        for (rows, columns) in (1..=3).flat_map(|rows| (1..=4).map(move |columns| (rows, columns)))
        {
            let layout = Layout::new(rows, columns).expect("a layout");
            let text = serde_json::to_string(&layout).expect("is written");
            assert_eq!(text, format!("\"{rows}x{columns}\""));
            assert_eq!(serde_json::from_str::<Layout>(&text).expect("is read"), layout);
            panes.push(layout.panes());
        }
        assert_eq!(panes, [1, 2, 3, 4, 2, 4, 6, 8, 3, 6, 9, 12]);
    }

    #[test]
    fn what_earlier_versions_saved_is_read() {
        for (text, layout) in ["1x1", "1x2", "2x2"].into_iter().zip(Layout::NAMED) {
            assert_eq!(Layout::from_text(text), Ok(layout));
        }
    }

    #[test]
    fn anything_else_is_no_layout() {
        for text in ["", "0x1", "1x0", "4x1", "1x5", "9x9", "1x10", "1X1", "é1", "1 1", "255x255"]
        {
            assert_eq!(Layout::from_text(text), Err(LayoutError), "{text}");
        }
        assert_eq!((Layout::new(0, 1), Layout::new(4, 4)), (Err(LayoutError), Err(LayoutError)));
    }
}
