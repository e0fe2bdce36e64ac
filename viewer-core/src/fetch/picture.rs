//! Whether what is on the screen has been drawn: drawing comes before work ahead.

use super::slots::{Slot, State};
use super::{PictureFirst, Policy, Scheduler, Screen};

/// A page that does not say that it has drawn is not waited for longer (it may be hidden), ms.
const LONGEST_WAIT_MS: f64 = 500.0;

/// The picture of what is on the screen.
#[derive(Clone, Debug, Default)]
pub(super) struct Picture {
    /// It is drawn, or was waited for long enough.
    pub(super) is_drawn: bool,
    /// There was one before.
    pub(super) is_later: bool,
    /// It can be drawn, and is waited for until then.
    pub(super) until_ms: Option<f64>,
}

impl<P: Policy> Scheduler<P> {
    /// Whether a frame on the screen is still to come over the network.
    pub(super) fn awaits_screen(&self) -> bool {
        // Videos are read by their worker.
        self.on_screen(|slot| {
            !slot.is_video && matches!(slot.state, State::Missing | State::Fetching)
        })
    }

    /// Whether a frame on the screen is to come before anything else is asked for.
    pub(super) fn screen_is_alone(&self) -> bool {
        match P::SCREEN {
            Screen::Beside => false,
            Screen::Measured if self.is_step && !self.pace.is_narrow() => false,
            Screen::Alone | Screen::Measured => self.awaits_screen(),
        }
    }

    /// Whether all that can be drawn is here.
    fn can_be_drawn(&self) -> bool {
        let is_settled = |slot: &Slot| matches!(slot.state, State::Ready { .. } | State::Failed(_));
        self.need.shown > 0 && !self.on_screen(|slot| !is_settled(slot))
    }

    fn on_screen(&self, is: impl Fn(&Slot) -> bool) -> bool {
        self.need.order.iter().take(self.need.shown).any(|&index| is(&self.slots.slots[index]))
    }

    /// The page has drawn what is here.
    pub(super) fn drawn(&mut self) {
        self.picture.is_later |= self.on_screen(|slot| matches!(slot.state, State::Ready { .. }));
        self.picture.is_drawn |= self.can_be_drawn();
    }

    /// Begins and ends the wait for the picture.
    pub(super) fn watch_picture(&mut self, now_ms: f64) {
        if !self.can_be_drawn() {
            self.picture.until_ms = None;
            return;
        }
        let until_ms = *self.picture.until_ms.get_or_insert(now_ms + LONGEST_WAIT_MS);
        self.picture.is_drawn |= now_ms >= until_ms;
    }

    /// When the wait for the picture ends, where one is waited for.
    pub(super) fn picture_due_ms(&self) -> Option<f64> {
        let is_waited_for = match P::PICTURE_FIRST {
            PictureFirst::Never => false,
            PictureFirst::First => !self.picture.is_later,
            PictureFirst::Every => true,
        };
        self.picture.until_ms.filter(|_| is_waited_for && !self.picture.is_drawn)
    }
}
