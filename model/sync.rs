//! What `sync.rs` of the bus is in a model: loom's lock and atomics.
//!
//! # Why not loom's atomics as they are?
//!
//! Loom takes `SeqCst` for `AcqRel`, and so lets two threads miss each other that both store, and then load what the other
//! has stored. Here a fence stands in front of a `SeqCst` load that comes behind a `SeqCst` store of its thread: it is
//! what such a pair promises, and no more. A store or a load that is weaker gets none, and is found out.

use std::cell::Cell;
use std::sync::atomic::Ordering;

use loom::sync::atomic::AtomicUsize;
pub(crate) use loom::sync::atomic::fence;
pub(crate) use loom::sync::{Mutex, MutexGuard};
use tokio::sync::futures::Notified;

loom::thread_local! {
    /// This thread has stored with `SeqCst`, and no fence has come behind it yet.
    static STORED: Cell<bool> = Cell::new(false);
}

/// In front of a load.
fn loads(order: Ordering) {
    if order == Ordering::SeqCst && STORED.with(|stored| stored.replace(false)) {
        fence(Ordering::SeqCst);
    }
}

/// Behind a store.
fn stored(order: Ordering) {
    if order == Ordering::SeqCst {
        STORED.with(|stored| stored.set(true));
    }
}

macro_rules! atomic {
    ($name:ident, $value:ty) => {
        #[derive(Debug)]
        pub(crate) struct $name(loom::sync::atomic::$name);

        impl $name {
            pub(crate) fn new(value: $value) -> Self {
                Self(loom::sync::atomic::$name::new(value))
            }

            pub(crate) fn load(&self, order: Ordering) -> $value {
                loads(order);
                self.0.load(order)
            }

            pub(crate) fn store(&self, value: $value, order: Ordering) {
                self.0.store(value, order);
                stored(order);
            }
        }

        impl Default for $name {
            fn default() -> Self {
                Self::new(<$value>::default())
            }
        }
    };
}

atomic!(AtomicBool, bool);
atomic!(AtomicU64, u64);

impl AtomicU64 {
    pub(crate) fn fetch_add(&self, value: u64, order: Ordering) -> u64 {
        loads(order);
        let before = self.0.fetch_add(value, order);
        stored(order);
        before
    }
}

/// That of the standard library behind a mark of loom's: who sees the mark sees what was written before.
#[derive(Debug)]
pub(crate) struct OnceLock<T> {
    is_set: AtomicBool,
    value: std::sync::OnceLock<T>,
}

impl<T> OnceLock<T> {
    pub(crate) fn new() -> Self {
        Self { is_set: AtomicBool::new(false), value: std::sync::OnceLock::new() }
    }

    pub(crate) fn get(&self) -> Option<&T> {
        if self.is_set.load(Ordering::Acquire) { self.value.get() } else { None }
    }

    pub(crate) fn get_or_init(&self, value: impl FnOnce() -> T) -> &T {
        let value = self.value.get_or_init(value);
        self.is_set.store(true, Ordering::Release);
        value
    }

    pub(crate) fn take(&mut self) -> Option<T> {
        self.is_set.store(false, Ordering::Release);
        self.value.take()
    }
}

impl<T> Default for OnceLock<T> {
    fn default() -> Self {
        Self::new()
    }
}

/// Tokio's, into which loom does not look; so it is shown that something happens, in front of each call.
#[derive(Debug, Default)]
pub(crate) struct Notify {
    inner: tokio::sync::Notify,
    calls: AtomicUsize,
}

impl Notify {
    pub(crate) fn notified(&self) -> Notified<'_> {
        self.calls.fetch_add(1, Ordering::AcqRel);
        self.inner.notified()
    }

    pub(crate) fn notify_waiters(&self) {
        self.calls.fetch_add(1, Ordering::AcqRel);
        self.inner.notify_waiters();
    }
}
