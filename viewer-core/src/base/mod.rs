//! Limits, checked reading and other things every module may use.

mod between;
mod distinct;
pub mod limits;
pub mod multipart;

pub use between::between;
pub use distinct::index_of;

/// What frames are labelled with that our server encoded for our page: native ones as JPEG-LS without loss, signed
/// samples plus half of their range. No transfer syntax of the standard; the UID is of a UUID (PS3.5 B.2).
pub const COMPACT_UID: &str = "2.25.84511234740060928106346152778788327402";

/// The same of native frames that our server packed ([`crate::pixel::packed`]), for fast networks.
pub const PACKED_UID: &str = "2.25.147690645955448580874096138075692849483";
