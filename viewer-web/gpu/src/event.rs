/// What the GPU says outside of any call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GpuEvent {
    /// The device is gone (driver reset, too many pages …): drop the `Screen` and all its
    /// [`crate::FrameTexture`]s, make new ones, show the same view.
    DeviceLost(String),
    /// Memory ran out: what was uploaded last is not drawn right. Free textures, then upload again.
    OutOfMemory,
    /// Anything else; a defect of ours or of the driver.
    Error(String),
}

/// Whether a frame reached the canvas.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// It did.
    Yes,
    /// Not now (hidden page, canvas without size): ask again at the next animation frame.
    Later,
}
