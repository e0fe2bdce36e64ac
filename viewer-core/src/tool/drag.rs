//! What a drag of each tool does.

use super::ToolContext;
use crate::base::between;
use crate::command::{Command, Tool};
use crate::exam::VoiFunction;
use crate::viewport::{UserWindow, VoiChoice};

/// Most CSS pixels of drag for one image; long stacks take the height of the canvas for all of it.
const MOST_CSS_PX_PER_FRAME: f64 = 24.0;
/// CSS pixels of drag that change the width of the window by a factor e.
const CSS_PX_PER_WIDTH_E: f64 = 250.0;
/// CSS pixels of drag that move the centre by one window width.
const CSS_PX_PER_WIDTH: f64 = 300.0;
/// CSS pixels of drag that enlarge by a factor e.
const CSS_PX_PER_ZOOM_E: f64 = 150.0;
/// Narrowest window that a drag makes where the function allows less than 1.
const NARROWEST: f64 = 1e-6;

/// A drag under way: where it began and what was there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Drag {
    tool: Tool,
    start_px: [f64; 2],
    last_px: [f64; 2],
    start_position: Option<u32>,
    start_window: Option<UserWindow>,
}

impl Drag {
    pub(super) fn new(tool: Tool, at_px: [f64; 2], context: &ToolContext) -> Self {
        Self {
            tool,
            start_px: at_px,
            last_px: at_px,
            start_position: context.position,
            start_window: context.window,
        }
    }

    /// The pointer is at `at_px` now.
    pub(super) fn moved(&mut self, at_px: [f64; 2], context: &ToolContext) -> Option<Command> {
        let step_px = [at_px[0] - self.last_px[0], at_px[1] - self.last_px[1]];
        let total_px = [at_px[0] - self.start_px[0], at_px[1] - self.start_px[1]];
        self.last_px = at_px;
        let pane = context.pane;
        match self.tool {
            Tool::Scroll => scroll(self.start_position?, total_px[1], context),
            Tool::Window => window(self.start_window?, total_px.map(|px| context.css_px(px)))
                .map(|voi| Command::SetVoi { pane, voi }),
            Tool::Pan => Some(Command::Pan { pane, delta_px: step_px }),
            Tool::Zoom => {
                let factor = (-context.css_px(step_px[1]) / CSS_PX_PER_ZOOM_E).exp();
                Some(Command::ZoomAt { pane, factor, at_px: self.start_px })
            }
            Tool::Measure => None,
        }
    }
}

/// The height of the canvas is the whole stack; down is towards the last image. Counted from where the
/// drag began, so that going back comes back to the same image.
fn scroll(start: u32, total_y_px: f64, context: &ToolContext) -> Option<Command> {
    let last = context.stack_length.checked_sub(1)?;
    let height = context.css_px(f64::from(context.canvas_size_px[1])).max(1.0);
    let px_per_frame = (height / f64::from(context.stack_length)).min(MOST_CSS_PX_PER_FRAME);
    let frames = (context.css_px(total_y_px) / px_per_frame).trunc();
    let target = between(f64::from(start) + frames, 0.0, f64::from(last));
    // In 0 ..= last, hence exact.
    let position = target as u32;
    (context.position != Some(position))
        .then_some(Command::ScrollTo { pane: context.pane, position })
}

/// Speed follows the width at the start: a narrow window is moved finely, a wide one fast.
fn window(start: UserWindow, [right, down]: [f64; 2]) -> Option<VoiChoice> {
    let narrowest = if start.function == VoiFunction::Linear { 1.0 } else { NARROWEST };
    let width = (start.width * (right / CSS_PX_PER_WIDTH_E).exp()).max(narrowest);
    let center = start.center + start.width * down / CSS_PX_PER_WIDTH;
    let changed = UserWindow { center, width, function: start.function };
    (center.is_finite() && width.is_finite()).then_some(VoiChoice::User(changed))
}
