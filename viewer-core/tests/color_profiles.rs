//! ICC profiles against Little CMS, and how images state them.
#![cfg(feature = "dicom")]
#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

#[path = "dicom_cases/bytes.rs"]
#[expect(dead_code, reason = "other tests use all of it")]
mod bytes;
mod icc_cases {
    mod conversion;
    mod delta_e;
    mod images;
}
