//! How often one address may try: a fixed window per neighbourhood, in memory, bounded.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, PoisonError},
};

/// The most neighbourhoods counted at the same time.
const MAX_COUNTED: usize = 50_000;

/// Counts events per neighbourhood ([`crate::client::Client::neighbourhood`]).
pub struct AddressLimit {
    most: u32,
    window_seconds: i64,
    counts: Mutex<HashMap<IpAddr, Count>>,
}

#[derive(Clone, Copy)]
struct Count {
    since: i64,
    events: u32,
}

impl AddressLimit {
    /// At most `most` events in `window_seconds`.
    #[must_use]
    pub fn new(most: u32, window_seconds: i64) -> Self {
        Self { most, window_seconds, counts: Mutex::default() }
    }

    /// Counts an event; when it is one too many, the seconds to wait.
    ///
    /// # Errors
    /// The seconds until the window ends.
    pub fn count(&self, neighbourhood: IpAddr, now: i64) -> Result<(), i64> {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.len() >= MAX_COUNTED && !counts.contains_key(&neighbourhood) {
            self.make_room(&mut counts, now);
        }
        let count = counts.entry(neighbourhood).or_insert(Count { since: now, events: 0 });
        if now - count.since >= self.window_seconds {
            *count = Count { since: now, events: 0 };
        }
        if count.events >= self.most {
            return Err(count.since + self.window_seconds - now);
        }
        count.events += 1;
        Ok(())
    }

    /// Takes an event back: it turned out well.
    pub fn forgive(&self, neighbourhood: IpAddr) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&neighbourhood) {
            count.events = count.events.saturating_sub(1);
        }
    }

    /// Drops windows that ended; if that is none, the whole count: an attacker with that many
    /// addresses is not held by this limit anyway, the ones per exam and per code still hold.
    fn make_room(&self, counts: &mut HashMap<IpAddr, Count>, now: i64) {
        counts.retain(|_, count| now - count.since < self.window_seconds);
        if counts.len() >= MAX_COUNTED {
            counts.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));
    const THERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 2));

    #[test]
    fn a_window_holds_so_many_and_then_opens_again() {
        let limit = AddressLimit::new(2, 60);
        assert_eq!(limit.count(HERE, 100), Ok(()));
        assert_eq!(limit.count(HERE, 130), Ok(()));
        assert_eq!(limit.count(HERE, 140), Err(20));
        assert_eq!(limit.count(THERE, 140), Ok(()));
        assert_eq!(limit.count(HERE, 160), Ok(()));
        limit.forgive(HERE);
        assert_eq!(limit.count(HERE, 161), Ok(()));
        assert_eq!(limit.count(HERE, 162), Ok(()));
        assert_eq!(limit.count(HERE, 163), Err(57));
    }

    #[test]
    fn memory_is_bounded() {
        let limit = AddressLimit::new(1, 60);
        for number in 0..u32::try_from(MAX_COUNTED).unwrap() + 10 {
            assert_eq!(limit.count(IpAddr::V4(number.into()), 100), Ok(()));
        }
        assert!(limit.counts.lock().unwrap().len() <= MAX_COUNTED);
    }
}
