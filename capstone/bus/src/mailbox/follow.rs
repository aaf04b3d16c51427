//! How a mailbox follows a log, and stops.

use std::sync::Arc;
use std::sync::atomic::Ordering::{Release, SeqCst};

use crate::Overflow;
use crate::base::sync::MutexGuard;
use crate::mailbox::log::{Evicted, First, Following, Log};
use crate::mailbox::mailbox::{After, Follow, Inside, Mailbox};
use crate::mailbox::node::Node;
use crate::mailbox::state::State;
use crate::mailbox::trail::Trail;

/// With a smaller capacity, following would end before it pays; a model could not fill a larger one.
const CAPACITY_MIN: usize = if cfg!(loom) { 2 } else { 16 };
/// Messages in a row from one log, after which it is worth following.
const STREAK: u32 = 4;

impl Mailbox {
    /// Whether it may ever follow: nobody else has a say in what comes next, and it wants all there is.
    pub(crate) fn may_follow(&self) -> bool {
        let one_by_one = self.group.is_some() || self.settings.keyed_by.is_some() || self.is_selective();
        !one_by_one && self.settings.capacity >= CAPACITY_MIN
    }

    pub(super) fn handed_out(&self) -> u64 {
        self.exit.handed_out.load(SeqCst)
    }

    /// Messages in the mailbox now, with so many that are published in a log and not yet accepted. A consumer may have handed
    /// out what does not yet count as published.
    pub(super) fn depth(&self, state: &mut State, ahead: u64) -> u64 {
        state.seen = self.handed_out();
        (state.accepted() + ahead).saturating_sub(state.seen)
    }

    /// Begins to follow a log from a position on, if it may now. The log's lock is held.
    pub(super) fn try_follow(
        &self,
        log: &Arc<Log>,
        index: usize,
        node: &Arc<Node>,
        at: u64,
        first: First,
    ) -> Option<Following> {
        let mut inside = self.lock();
        let inside = &mut *inside;
        let alone = first == First::Yes || inside.source == log.source() && inside.streak >= STREAK;
        let state = &mut inside.state;
        if !alone || inside.follow.is_some() || !state.is_open_to_all() {
            return None;
        }
        let (capacity, evicts) = (self.settings.capacity, self.settings.overflow == Overflow::DropOldest);
        if first == First::No && !evicts && self.room(state, capacity) < capacity / 4 {
            return None;
        }
        state.end_tail();
        let trail = Some(Trail::new(node, at, state.next_number()));
        let waker = if state.is_empty() { state.parked.take_only() } else { None };
        let offset = (capacity as u64).wrapping_add(at).wrapping_sub(state.accepted());
        inside.follow = Some(Box::new(Follow { log: Arc::clone(log), index, at, trail }));
        Some(Following { offset, evicts, waker })
    }

    /// Stops at a position: what lies in front of it counts as accepted from now on. The log's lock is held, so nothing
    /// behind it is published yet.
    pub(super) fn unfollow(&self, next: u64, evicted: &mut Evicted) {
        let mut inside = self.lock();
        inside.catch_up(next);
        let Some(follow) = inside.follow.take() else { return };
        if follow.trail.is_none() {
            // The consumer goes on up to here by itself.
            self.exit.until.store(next, Release);
        }
        inside.streak = 0;
        evict(&mut inside, self, 0, evicted);
        drop(inside);
        // Not the last one, because the caller has it.
        drop(follow);
    }

    /// Evicts what is too much when everything up to this position is published, and says up to which position there will
    /// be room. The log's lock is held.
    pub(super) fn evict_up_to(&self, next: u64, evicted: &mut Evicted) -> u64 {
        let mut inside = self.lock();
        let ahead = inside.follow.as_ref().map_or(0, |follow| next - follow.at);
        let depth = evict(&mut inside, self, ahead, evicted);
        next + self.settings.capacity as u64 - depth
    }

    /// Where the oldest is dropped: does it now, before somebody looks.
    pub(super) fn evict_published(&self, inside: &mut Inside, evicted: &mut Evicted) {
        if let Some(follow) = &inside.follow {
            let ahead = follow.ahead();
            evict(inside, self, ahead, evicted);
        }
    }

    /// Puts what is published into the ring, as far as there is room for it, for who takes no more than is handed out.
    pub(super) fn catch_up_published(&self, inside: &mut Inside, evicted: &mut Evicted) {
        if let Some(follow) = &inside.follow {
            let (published, at) = (follow.log.published(), follow.at);
            evict(inside, self, published - at, evicted);
            inside.catch_up(published);
        }
    }

    /// The lock of a mailbox that follows nothing.
    pub(super) fn lock_apart(&self, after: &mut After) -> MutexGuard<'_, Inside> {
        loop {
            let inside = self.lock();
            let Some(Follow { log, index, .. }) = inside.follow.as_deref() else { return inside };
            let (log, index) = (Arc::clone(log), *index);
            drop(inside);
            let waker = log.detach(index, &mut after.evicted);
            waker.into_iter().for_each(|waker| after.wake.push(waker));
        }
    }
}

/// Makes room by the oldest messages, where so many more are published in the log. Returns how many there are then.
fn evict(inside: &mut Inside, mailbox: &Mailbox, ahead: u64, evicted: &mut Evicted) -> u64 {
    let depth = mailbox.depth(inside, ahead);
    let (Inside { state, follow, .. }, capacity) = (inside, mailbox.settings.capacity as u64);
    if mailbox.settings.overflow != Overflow::DropOldest || depth <= capacity {
        return depth;
    }
    let left = state.evict(depth - capacity, &mut evicted.entries);
    if left > 0 {
        let follow = follow.as_mut().expect("so many messages are there");
        follow.at += left;
        state.pass_by(left);
        follow.trail.as_mut().expect("who evicts has given none").skip(left, &mut evicted.nodes);
    }
    capacity
}

impl Inside {
    /// What is published up to this position counts as accepted, and lies in the ring unless the consumer fetches it itself.
    fn catch_up(&mut self, published: u64) {
        let Some(Follow { at, trail, .. }) = self.follow.as_deref_mut() else { return };
        if let Some(trail) = trail {
            while let Some(entry) = trail.take_up_to(published) {
                self.state.ring.push_back(entry);
            }
        }
        self.state.count_in(published - *at);
        *at = published;
    }
}
