use viewer_core::display::{DisplayParams, Modality, Voi};
use viewer_core::pixel::PixelKind;

/// Entries per texture row: every device can have textures this wide, and a power of two keeps the
/// shader's arithmetic on whole numbers cheap. `shaders/lib/lookup.wgsl` has the same number.
pub(crate) const ENTRIES_PER_ROW: u32 = 1024;

/// How many textures are kept: one per pane of the largest layout in use, and then some.
const KEPT: usize = 8;

/// The lookup tables of a pane, one after the other: modality LUT, VOI LUT, supplemental palette, output
/// table; of the last two all red entries, then green, then blue ones.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Tables {
    pub(crate) entries: Vec<u16>,
    pub(crate) modality: Place,
    pub(crate) voi: Place,
    pub(crate) palette: Place,
    pub(crate) output: Place,
}

/// Where a table is among the entries.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Place {
    /// Its first entry.
    pub(crate) at: i32,
    /// Index of its last entry (of each colour); −1 where there is no table.
    pub(crate) last: i32,
}

impl Default for Place {
    fn default() -> Self {
        Self { at: 0, last: -1 }
    }
}

impl Tables {
    /// Those that a frame of a kind is drawn with: colours have none.
    pub(crate) fn of(kind: PixelKind, params: &DisplayParams) -> Self {
        if kind.is_colour() { Self::default() } else { Self::new(params) }
    }

    pub(crate) fn new(params: &DisplayParams) -> Self {
        let mut tables = Self::default();
        if let Modality::Lut(lut) = &params.modality {
            tables.modality = tables.add([&lut.entries]);
        }
        if let Voi::Lut(lut) = &params.voi {
            tables.voi = tables.add([&lut.entries]);
        }
        if let Some(palette) = &params.supplemental {
            tables.palette = tables.add(palette.colours.rgb().each_ref());
        }
        if let Some(output) = &params.output {
            tables.output = tables.add(output.rgb().each_ref());
        }
        tables
    }

    /// Adds columns of equal length. Without entries there is one, which is 0.
    fn add<const N: usize>(&mut self, columns: [&Vec<u16>; N]) -> Place {
        let at = self.entries.len() as i32;
        columns.into_iter().for_each(|column| self.entries.extend_from_slice(column));
        if self.entries.len() as i32 == at {
            self.entries.push(0);
        }
        Place { at, last: (self.entries.len() as i32 - at) / N as i32 - 1 }
    }
}

/// Tables in GPU memory, each texture behind a handle `T`, the least recently used dropped first.
#[derive(Debug)]
pub(crate) struct LookupTextures<T> {
    kept: Vec<(Vec<u16>, T)>,
}

impl<T> Default for LookupTextures<T> {
    fn default() -> Self {
        Self { kept: Vec::new() }
    }
}

impl<T: Clone> LookupTextures<T> {
    /// The texture of `entries`, made by `upload` where there is none yet.
    ///
    /// # Errors
    /// Those of `upload`.
    pub(crate) fn texture<E>(
        &mut self,
        entries: Vec<u16>,
        upload: impl FnOnce(&[u16]) -> Result<T, E>,
    ) -> Result<T, E> {
        let found = self.kept.iter().position(|(kept, _)| *kept == entries);
        let entry = match found {
            Some(index) => self.kept.remove(index),
            None => {
                let texture = upload(&entries)?;
                (entries, texture)
            }
        };
        let texture = entry.1.clone();
        self.kept.push(entry);
        if self.kept.len() > KEPT {
            self.kept.remove(0);
        }
        Ok(texture)
    }
}

/// `entries` in whole rows of [`ENTRIES_PER_ROW`], at least one, and how many rows.
pub(crate) fn folded(entries: &[u16]) -> (Vec<u16>, u32) {
    let rows = entries.len().div_ceil(ENTRIES_PER_ROW as usize).max(1);
    let mut padded = entries.to_vec();
    padded.resize(rows * ENTRIES_PER_ROW as usize, 0);
    (padded, u32::try_from(rows).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use viewer_core::display::{ColourTable, Interpolation, SupplementalPalette};
    use viewer_core::exam::LookupTable;
    use viewer_core::geometry::Affine2;

    #[test]
    fn tables_lie_one_after_the_other() {
        let lut = |entries| LookupTable {
            first_mapped: 0,
            bits: 16,
            entries,
            explanation: String::new(),
        };
        let colours = |n: u16| ColourTable::new([vec![n; 2], vec![n + 1; 2], vec![n + 2; 2]]);
        let supplemental =
            colours(10).map(|colours| SupplementalPalette { first_mapped: 5, colours });
        let params = DisplayParams {
            canvas_size_px: [1, 1],
            image_from_canvas: Affine2::IDENTITY,
            padding: None,
            supplemental,
            modality: Modality::Lut(lut(vec![1, 2, 3])),
            voi: Voi::Lut(lut(Vec::new())),
            invert: false,
            output: colours(20),
            interpolation: Interpolation::Linear,
            background: 0,
        };
        let found = Tables::new(&params);
        let place = |at, last| Place { at, last };
        assert_eq!((found.modality, found.voi), (place(0, 2), place(3, 0)));
        assert_eq!((found.palette, found.output), (place(4, 1), place(10, 1)));
        let expected = [1, 2, 3, 0, 10, 10, 11, 11, 12, 12, 20, 20, 21, 21, 22, 22];
        assert_eq!(found.entries, expected);
    }
}
