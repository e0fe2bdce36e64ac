use crate::GpuError;

/// Pixels read back from the GPU.
#[derive(Debug)]
pub struct ReadBack {
    /// R G B A, row by row from the top.
    pub(super) pixels: Vec<u8>,
}

impl ReadBack {
    /// Turns rows that come from the bottom up.
    pub(super) fn from_the_bottom(rows: &[u8], width: u32) -> Self {
        let row_bytes = (width as usize * 4).max(1);
        let pixels = rows.chunks_exact(row_bytes).rev().flatten().copied().collect();
        Self { pixels }
    }

    /// The pixels, R G B A row by row from the top. WebGL waits for them: they are always there.
    ///
    /// # Errors
    /// None; the other back end has some.
    pub fn take(&self) -> Result<Option<Vec<u8>>, GpuError> {
        Ok(Some(self.pixels.clone()))
    }
}
