//! The line being decoded and the one above it.

/// Two lines of one component, each with one sample more at both ends (T.87 A.2.1).
#[derive(Clone, Debug)]
pub(super) struct Lines {
    above: Vec<u16>,
    current: Vec<u16>,
    /// RUNindex; each component has its own in line interleave.
    run_index: usize,
}

impl Lines {
    /// For the first line of a scan or a restart interval.
    pub(super) fn new(columns: usize) -> Self {
        Self { above: vec![0; columns + 2], current: vec![0; columns + 2], run_index: 0 }
    }

    /// Makes the current line the one above, sets the samples outside of the image, and gives both
    /// lines, the one above first, with RUNindex.
    pub(super) fn next(&mut self) -> ([&mut [u16]; 2], &mut usize) {
        core::mem::swap(&mut self.above, &mut self.current);
        let columns = self.above.len() - 2;
        self.above[columns + 1] = self.above[columns];
        self.current[0] = self.above[1];
        ([&mut self.above, &mut self.current], &mut self.run_index)
    }

    /// Samples of the current line.
    pub(super) fn samples(&self) -> &[u16] {
        let end = self.current.len() - 1;
        &self.current[1..end]
    }
}
