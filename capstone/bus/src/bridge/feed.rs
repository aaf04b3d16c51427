//! [`Feed`]: a subscription whose messages are emitted as events.

use std::any::TypeId;
use std::fmt;
use std::sync::Arc;

use serde::de::DeserializeOwned;
use tokio_util::sync::CancellationToken;

use crate::base::caught::{self, caught};
use crate::base::counter::Counter;
use crate::bridge::dead_letter::put_away;
use crate::bus::WeakBus;
use crate::events::emit::Door;
use crate::events::event::AnyEvent;
use crate::events::{Event, Events, HandlerError, Outcome};
use crate::pipeline::dead_letter::FailedBy;
use crate::pipeline::failure::Failure;
use crate::{Bus, Message, Subscription};

/// Emits what a subscription receives; made by [`Bus::feed`]. Dropping it is [`stop`](Self::stop) without waiting.
#[must_use = "dropping it stops the feed"]
pub struct Feed {
    stop: CancellationToken,
    /// Cancelled by the task when it ends, however it ends.
    ended: CancellationToken,
    counts: Arc<Counts>,
}

/// What a feed has done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct FeedReport {
    /// Messages that were emitted as events, to however many handlers.
    pub emitted: u64,
    /// Of those, the ones that a handler failed on.
    pub failed: u64,
    /// Messages that were no such event.
    pub undecodable: u64,
    /// Of those, the ones that were not put away as dead letters, because nobody takes those.
    pub undecodable_lost: u64,
}

#[derive(Debug, Default)]
struct Counts {
    emitted: Counter,
    failed: Counter,
    undecodable: Counter,
    undecodable_lost: Counter,
}

impl Feed {
    pub(crate) fn spawn<E: Event + DeserializeOwned>(bus: &Bus, subscription: Subscription) -> Self {
        let (spawner, stop) = bus.events().shared.tasks.feeder();
        let (ended, counts) = (CancellationToken::new(), Arc::<Counts>::default());
        let work = Work { events: bus.events().clone(), bus: bus.downgrade(), counts: Arc::clone(&counts) };
        let (task_stop, task_ended) = (stop.clone(), ended.clone().drop_guard());
        spawner.spawn(async move {
            let _ended = task_ended;
            work.run::<E>(subscription, task_stop).await;
        });
        Self { stop, ended, counts }
    }

    /// What it has done so far.
    pub fn report(&self) -> FeedReport {
        FeedReport {
            emitted: self.counts.emitted.get(),
            failed: self.counts.failed.get(),
            undecodable: self.counts.undecodable.get(),
            undecodable_lost: self.counts.undecodable_lost.get(),
        }
    }

    /// Waits until the subscription has ended, and with it the feed; or until somebody has stopped it.
    ///
    /// # Cancel safety
    ///
    /// It only waits. Dropped, the feed goes on.
    pub async fn ended(&self) -> FeedReport {
        self.ended.cancelled().await;
        self.report()
    }

    /// Takes no more messages, and waits for the handlers of the one under way.
    ///
    /// # Cancel safety
    ///
    /// Dropped at any time, the feed ends all the same behind the event under way.
    pub async fn stop(self) -> FeedReport {
        self.stop.cancel();
        self.ended().await
    }
}

impl Drop for Feed {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl fmt::Debug for Feed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Feed").field("report", &self.report()).finish_non_exhaustive()
    }
}

/// What the task of a feed works with.
struct Work {
    events: Events,
    bus: WeakBus,
    counts: Arc<Counts>,
}

impl Work {
    async fn run<E: Event + DeserializeOwned>(self, mut subscription: Subscription, stop: CancellationToken) {
        // Cancel safe: a message that `recv` has taken is returned in the same poll, and looked at before the token.
        while let Some(Some(delivery)) = stop.run_until_cancelled(subscription.recv()).await {
            match decode::<E>(&delivery) {
                Ok(event) => self.emit(event).await,
                Err(outcome) => self.put_away(&delivery, &subscription, &outcome).await,
            }
        }
    }

    async fn emit<E: Event>(&self, event: E) {
        let emission = async {
            let event: AnyEvent = Arc::new(event);
            self.events.emit_any(TypeId::of::<E>(), E::TOPIC, &event, Door::Ajar).await.is_ok()
        };
        // Handlers are caught one by one; what is left is the drop of the event and of their errors.
        let ok = caught(emission).await.map_err(caught::text).unwrap_or(false);
        self.counts.emitted.add_one();
        if !ok {
            self.counts.failed.add_one();
        }
    }

    async fn put_away(&self, message: &Message, from: &Subscription, outcome: &Outcome) {
        let (pattern, group) = (Some(from.pattern()), from.mailbox().group.as_deref());
        let by = FailedBy { name: Some("feed"), pattern, group };
        let now = self.events.shared.clock.now();
        let failure = Failure::of(outcome, 0, [now, now]).expect("what cannot be decoded is a failure");
        let put_away = put_away(&self.bus, message, by, &failure).await;
        self.counts.undecodable.add_one();
        if put_away.is_err() {
            self.counts.undecodable_lost.add_one();
        }
    }
}

/// The event, or why it is none. `Deserialize` is code of the application, and may panic.
fn decode<E: DeserializeOwned>(message: &Message) -> Result<E, Outcome> {
    match caught::call(|| serde_json::from_slice(&message.payload)) {
        Ok(decoded) => decoded.map_err(|error| Outcome::Err(HandlerError::permanent(error))),
        Err(panic) => Err(Outcome::Panicked(panic)),
    }
}
