//! Half-open rectangles on the reference grid, a component, a resolution or a sub-band.

/// `x0 <= x < x1`, `y0 <= y < y1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rect {
    /// Left edge.
    pub(super) x0: u32,
    /// Top edge.
    pub(super) y0: u32,
    /// Right edge, outside.
    pub(super) x1: u32,
    /// Bottom edge, outside.
    pub(super) y1: u32,
}

impl Rect {
    /// Columns.
    pub(super) fn width(&self) -> u32 {
        self.x1.saturating_sub(self.x0)
    }

    /// Rows.
    pub(super) fn height(&self) -> u32 {
        self.y1.saturating_sub(self.y0)
    }

    /// Samples.
    pub(super) fn count(&self) -> u64 {
        u64::from(self.width()) * u64::from(self.height())
    }

    /// Whether there is no sample in it.
    pub(super) fn is_empty(&self) -> bool {
        self.width() == 0 || self.height() == 0
    }

    /// The part of it that lies in `other` too.
    pub(super) fn intersection(&self, other: &Self) -> Self {
        Self {
            x0: self.x0.max(other.x0),
            y0: self.y0.max(other.y0),
            x1: self.x1.min(other.x1),
            y1: self.y1.min(other.y1),
        }
    }

    /// Each edge through `map_x` or `map_y`.
    pub(super) fn map(&self, map_x: impl Fn(u32) -> u32, map_y: impl Fn(u32) -> u32) -> Self {
        Self { x0: map_x(self.x0), y0: map_y(self.y0), x1: map_x(self.x1), y1: map_y(self.y1) }
    }

    /// Halved `levels` times, edges rounded up (ISO/IEC 15444-1 equation B-14).
    pub(super) fn halved(&self, levels: u32) -> Self {
        let halve = |edge: u32| shift_up(edge, levels);
        self.map(halve, halve)
    }
}

/// `value / 2^bits`, rounded up.
pub(super) fn shift_up(value: u32, bits: u32) -> u32 {
    let value = u64::from(value) + (1u64 << bits) - 1;
    (value >> bits) as u32
}
