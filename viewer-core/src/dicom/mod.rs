//! DICOM files and metadata → [`crate::exam`]: the only place that knows dicom-rs types.
//!
//! Reading is our own, value by value, into dicom-rs objects: a server indexes whatever is in a
//! folder, and needs where each frame lies. dicom-rs's reader recurses as deep as the file nests,
//! allocates what a length field says, gives up an object for one bad element, and knows only one
//! character set per object. One file per module of PS3.3:
//!
//! | file | what |
//! |---|---|
//! | `file`, `parse`, `skip`, `source`, `encoding`, `value` | bytes → attributes, bounded and tolerant |
//! | `charset`, `person_name`, `date_time`, `attributes`, `private` | values |
//! | `layout`, `fragments`, `encapsulation`, `frame` | where frames lie, and their bytes |
//! | `image_pixel`, `spacing`, `lossy`, `image_plane`, `modality_lut`, `voi_lut`, `lookup_table`, `palette`, `palette_segments`, `padding`, `display`, `icc`, `overlay`, `overlay_runs`, `shutter`, `cover`, `frame_order`, `cine`, `us_regions`, `patient_study`, `functional_groups`, `stack`, `pet`, `quantity` | modules |
//! | `document`, `key_images`, `structured_report`, `presentation_state`, `presentation_values`, `presentation_graphics` | objects without pictures |
//! | `attribute_rows`, `confidentiality` | every attribute for people to read; what of it says who somebody is (PS3.15 E) |
//! | `instance`, `json`, `index`, `presence` | put together |

mod attribute_rows;
mod attributes;
mod charset;
mod cine;
pub mod confidentiality;
mod cover;
mod date_time;
mod display;
mod document;
mod encapsulation;
mod encoding;
mod file;
mod fragments;
mod frame;
mod frame_order;
mod functional_groups;
mod icc;
mod image_pixel;
mod image_plane;
mod index;
mod instance;
mod json;
mod key_images;
mod layout;
mod lookup_table;
mod lossy;
mod modality_lut;
mod overlay;
mod overlay_runs;
mod padding;
mod palette;
mod palette_segments;
mod parse;
mod patient_study;
mod person_name;
mod pet;
mod presence;
mod presentation_graphics;
mod presentation_state;
mod presentation_values;
mod private;
mod quantity;
mod shutter;
mod skip;
mod source;
mod spacing;
mod stack;
mod structured_report;
mod technique;
mod us_regions;
mod value;
mod voi_lut;

pub use attribute_rows::{AttributeRow, attribute_rows};
pub use document::{document, is_pdf, pdf_start};
pub use encapsulation::{Encapsulation, FrameMap, encapsulation};
pub use file::{
    DataSetPlace, DicomFile, PixelDataElement, ReadError, is_deflated, read_part10,
    stated_transfer_syntax,
};
pub use frame::{FrameRanges, read_frame};
use image_pixel::frame_count;
pub use index::{IndexError, Indexed, image_of, index};
pub use instance::{InstanceError, sop_class_name};
pub use json::{JsonError, JsonInstance, from_json};
pub use key_images::key_images;
pub use layout::{
    ByteRange, FrameLayout, LayoutError, PixelDataLayout, layout_of, pixel_data_layout,
};
pub use parse::ParseError;
pub use presentation_state::presentation_state;
pub use structured_report::structured_report;

pub use crate::exam::Instance;
