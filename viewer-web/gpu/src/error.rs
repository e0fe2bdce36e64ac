use thiserror::Error;

/// Why the GPU cannot do what was asked.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum GpuError {
    /// The frame is larger than a texture of this device can be.
    #[error("frame of {columns} × {rows} pixels; this device draws at most {limit} × {limit}")]
    TooLarge {
        /// Columns of the frame.
        columns: u32,
        /// Rows of the frame.
        rows: u32,
        /// Largest width and height of a texture.
        limit: u32,
    },
    /// A frame without any pixel.
    #[error("frame of {columns} × {rows} pixels has no pixel")]
    Empty {
        /// Columns of the frame.
        columns: u32,
        /// Rows of the frame.
        rows: u32,
    },
    /// Bytes and frame size disagree.
    #[error("{found} bytes for a frame that needs {expected}")]
    ByteCount {
        /// Columns × rows × bytes per pixel.
        expected: u64,
        /// What was given.
        found: u64,
    },
    /// The build has no back end, or the browser offers none.
    #[error("no GPU: {0}")]
    NoAdapter(String),
    /// The adapter gives no device.
    #[error("no GPU device: {0}")]
    NoDevice(String),
    /// The canvas cannot be drawn to with this device.
    #[error("the canvas cannot be used: {0}")]
    Surface(&'static str),
    /// The device is gone; everything made with it has to be made again.
    #[error("GPU device lost")]
    DeviceLost,
    /// The driver gets pictures wrong by so many grey levels: it must not show an exam.
    #[error("this device draws {0} grey levels off")]
    Wrong(u8),
    /// Pixels could not be read back.
    #[error("read back: {0}")]
    ReadBack(String),
}
