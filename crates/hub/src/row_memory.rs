//! Bounds the memory of decoded rows, over all integrations of this hub.
//!
//! Encoded, a day of a large site is a few megabytes; decoded, with what is derived from it, it is fifty and more. Links
//! finish attempts at the same time, so without a bound the peak would be a matter of chance. Whoever decodes rows
//! therefore takes places first, about as many as there are parts ([`ROWS_PER_PLACE`]), and waits while there are none, in
//! the order of asking. Work that needs more places than there are takes all of them and runs alone.
//!
//! Places are given back when the work ends, also where nobody waits for it any more.

use std::sync::Arc;
use tokio::sync::Semaphore;
use tokio::task::JoinError;

/// Places of one hub.
const PLACES: u32 = 4;
/// Rows that one place stands for: those of one part where rows are not wide.
pub const ROWS_PER_PLACE: u64 = 20_000;

/// The places; cloning shares them.
#[derive(Clone, Debug)]
pub struct RowMemory(Arc<Semaphore>);

impl Default for RowMemory {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(PLACES as usize)))
    }
}

impl RowMemory {
    /// Does work on so many decoded rows off the async runtime, when there is room for them.
    ///
    /// # Errors
    /// When the work panics, or the runtime is ending.
    pub async fn run<T: Send + 'static>(
        &self,
        rows: u64,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, JoinError> {
        let wanted = u32::try_from(rows.div_ceil(ROWS_PER_PLACE)).unwrap_or(PLACES);
        let wanted = wanted.clamp(1, PLACES);
        // Never closed.
        let place = self.0.clone().acquire_many_owned(wanted).await.ok();
        tokio::task::spawn_blocking(move || {
            let result = work();
            drop(place);
            result
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU64, Ordering};

    #[tokio::test]
    async fn large_work_runs_alone_and_small_work_together() {
        let memory = RowMemory::default();
        let (held, most) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
        let sizes = [1, 5_000, 200_000, 20_001, 40_000, 0, 70_000, 20_000];
        let all = sizes.map(|rows: u64| {
            let (held, most) = (held.clone(), most.clone());
            let places = rows.div_ceil(ROWS_PER_PLACE).clamp(1, u64::from(PLACES));
            memory.run(rows, move || {
                let now = held.fetch_add(places, Ordering::SeqCst) + places;
                most.fetch_max(now, Ordering::SeqCst);
                std::thread::yield_now();
                held.fetch_sub(places, Ordering::SeqCst);
                rows
            })
        });
        let done = futures::future::join_all(all).await;
        let done: Vec<u64> = done.into_iter().map(Result::unwrap).collect();
        assert_eq!(done, sizes);
        assert!(most.load(Ordering::SeqCst) <= u64::from(PLACES));
    }

    #[tokio::test]
    async fn work_that_panics_gives_its_places_back() {
        let memory = RowMemory::default();
        let failed = memory.run(1_000_000, || panic!("on purpose")).await;
        assert!(failed.unwrap_err().is_panic());
        assert_eq!(memory.run(1_000_000, || 7).await.unwrap(), 7);
    }
}
