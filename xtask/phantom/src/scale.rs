/// How large the exam is made. All sides at least 64 pixels, so that the burnt-in number fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scale {
    /// Slices of the first CT.
    pub ct_slices: usize,
    /// Rows and columns of the first CT.
    pub ct_side_px: usize,
    /// Slices of the CT with the sharp kernel.
    pub sharp_ct_slices: usize,
    /// Rows and columns of that CT.
    pub sharp_ct_side_px: usize,
    /// Slices of the MR.
    pub mr_slices: usize,
    /// Rows and columns of the MR.
    pub mr_side_px: usize,
    /// Rows and columns of the radiograph.
    pub cr_side_px: usize,
    /// Columns and rows of the ultrasound loop.
    pub us_size_px: [usize; 2],
    /// Frames of the ultrasound loop.
    pub us_frames: usize,
    /// Rows and columns of the enhanced MR.
    pub multi_frame_side_px: usize,
    /// Frames of the enhanced MR.
    pub multi_frame_frames: usize,
}

impl Scale {
    /// As a real exam: 300 + 60 CT slices of 512², 24 MR slices of 256², CR of 2048², 30 frames of
    /// 640×480, 12 frames of 256²; about 190 MB.
    #[must_use]
    pub const fn demo() -> Self {
        Self {
            ct_slices: 300,
            ct_side_px: 512,
            sharp_ct_slices: 60,
            sharp_ct_side_px: 512,
            mr_slices: 24,
            mr_side_px: 256,
            cr_side_px: 2048,
            us_size_px: [640, 480],
            us_frames: 30,
            multi_frame_side_px: 256,
            multi_frame_frames: 12,
        }
    }

    /// The same images, fewer of the long series: for tests of the viewer, which load all of them each time.
    #[must_use]
    pub const fn short() -> Self {
        Self { ct_slices: 60, sharp_ct_slices: 30, ..Self::demo() }
    }

    /// The same series, few and small images: for tests.
    #[must_use]
    pub const fn tiny() -> Self {
        Self {
            ct_slices: 7,
            ct_side_px: 64,
            sharp_ct_slices: 4,
            sharp_ct_side_px: 64,
            mr_slices: 5,
            mr_side_px: 64,
            cr_side_px: 128,
            us_size_px: [128, 96],
            us_frames: 4,
            multi_frame_side_px: 64,
            multi_frame_frames: 5,
        }
    }
}
