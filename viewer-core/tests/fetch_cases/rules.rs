//! What holds at every moment, whatever happens.

use viewer_core::fetch::{Action, Connection, FetchKind, FrameKey, FrameStatus, Policy, Screen};

use super::world::World;

impl<P: Policy> World<P> {
    /// After every event.
    pub(crate) fn check(&self) {
        let most_body = self.settings.body_bytes * 3 / 2 + 1;
        self.page.check_limits(most_body);
        assert_eq!(self.page.decoded.values().sum::<u64>(), self.scheduler.decoded_bytes());
        assert_eq!(self.page.encoded.values().sum::<u64>(), self.scheduler.encoded_bytes());
        for &key in &self.page.wanted {
            self.check_is_served(key);
        }
    }

    /// A frame on the screen is held, failed, or under way; or waits for others on the screen alone.
    fn check_is_served(&self, key: FrameKey) {
        match self.scheduler.status(key) {
            Some(FrameStatus::Ready) => assert!(self.page.decoded.contains_key(&key)),
            Some(FrameStatus::Loading | FrameStatus::Fetched) => self.check_is_loading(key),
            Some(FrameStatus::Missing) if self.scheduler.connection() == Connection::Up => {
                let all_wanted = self.page.requests.values().all(|key| self.is_wanted(*key));
                let full = self.page.requests.len() == self.page.limits.fetches && all_wanted;
                let backs_off = self.page.unavailable.contains(&key);
                assert!(full || backs_off, "{key:?} starves");
            }
            _ => {}
        }
    }

    /// A frame that is here goes to the next worker.
    fn check_is_loading(&self, key: FrameKey) {
        let under_way = self.page.requests.values().chain(self.page.decoding.values());
        if under_way.clone().any(|other| *other == key) {
            return;
        }
        assert!(self.page.encoded.contains_key(&key), "{key:?} is nowhere");
        assert_eq!(self.page.decoding.len(), self.page.limits.decodes, "{key:?} waits in vain");
    }

    /// Nothing else is asked for while a frame on the screen is on its way, and before the next
    /// neighbours of what is on the screen.
    pub(crate) fn check_start(&self, action: &Action) {
        let &Action::StartFetch { key, kind, .. } = action else { return };
        if P::SCREEN == Screen::Beside || self.scheduler.connection() != Connection::Up {
            return;
        }
        assert_eq!(kind == FetchKind::Interaction, self.is_wanted(key), "{key:?} as {kind:?}");
        if self.is_wanted(key) {
            return;
        }
        let is_coming = |wanted: &FrameKey| self.page.requests.values().any(|key| key == wanted);
        let is_alone = P::SCREEN == Screen::Alone || self.record.bodies == 0;
        let awaits_screen = self.page.wanted.iter().any(is_coming);
        assert!(!(is_alone && awaits_screen), "{key:?} beside the screen");
        let wanted = &self.page.wanted;
        let is_near = |image: u32| {
            wanted.iter().any(|shown| shown.series == key.series && shown.image.abs_diff(image) < 5)
        };
        if is_near(key.image) {
            return;
        }
        let is_left_out = |near: &FrameKey| {
            self.scheduler.status(*near) == Some(FrameStatus::Missing)
                && !self.page.unavailable.contains(near)
        };
        for shown in wanted {
            for image in shown.image.saturating_sub(2)..=shown.image + 2 {
                let near = FrameKey { image, ..*shown };
                assert!(!is_left_out(&near), "{key:?} before {near:?}");
            }
        }
    }

    fn is_wanted(&self, key: FrameKey) -> bool {
        self.page.wanted.contains(&key)
    }
}
