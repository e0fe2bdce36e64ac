//! What a pane shows and how: five types that never mix (design: change only by commands).
//!
//! | type | answers | lives |
//! |---|---|---|
//! | [`ViewReference`] | *where*: series, image, frame. Nothing about looks | saved |
//! | [`ViewPresentation`] | *how it lies on the screen*: zoom, centre, turns, flip | saved |
//! | [`DataPresentation`] | *how values become grey*: VOI choice, invert, interpolation | saved |
//! | [`ViewState`] | the three above: the truth of one pane | saved |
//! | [`ResolvedView`] | affine maps and scales for one canvas size | computed, never saved |

mod data;
mod frame_display;
mod geometry;
mod lens;
mod presentation;
mod presets;
mod reference;
mod resolved;
mod softcopy;
mod softcopy_values;
mod state;
mod voi;

pub use data::{DataPresentation, UserWindow, VoiChoice};
pub use frame_display::{
    DisplayError, FrameDisplay, frame_attributes, frame_display, output, supplemental_palette,
};
pub use geometry::ImageGeometry;
pub use lens::Lens;
pub use presentation::{FlipAxis, ViewPresentation, Zoom};
pub use presets::{WindowPreset, presets};
pub use reference::{Stack, ViewReference};
pub use resolved::{ResolvedView, VisibleSpacing, resolve};
pub use softcopy::{Look, SavedPresentation, looks};
pub use state::ViewState;
pub use voi::{VoiSource, resolve_voi, voi_choices};
