use crate::anatomy::Ellipse;

/// A picture of Hounsfield units that ellipses are painted on; later ones cover earlier ones.
pub(crate) struct Canvas {
    pub(crate) columns: usize,
    pub(crate) rows: usize,
    pub(crate) values: Vec<f32>,
    /// Horizontal and vertical position (mm) of the middle of the first pixel.
    origin_mm: [f32; 2],
    /// Distance of pixels.
    spacing_mm: f32,
}

impl Canvas {
    /// Filled with air.
    pub(crate) fn new([columns, rows]: [usize; 2], origin_mm: [f32; 2], spacing_mm: f32) -> Self {
        Self { columns, rows, values: vec![-1000.0; columns * rows], origin_mm, spacing_mm }
    }

    /// Paints an ellipse row by row: only what is covered costs time.
    pub(crate) fn paint(&mut self, ellipse: &Ellipse) {
        let Ellipse { center_mm, radii_mm, .. } = *ellipse;
        if radii_mm[0] <= 0.0 || radii_mm[1] <= 0.0 {
            return;
        }
        let rows = self.span(1, center_mm[1], radii_mm[1]);
        for row in rows {
            let y = self.origin_mm[1] + row as f32 * self.spacing_mm;
            let across = 1.0 - ((y - center_mm[1]) / radii_mm[1]).powi(2);
            if across > 0.0 {
                let columns = self.span(0, center_mm[0], radii_mm[0] * across.sqrt());
                let start = row * self.columns;
                self.values[start + columns.start..start + columns.end].fill(ellipse.hu);
            }
        }
    }

    /// Pixels whose middle lies within `radius` of `center` along an axis (0: columns, 1: rows).
    fn span(&self, axis: usize, center: f32, radius: f32) -> std::ops::Range<usize> {
        let length = if axis == 0 { self.columns } else { self.rows };
        let pixel = |mm: f32| (mm - self.origin_mm[axis]) / self.spacing_mm;
        let first = pixel(center - radius).ceil().clamp(0.0, length as f32) as usize;
        let end = (pixel(center + radius).floor() + 1.0).clamp(0.0, length as f32) as usize;
        first..end.max(first)
    }

    /// Blurs with (1 2 1)/4 in both directions, as a real scanner does not know edges.
    pub(crate) fn blur(&mut self) {
        let columns = self.columns;
        for row in self.values.chunks_exact_mut(columns) {
            let mut before = row[0];
            for column in 0..columns {
                let here = row[column];
                let after = row[(column + 1).min(columns - 1)];
                row[column] = (before + 2.0 * here + after) / 4.0;
                before = here;
            }
        }
        let mut above: Vec<f32> = self.values[..columns].to_vec();
        for row in 0..self.rows {
            let next = (row + 1).min(self.rows - 1) * columns;
            for (column, above) in above.iter_mut().enumerate() {
                let here = self.values[row * columns + column];
                let below = self.values[next + column];
                self.values[row * columns + column] = (*above + 2.0 * here + below) / 4.0;
                *above = here;
            }
        }
    }
}
