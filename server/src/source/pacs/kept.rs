//! What the PACS told, kept in memory for a while and within a budget: asked for once, however many want it.

use std::hash::Hash;
use std::time::{Duration, Instant};

use quick_cache::sync::{Cache, DefaultLifecycle};
use quick_cache::{DefaultHashBuilder, OptionsBuilder, Weighter};

use crate::source::SourceError;

/// No single value takes more of the budget than this part of it: the largest exam is kept as well, so that not
/// every frame of it asks for its metadata again.
const LARGEST_PART: u64 = 4;

/// Values by key.
pub(super) struct Kept<K, V> {
    lifetime: Duration,
    cache: Cache<K, Entry<V>, ByBytes>,
}

#[derive(Clone)]
struct Entry<V> {
    made: Instant,
    bytes: u64,
    value: V,
}

#[derive(Clone)]
struct ByBytes {
    most: u64,
}

impl<K, V> Weighter<K, Entry<V>> for ByBytes {
    fn weight(&self, _key: &K, entry: &Entry<V>) -> u64 {
        entry.bytes.min(self.most).max(1)
    }
}

impl<K: Clone + Eq + Hash, V: Clone> Kept<K, V> {
    /// Of at most `budget` bytes, each value for at most `lifetime`.
    pub(super) fn new(budget: u64, lifetime: Duration) -> Self {
        const EXPECTED: usize = 1024;
        let mut options = OptionsBuilder::new();
        // One shard: its part of the budget is the whole.
        options.shards(1).estimated_items_capacity(EXPECTED).weight_capacity(budget);
        let most = (budget / LARGEST_PART).max(1);
        let (weighter, hasher) = (ByBytes { most }, DefaultHashBuilder::default());
        let cache = match options.build() {
            Ok(options) => {
                Cache::with_options(options, weighter, hasher, DefaultLifecycle::default())
            }
            Err(_incomplete) => {
                Cache::with(EXPECTED, budget, weighter, hasher, DefaultLifecycle::default())
            }
        };
        Self { lifetime, cache }
    }

    /// The value that is there and not too old; else `make` brings it, with the bytes it takes, once for all who ask.
    pub(super) async fn get(
        &self,
        key: &K,
        make: impl Future<Output = Result<(V, u64), SourceError>>,
    ) -> Result<V, SourceError> {
        self.cache.remove_if(key, |entry| entry.made.elapsed() > self.lifetime);
        let made = self.cache.get_or_insert_async(key, async {
            let (value, bytes) = make.await?;
            Ok(Entry { made: Instant::now(), bytes, value })
        });
        made.await.map(|entry| entry.value)
    }

    /// The value that is there, if it is not too old.
    pub(super) fn fresh(&self, key: &K) -> Option<V> {
        let entry = self.cache.get(key)?;
        (entry.made.elapsed() <= self.lifetime).then_some(entry.value)
    }

    /// The value that is there, however old.
    pub(super) fn at_hand(&self, key: &K) -> Option<V> {
        self.cache.get(key).map(|entry| entry.value)
    }

    /// Frees the memory of what is too old.
    pub(super) fn drop_old(&self) {
        self.cache.retain(|_, entry| entry.made.elapsed() <= self.lifetime);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[tokio::test]
    async fn many_ask_and_one_is_answered_for_all() {
        let kept = Kept::<u32, u32>::new(100, Duration::from_secs(60));
        let made = AtomicUsize::new(0);
        let ask = || {
            kept.get(&1, async {
                made.fetch_add(1, Ordering::Relaxed);
                tokio::task::yield_now().await;
                Ok((7, 10))
            })
        };
        let (one, two, three) = tokio::join!(ask(), ask(), ask());
        assert_eq!([one.unwrap(), two.unwrap(), three.unwrap()], [7; 3]);
        assert_eq!(made.load(Ordering::Relaxed), 1);
    }

    #[tokio::test]
    async fn who_stops_waiting_leaves_it_to_the_others() {
        let kept = Kept::<u32, u32>::new(100, Duration::from_secs(60));
        let never = kept.get(&1, std::future::pending());
        assert!(tokio::time::timeout(Duration::from_millis(5), never).await.is_err());
        assert_eq!(kept.get(&1, async { Ok((7, 10)) }).await.unwrap(), 7);
    }

    #[tokio::test]
    async fn nothing_is_kept_beyond_the_budget_or_its_time() {
        let kept = Kept::<u32, u32>::new(100, Duration::from_millis(20));
        for number in 0..50 {
            kept.get(&number, async { Ok((number, 20)) }).await.unwrap();
        }
        assert!((1..=5).contains(&kept.cache.len()), "{}", kept.cache.len());
        assert!(kept.cache.weight() <= 100);
        tokio::time::sleep(Duration::from_millis(30)).await;
        assert_eq!((0..50).find_map(|number| kept.fresh(&number)), None);
        kept.drop_old();
        assert_eq!(kept.cache.len(), 0);
    }

    #[tokio::test]
    async fn what_is_larger_than_the_budget_is_kept_too() {
        let kept = Kept::<u32, u32>::new(100, Duration::from_secs(60));
        kept.get(&1, async { Ok((7, 5000)) }).await.unwrap();
        assert_eq!(kept.at_hand(&1), Some(7));
    }
}
