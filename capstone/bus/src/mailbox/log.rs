//! [`Log`]: the messages of everybody who publishes to the same set of mailboxes, written once for all of them.
//!
//! A mailbox *follows* the log while nothing else comes in and it is not full: then a publish does not touch it, and its
//! consumer goes along the log on its own, without a lock. Otherwise it is *apart*: the publisher offers it each message under
//! its own lock, as the place of a message instead of a count.
//!
//! Locks are taken in this order: one log, then one mailbox. Nobody has two logs. Wakers are woken, and messages are dropped,
//! without any: both run code that is not ours.

use std::sync::Arc;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::task::Waker;

use crate::Message;
use crate::base::few::{Few, wake};
use crate::base::lock::lock_soon;
use crate::base::sync::{AtomicBool, AtomicU64, Mutex};
use crate::mailbox::entry::Entry;
use crate::mailbox::mailbox::Mailbox;
use crate::mailbox::node::{At, Node};
use crate::mailbox::tail::{BUNCH, BUNCH_BYTES};

/// See the module.
#[derive(Debug)]
pub(crate) struct Log {
    published: Published,
    /// Whether anybody follows: else there is no use in writing.
    followed: AtomicBool,
    inner: Mutex<Inner>,
    pub(crate) members: Box<[Arc<Mailbox>]>,
}

/// How many messages are published, for who counts or evicts. Consumers look at the messages themselves, so that the publisher
/// keeps this line. Written with the lock, read without.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Published(AtomicU64);

#[derive(Debug)]
struct Inner {
    /// The position of the next message.
    next: u64,
    /// Up to here, every follower has room.
    limit: u64,
    tail: Arc<Node>,
    /// Messages for the next chunk.
    size: usize,
    /// Of the payloads in the tail.
    bytes: usize,
    places: Vec<Place>,
    following: usize,
    /// Who is to be woken by the next message.
    asleep: Vec<usize>,
}

/// What the log knows of a member.
#[derive(Debug, Default)]
struct Place {
    follows: bool,
    /// It drops its oldest, so it always has room; up to `limit` it need not.
    evicts: bool,
    /// Of a follower: it has room up to `offset` plus what it has handed out, which may wrap around. `limit` is that as of the
    /// last look.
    offset: u64,
    limit: u64,
    waker: Option<Waker>,
    /// Messages offered while apart.
    apart: u64,
}

/// How a mailbox begins to follow.
pub(super) struct Following {
    /// See [`Place::offset`].
    pub(super) offset: u64,
    pub(super) evicts: bool,
    /// Of its consumer, which has found nothing.
    pub(super) waker: Option<Waker>,
}

/// What a publish leaves to do; kept between publishes for its memory.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    /// To be woken.
    pub(crate) wakers: Vec<Waker>,
    /// Members that are to be offered the message.
    pub(crate) apart: Vec<usize>,
    /// Where it is, if there are any, or others want it.
    pub(crate) at: Option<At>,
    pub(crate) others_want_it: bool,
    /// To be dropped.
    pub(crate) evicted: Evicted,
}

impl Scratch {
    /// Wakes and drops, without any lock.
    #[inline(always)]
    pub(crate) fn now(&mut self) {
        if !self.wakers.is_empty() {
            self.wakers.drain(..).for_each(wake);
        }
        self.evicted.now();
    }
}

/// What had to make room.
#[derive(Debug, Default)]
pub(crate) struct Evicted {
    pub(super) entries: Few<Entry>,
    pub(super) nodes: Vec<Arc<Node>>,
}

impl Evicted {
    /// Drops it, without any lock.
    #[inline(always)]
    pub(crate) fn now(&mut self) {
        if !self.entries.is_empty() || !self.nodes.is_empty() {
            drop(std::mem::take(&mut self.entries));
            self.nodes.clear();
        }
    }
}

/// An offer is worth another try to follow after so many.
const APART_FOR: u64 = 16;

impl Log {
    /// Of members that [may follow](Mailbox::may_follow).
    pub(crate) fn new(members: Box<[Arc<Mailbox>]>) -> Arc<Self> {
        let inner = Inner {
            next: 0,
            limit: u64::MAX,
            tail: Node::new(0),
            size: 1,
            bytes: 0,
            places: members.iter().map(|_| Place::default()).collect(),
            following: 0,
            asleep: Vec::new(),
        };
        let (published, followed) = (Published::default(), AtomicBool::new(false));
        let log = Arc::new(Self { published, followed, inner: Mutex::new(inner), members });
        let mut inner = lock_soon(&log.inner);
        for index in 0..log.members.len() {
            log.try_follow(&mut inner, index, First::Yes);
        }
        drop(inner);
        log
    }

    /// What mailboxes know it by.
    pub(crate) fn source(self: &Arc<Self>) -> usize {
        Arc::as_ptr(self).addr()
    }

    /// Writes a message for all followers, and says how many they are.
    #[inline]
    pub(crate) fn publish(
        self: &Arc<Self>,
        bytes: usize,
        message: impl FnOnce() -> Message,
        scratch: &mut Scratch,
    ) -> usize {
        let mut inner = lock_soon(&self.inner);
        let inner = &mut *inner;
        if inner.next >= inner.limit {
            self.look_for_room(inner, scratch);
        }
        if inner.following < self.members.len() {
            self.list_apart(inner, scratch);
        }
        if inner.append(bytes, message, scratch) {
            self.evict(inner, scratch);
        }
        self.published.0.store(inner.next, Release);
        if !inner.asleep.is_empty() {
            inner.wake_all(&mut scratch.wakers);
        }
        inner.following
    }

    #[inline]
    pub(crate) fn is_followed(&self) -> bool {
        self.followed.load(Relaxed)
    }

    /// Lets everybody follow who may.
    pub(crate) fn follow_again(self: &Arc<Self>) {
        let mut inner = lock_soon(&self.inner);
        for index in 0..self.members.len() {
            if !inner.places[index].follows {
                self.try_follow(&mut inner, index, First::No);
            }
        }
    }

    pub(super) fn published(&self) -> u64 {
        self.published.0.load(Acquire)
    }

    /// Has a follower that has found nothing at this position woken by the next message. Says no if something has changed.
    /// The waker that is not needed is dropped here.
    pub(super) fn sleep(&self, index: usize, at: u64, waker: Waker) -> bool {
        let mut guard = lock_soon(&self.inner);
        let inner = &mut *guard;
        let place = &mut inner.places[index];
        if !place.follows || inner.next != at {
            return false;
        }
        let replaced = place.waker.replace(waker);
        if replaced.is_none() {
            inner.asleep.push(index);
        }
        drop(guard);
        drop(replaced);
        true
    }

    /// Ends the following of a mailbox: what is published so far lies in its ring then. Returns its consumer's waker.
    pub(super) fn detach(self: &Arc<Self>, index: usize, evicted: &mut Evicted) -> Option<Waker> {
        let mut inner = lock_soon(&self.inner);
        let waker = self.detach_locked(&mut inner, index, evicted);
        inner.renew_limit();
        waker
    }

    /// Nobody publishes here any more.
    pub(crate) fn retire(self: &Arc<Self>) {
        for index in 0..self.members.len() {
            let mut evicted = Evicted::default();
            let waker = self.detach(index, &mut evicted);
            evicted.now();
            waker.into_iter().for_each(wake);
        }
    }

    fn detach_locked(
        self: &Arc<Self>,
        inner: &mut Inner,
        index: usize,
        evicted: &mut Evicted,
    ) -> Option<Waker> {
        let place = &mut inner.places[index];
        if !std::mem::take(&mut place.follows) {
            return None;
        }
        inner.following -= 1;
        self.followed.store(inner.following > 0, Relaxed);
        place.apart = 0;
        let waker = place.waker.take();
        if waker.is_some() {
            inner.asleep.retain(|asleep| *asleep != index);
        }
        self.members[index].unfollow(inner.next, evicted);
        waker
    }

    /// Takes out who is full.
    #[cold]
    fn look_for_room(self: &Arc<Self>, inner: &mut Inner, scratch: &mut Scratch) {
        for index in 0..inner.places.len() {
            let place = &mut inner.places[index];
            if place.follows && !place.evicts && place.limit <= inner.next {
                place.limit = place.offset.wrapping_add(self.members[index].handed_out());
                if place.limit <= inner.next {
                    let waker = self.detach_locked(inner, index, &mut scratch.evicted);
                    scratch.wakers.extend(waker);
                }
            }
        }
        inner.renew_limit();
    }

    /// Whoever drops its oldest, and does not come to do it itself, must not keep more than its capacity and a chunk.
    fn evict(&self, inner: &mut Inner, scratch: &mut Scratch) {
        let Inner { next, places, .. } = inner;
        for (place, mailbox) in places.iter_mut().zip(&self.members) {
            if place.evicts && place.follows && place.limit <= *next {
                place.limit = mailbox.evict_up_to(*next, &mut scratch.evicted);
            }
        }
    }

    #[cold]
    fn list_apart(self: &Arc<Self>, inner: &mut Inner, scratch: &mut Scratch) {
        for index in 0..inner.places.len() {
            if inner.places[index].follows {
                continue;
            }
            inner.places[index].apart += 1;
            let is_due = inner.places[index].apart.is_multiple_of(APART_FOR);
            if !is_due || !self.try_follow(inner, index, First::No) {
                scratch.apart.push(index);
            }
        }
    }

    fn try_follow(self: &Arc<Self>, inner: &mut Inner, index: usize, first: First) -> bool {
        let mailbox = &self.members[index];
        let Some(Following { offset, evicts, waker }) =
            mailbox.try_follow(self, index, &inner.tail, inner.next, first)
        else {
            return false;
        };
        let limit = offset.wrapping_add(mailbox.handed_out());
        if waker.is_some() {
            inner.asleep.push(index);
        }
        inner.places[index] = Place { follows: true, evicts, offset, limit, waker, apart: 0 };
        inner.following += 1;
        self.followed.store(true, Relaxed);
        inner.renew_limit();
        true
    }
}

/// Whether the log is new: then everybody may follow who is free.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum First {
    Yes,
    No,
}

impl Inner {
    fn renew_limit(&mut self) {
        let followers = self.places.iter().filter(|place| place.follows && !place.evicts);
        self.limit = followers.map(|place| place.limit).min().unwrap_or(u64::MAX);
    }

    /// Says whether the chunk is at its end.
    #[inline]
    fn append(&mut self, bytes: usize, message: impl FnOnce() -> Message, scratch: &mut Scratch) -> bool {
        let index = (self.next - self.tail.base) as usize;
        self.next += 1;
        self.bytes += bytes;
        // Everybody has come to rest: it lies alone, so that it does not outlive its last receiver.
        let idle = self.following > 0 && self.asleep.len() == self.following;
        if index == 0 {
            self.begin_chunk(idle);
        }
        self.tail.publish(index, message);
        if !scratch.apart.is_empty() || scratch.others_want_it {
            At::set(&mut scratch.at, self.tail.stored(), index);
        }
        let ends = index + 1 == self.size || self.bytes >= BUNCH_BYTES || idle;
        if ends {
            self.end_chunk(idle, scratch);
        }
        ends
    }

    #[cold]
    fn begin_chunk(&mut self, idle: bool) {
        if idle {
            self.size = 1;
        }
        if self.size > 1 {
            self.tail.begin_chunk(self.size);
        }
    }

    /// The next message begins a new one.
    #[cold]
    fn end_chunk(&mut self, idle: bool, scratch: &mut Scratch) {
        let next = Node::new(self.next);
        self.tail.set_next(Arc::clone(&next));
        // Perhaps nobody else has it any more.
        scratch.evicted.nodes.push(std::mem::replace(&mut self.tail, next));
        self.size = if idle { 1 } else { (self.size * 4).min(BUNCH) };
        self.bytes = 0;
    }

    #[cold]
    fn wake_all(&mut self, wakers: &mut Vec<Waker>) {
        let Self { asleep, places, .. } = self;
        wakers.extend(asleep.drain(..).filter_map(|index| places[index].waker.take()));
    }
}
