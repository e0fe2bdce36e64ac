//! The screen: which frames are in the picture, and when it is drawn.

use viewer_core::fetch::FrameKey;

#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Pane {
    pub(crate) wanted: FrameKey,
    /// On the screen.
    pub(crate) seen: Option<FrameKey>,
}

#[derive(Debug, Default)]
pub(crate) struct Picture {
    pub(crate) panes: Vec<Pane>,
    /// Since when the page has to draw.
    pub(crate) asked_ms: Option<f64>,
    /// What the GPU process is drawing.
    pub(crate) presenting: Vec<Option<FrameKey>>,
    /// Something else was wanted since the page has drawn.
    pub(crate) is_outdated: bool,
}

impl Picture {
    pub(crate) fn show(&mut self, wanted: &[FrameKey], now_ms: f64) {
        let seen = |nth: usize| self.panes.get(nth).and_then(|pane: &Pane| pane.seen);
        let panes =
            wanted.iter().enumerate().map(|(nth, &wanted)| Pane { wanted, seen: seen(nth) });
        self.panes = panes.collect();
        self.is_outdated = true;
        self.ask(now_ms);
    }

    pub(crate) fn ask(&mut self, now_ms: f64) {
        self.asked_ms.get_or_insert(now_ms);
    }

    /// The page draws what it holds: the wanted frame, or the one before until it is here.
    pub(crate) fn draw(&mut self, holds: impl Fn(FrameKey) -> bool) {
        let shown = |pane: &Pane| if holds(pane.wanted) { Some(pane.wanted) } else { pane.seen };
        self.presenting = self.panes.iter().map(shown).collect();
        self.is_outdated = false;
    }

    pub(crate) fn presented(&mut self) {
        for (pane, &seen) in self.panes.iter_mut().zip(&self.presenting) {
            pane.seen = seen;
        }
    }
}
