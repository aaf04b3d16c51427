//! A bus of typed events: from the type of an event to its handlers. It has no queue, and no task that must be started.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, Weak};

use futures::future::{BoxFuture, FutureExt, join_all};
use futures::stream::{self, StreamExt};
use tokio::sync::Semaphore;
use tokio_util::task::TaskTracker;

use crate::report::{Handled, Outcome, Report};

/// What can be emitted. The trait refuses what no handler is registered for by mistake, such as an `Arc` of an event:
///
/// ```compile_fail,E0277
/// use std::sync::Arc;
/// use lesson_26::{EventBus, order::OrderPlaced};
///
/// drop(EventBus::new().emit(Arc::new(OrderPlaced { order: 7, cents: 1250 })));
/// ```
// ANCHOR: table
pub trait Event: Send + Sync + 'static {}

/// An event and a handler without their types: one table holds the handlers of all events.
type AnyEvent = Arc<dyn Any + Send + Sync>;
type AnyHandler = Arc<dyn Fn(AnyEvent) -> BoxFuture<'static, Handled> + Send + Sync>;

/// A handle. Clones share the handlers.
#[derive(Clone)]
pub struct EventBus {
    inner: Arc<Inner>,
}

struct Inner {
    /// Locked to add a handler or to copy the list of an event, and never across an await.
    handlers: Mutex<HashMap<TypeId, Vec<(&'static str, AnyHandler)>>>,
    /// A permit for each event that may be under way after `emit_and_forget`. Closed by `finish`.
    room: Arc<Semaphore>,
    forgotten: TaskTracker,
    failed: AtomicUsize,
}
// ANCHOR_END: table

/// A function from an event to a future, such as `|event| async move { … }`. Implemented for all of them.
///
/// With it the event is the only type that a caller writes: `on::<OrderPlaced>(…)`.
pub trait Handler<E, O>: Fn(Arc<E>) -> <Self as Handler<E, O>>::Fut + Send + Sync + 'static {
    type Fut: Future<Output = O> + Send + 'static;
}

impl<F, Fut, E, O> Handler<E, O> for F
where
    F: Fn(Arc<E>) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = O> + Send + 'static,
{
    type Fut = Fut;
}

impl EventBus {
    // ANCHOR: on
    /// Registers a handler that cannot fail.
    pub fn on<E: Event>(&self, name: &'static str, handler: impl Handler<E, ()>) {
        self.on_fallible::<E>(name, move |event| handler(event).map(Ok));
    }

    /// Registers a handler that can fail.
    pub fn on_fallible<E: Event>(&self, name: &'static str, handler: impl Handler<E, Handled>) {
        let handler: AnyHandler = Arc::new(move |event| {
            handler(event.downcast::<E>().expect("handlers are found by the type of the event")).boxed()
        });
        let mut handlers = self.inner.handlers.lock().expect("nothing panics under this lock");
        handlers.entry(TypeId::of::<E>()).or_default().push((name, handler));
    }
    // ANCHOR_END: on

    // ANCHOR: emit
    /// Calls all handlers of the event, waits for all of them, and reports what became of each.
    ///
    /// They run in the caller's task. If the future is dropped, they are dropped where they are.
    pub async fn emit<E: Event>(&self, event: E) -> Report {
        let event: AnyEvent = Arc::new(event);
        let calls = self.handlers_of::<E>().into_iter().map(|(name, handler)| {
            let event = Arc::clone(&event);
            // The handler is called inside the block, so that nothing it does can panic outside.
            let call = AssertUnwindSafe(async move { handler(event).await });
            async move { (name, Outcome::of(call.catch_unwind().await)) }
        });
        Report { outcomes: join_all(calls).await }
    }
    // ANCHOR_END: emit

    /// A copy, so that no lock is held while handlers run, and a handler may register handlers.
    pub(crate) fn handlers_of<E: Event>(&self) -> Vec<(&'static str, AnyHandler)> {
        let handlers = self.inner.handlers.lock().expect("nothing panics under this lock");
        handlers.get(&TypeId::of::<E>()).cloned().unwrap_or_default()
    }

    // ANCHOR: forget
    /// Emits in a task of its own, and does not wait. Gives the event back when there is no room, or after `finish`.
    pub fn emit_and_forget<E: Event>(&self, event: E) -> Result<(), E> {
        let _token = self.inner.forgotten.token(); // a `finish` on another thread waits until this is spawned
        let Ok(permit) = Arc::clone(&self.inner.room).try_acquire_owned() else { return Err(event) };
        let bus = self.clone();
        self.inner.forgotten.spawn(async move {
            let _permit = permit;
            if bus.emit(event).await.failures().next().is_some() {
                bus.inner.failed.fetch_add(1, Ordering::Relaxed);
            }
        });
        Ok(())
    }

    /// Waits until every forgotten event has been handled. Returns for how many of them a handler failed.
    pub async fn finish(&self) -> usize {
        self.inner.room.close();
        self.inner.forgotten.close();
        self.inner.forgotten.wait().await;
        self.inner.failed.load(Ordering::Relaxed)
    }
    // ANCHOR_END: forget

    // ANCHOR: batches
    /// Emits each event when all handlers of the previous one have ended.
    pub async fn emit_batch_sequential<E: Event>(&self, events: Vec<E>) -> Vec<Report> {
        let mut reports = Vec::new();
        for event in events {
            reports.push(self.emit(event).await);
        }
        reports
    }

    /// Emits at most `at_once` events at a time. The reports are in the order of the events.
    pub async fn emit_batch_concurrent<E: Event>(&self, events: Vec<E>, at_once: usize) -> Vec<Report> {
        stream::iter(events).map(|event| self.emit(event)).buffered(at_once).collect().await
    }
    // ANCHOR_END: batches

    /// A bus without handlers. 1,024 events may be forgotten at a time.
    pub fn new() -> Self {
        Self::with_room(1024)
    }

    /// A bus without handlers. This many events may be forgotten at a time.
    pub fn with_room(events: usize) -> Self {
        let room = Arc::new(Semaphore::new(events));
        let inner =
            Inner { handlers: Mutex::default(), room, forgotten: TaskTracker::new(), failed: 0.into() };
        Self { inner: Arc::new(inner) }
    }

    /// For a handler that emits: with a clone, the bus would own the handler, and the handler the bus.
    pub fn downgrade(&self) -> WeakBus {
        WeakBus(Arc::downgrade(&self.inner))
    }
}

impl Default for EventBus {
    fn default() -> Self {
        Self::new()
    }
}

/// A handle that does not keep the handlers alive.
#[derive(Clone)]
pub struct WeakBus(Weak<Inner>);

impl WeakBus {
    /// `None` when the last handle has been dropped.
    pub fn upgrade(&self) -> Option<EventBus> {
        self.0.upgrade().map(|inner| EventBus { inner })
    }
}
