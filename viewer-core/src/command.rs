//! The one vocabulary of change: tools and controls emit [`Command`]s, [`crate::session::Session`]
//! applies them. Panes count from 0, left to right, then top to bottom.

mod layout;

use serde::{Deserialize, Serialize};

pub use layout::{Layout, LayoutError};

use crate::display::{ColourMap, Interpolation};
use crate::viewport::{FlipAxis, ViewReference, VoiChoice, Zoom};

/// What the left mouse button (or one finger after a long press) does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tool {
    /// Moves through the images of the series.
    #[default]
    Scroll,
    /// Changes the grey scale window.
    Window,
    /// Moves the image.
    Pan,
    /// Enlarges the image around the point where the drag began.
    Zoom,
    /// Draws annotations; what a drag does then is not known here.
    Measure,
}

impl Tool {
    /// Every tool, in the order of the toolbar.
    pub const ALL: [Self; 5] = [Self::Window, Self::Pan, Self::Zoom, Self::Scroll, Self::Measure];
}

/// Which way a cine loop runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CineDirection {
    /// Towards the last frame.
    #[default]
    Forward,
    /// Towards the first frame.
    Backward,
}

/// What a cine loop does at its end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CineWrap {
    /// Goes on at the other end.
    #[default]
    Loop,
    /// Turns round.
    Swing,
    /// Stops.
    Once,
}

/// A way of comparing panes, on or off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparing {
    /// Panes scroll, zoom and change their grey scale together.
    Linked,
    /// Where the slice of the active pane cuts those of the others.
    Lines,
    /// A point of one pane, shown in the others.
    Cursor,
    /// Another window that follows this one.
    Window,
    /// Another exam of the link in panes of this page.
    Beside,
}

impl Comparing {
    /// Its name for the script that compares.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Linked => "linked",
            Self::Lines => "lines",
            Self::Cursor => "cursor",
            Self::Window => "window",
            Self::Beside => "beside",
        }
    }
}

/// One change. Where a pane is named that the layout does not have, nothing happens.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Command {
    /// Another arrangement of panes; panes that stay keep what they show.
    SetLayout(Layout),
    /// Makes a pane the active one.
    Activate {
        /// Which pane.
        pane: usize,
    },
    /// Shows one pane alone, or all again.
    ToggleMaximise {
        /// Which pane.
        pane: usize,
    },
    /// Esc: ends the gesture under way, else un-maximises, else stops the cine loops.
    Leave,
    /// The canvas of a pane has another size (device pixels). Not undoable.
    ResizeCanvas {
        /// Which pane.
        pane: usize,
        /// Width and height in device pixels.
        size_px: [u32; 2],
    },
    /// Puts a series into a pane, at its first frame, looks reset.
    ShowSeries {
        /// Which pane.
        pane: usize,
        /// Index into the exam's series.
        series: u32,
    },
    /// The next series with images, `by` times, or the one before where it is negative; the last, or the first,
    /// is the end.
    StepSeries {
        /// Which pane.
        pane: usize,
        /// How many series.
        by: i32,
    },
    /// Shows one frame; looks stay when it is of the series already shown.
    Show {
        /// Which pane.
        pane: usize,
        /// Where.
        reference: ViewReference,
    },
    /// Moves by so many frames; stops at both ends.
    ScrollBy {
        /// Which pane.
        pane: usize,
        /// Positive towards the last frame.
        frames: i32,
    },
    /// Moves to a position of the stack; past the end counts as the end.
    ScrollTo {
        /// Which pane.
        pane: usize,
        /// From 0.
        position: u32,
    },
    /// Moves the image.
    Pan {
        /// Which pane.
        pane: usize,
        /// Canvas pixels to the right and down.
        delta_px: [f64; 2],
    },
    /// Enlarges the image around a point of the canvas.
    ZoomAt {
        /// Which pane.
        pane: usize,
        /// Above 1 enlarges.
        factor: f64,
        /// Canvas point that stays.
        at_px: [f64; 2],
    },
    /// Fit, 1:1 or a factor; fit also puts the image into the middle.
    SetZoom {
        /// Which pane.
        pane: usize,
        /// How large.
        zoom: Zoom,
    },
    /// Turns clockwise.
    Turn {
        /// Which pane.
        pane: usize,
        /// Negative turns the other way.
        quarter_turns: i32,
    },
    /// Mirrors what is seen.
    Flip {
        /// Which pane.
        pane: usize,
        /// Along which direction of the screen.
        axis: FlipAxis,
    },
    /// Chooses the VOI step.
    SetVoi {
        /// Which pane.
        pane: usize,
        /// Which one.
        voi: VoiChoice,
    },
    /// Chooses the `n`-th preset of the modality, or of the file's windows where it has none; from 1.
    /// 0 is the default of the file.
    PickVoi {
        /// Which pane.
        pane: usize,
        /// Digit.
        number: u8,
    },
    /// Black becomes white.
    ToggleInvert {
        /// Which pane.
        pane: usize,
    },
    /// Overlays off the image, or on again.
    ToggleOverlays {
        /// Which pane.
        pane: usize,
    },
    /// The whole image, without its shutter, or with it again.
    ToggleShutter {
        /// Which pane.
        pane: usize,
    },
    /// How values between pixels are found.
    SetInterpolation {
        /// Which pane.
        pane: usize,
        /// Which rule.
        interpolation: Interpolation,
    },
    /// Colours that greys are shown in.
    SetColours {
        /// Which pane.
        pane: usize,
        /// Which ones.
        colours: ColourMap,
    },
    /// Looks as when the series was opened; the position stays.
    Reset {
        /// Which pane.
        pane: usize,
    },
    /// What the left button does.
    SelectTool(Tool),
    /// Starts or stops the cine loop.
    PlayCine {
        /// Which pane.
        pane: usize,
        /// Whether it runs.
        playing: bool,
    },
    /// Starts the cine loop when it stands, stops it when it runs.
    ToggleCine {
        /// Which pane.
        pane: usize,
    },
    /// Frames per second, 0.5 … 120; `None` goes back to what the file recommends.
    SetCineRate {
        /// Which pane.
        pane: usize,
        /// Frames per second.
        frames_per_second: Option<f64>,
    },
    /// Direction and end of the cine loop.
    SetCineCourse {
        /// Which pane.
        pane: usize,
        /// Which way.
        direction: CineDirection,
        /// What happens at the end.
        wrap: CineWrap,
    },
    /// Everything up to [`Command::EndGesture`] is one step of undo.
    BeginGesture,
    /// Ends the gesture and keeps its result.
    EndGesture,
    /// Ends the gesture and goes back to where it began.
    CancelGesture,
    /// Takes the last step back.
    Undo,
    /// Does it again.
    Redo,
    /// Opens help: commands, keys, settings (the page's business; the session ignores it).
    ToggleHelp,
    /// How panes are compared (the page's business too).
    Compare(Comparing),
    /// Opens a panel or tool that is a script of its own, by its name (the page's business too).
    Panel(&'static str),
}
