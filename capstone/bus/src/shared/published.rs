//! [`Published`]: how many messages were published.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;

use crate::base::counter::Counter;
use crate::base::lock::lock;
use crate::base::sync::Mutex;

/// By everybody. Each [`Publisher`](crate::Publisher) counts for itself, so that several do not write one line.
#[derive(Debug, Default)]
pub(crate) struct Published {
    others: Counter,
    tallies: Arc<Mutex<Tallies>>,
}

#[derive(Debug, Default)]
struct Tallies {
    /// Of publishers that are gone.
    past: u64,
    /// By the numbers of their tallies.
    live: BTreeMap<u64, Arc<Count>>,
    last: u64,
}

#[derive(Debug, Default)]
#[repr(align(64))]
struct Count(AtomicU64);

impl Published {
    /// By somebody who does not count for itself.
    pub(crate) fn add(&self, messages: usize) {
        self.others.add(messages);
    }

    pub(crate) fn get(&self) -> u64 {
        let tallies = lock(&self.tallies);
        let live = tallies.live.values().map(|count| count.0.load(Relaxed)).sum::<u64>();
        self.others.get() + tallies.past + live
    }

    /// For one more publisher.
    pub(crate) fn tally(&self) -> Tally {
        let (count, mut all) = (Arc::default(), lock(&self.tallies));
        all.last += 1;
        let number = all.last;
        all.live.insert(number, Arc::clone(&count));
        Tally { number, count, all: Arc::clone(&self.tallies) }
    }
}

/// What one publisher has published. It alone writes it, so that it needs no exchange.
#[derive(Debug)]
pub(crate) struct Tally {
    number: u64,
    count: Arc<Count>,
    all: Arc<Mutex<Tallies>>,
}

impl Tally {
    #[inline(always)]
    pub(crate) fn count(&self) -> u64 {
        self.count.0.load(Relaxed)
    }

    #[inline(always)]
    pub(crate) fn add_one(&mut self) {
        self.add(1);
    }

    #[inline(always)]
    pub(crate) fn add(&mut self, messages: usize) {
        self.count.0.store(self.count() + messages as u64, Relaxed);
    }
}

impl Drop for Tally {
    fn drop(&mut self) {
        let mut all = lock(&self.all);
        all.past += self.count();
        all.live.remove(&self.number);
    }
}
