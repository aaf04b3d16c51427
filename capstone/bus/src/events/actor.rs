//! [`Actor`]: a handler with state, one for each key.
//!
//! It supervises nothing: an actor that panics is made anew for the next event, and that is all.

use std::collections::HashMap;
use std::hash::Hash;
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use futures::FutureExt;
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{Semaphore, oneshot};
use tokio::time::timeout;

use super::chain::{Chain, LinkId};
use super::event::typed;
use super::handler::AnyHandler;
use super::tasks::Spawner;
use super::{Event, HandlerBuilder, HandlerError, Registration};
use crate::base::caught;
use crate::pipeline::waiting_room::WaitingRoom;

/// Handles the events of one key, one at a time, in the order in which they were emitted, and keeps its state between
/// them.
///
/// ```
/// use std::sync::Arc;
/// use capstone_bus::{Bus, events::{Actor, Event, HandlerError}};
///
/// struct Paid { account: u32, cents: u64 }
///
/// impl Event for Paid {
///     const TOPIC: &'static str = "accounts.paid";
/// }
///
/// struct Account { balance: u64 }
///
/// impl Actor<Paid> for Account {
///     async fn handle(&mut self, paid: Arc<Paid>) -> Result<(), HandlerError> {
///         self.balance += paid.cents;
///         if self.balance > 1_000 { Err(format!("{} is too much", self.balance).into()) } else { Ok(()) }
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let bus = Bus::new();
/// bus.handler::<Paid>().on_actors(64, |paid| paid.account, |_account| Account { balance: 0 });
/// assert!(bus.emit(Paid { account: 1, cents: 600 }).await.is_ok());
/// assert!(bus.emit(Paid { account: 2, cents: 600 }).await.is_ok());
/// let report = bus.emit(Paid { account: 1, cents: 600 }).await;
/// assert_eq!(report.handlers[0].outcome.to_string(), "1200 is too much");
/// # }
/// ```
pub trait Actor<E: Event>: Send + 'static {
    /// Handles one event. No other event is handled by this actor before the future has ended.
    ///
    /// The future is dropped at the `await` where it is when the emission is dropped or the timeout is over, as that of
    /// any other handler; the state stays as it is then. After a panic the state is dropped, and the next event of the
    /// key gets a new actor.
    ///
    /// # Errors
    ///
    /// What the handler failed with: it becomes the outcome.
    fn handle(&mut self, event: Arc<E>) -> impl Future<Output = Result<(), HandlerError>> + Send;
}

/// An actor could not take the event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ActorError {
    /// The event was emitted while this very actor handles the event around it, and waits for this one.
    #[error("the actor waits for the emission of this event, and would never come to handle it")]
    WouldDeadlock,
    /// There are as many actors as there may be, and the key has none.
    #[error("there are {actors_max} actors already, and no more may be made")]
    TooMany {
        /// As many as there may be.
        actors_max: usize,
    },
    /// The task of the actor has ended, with its runtime or at the deadline of a shutdown.
    #[error("the actor is gone")]
    Gone,
}

/// How many actors a handler may have, and for how long.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ActorLimits {
    max: usize,
    /// Absent where an actor lives as long as its handler.
    idle: Option<Duration>,
}

impl Default for ActorLimits {
    fn default() -> Self {
        Self { max: 10_000, idle: None }
    }
}

impl<E: Event> HandlerBuilder<E> {
    /// How many actors there may be at a time, for [`on_actors`](Self::on_actors); 10,000 without this. An event of one
    /// more key fails with [`ActorError::TooMany`]; the keys that have an actor go on.
    pub fn actors_max(mut self, actors: usize) -> Self {
        self.actors.max = actors;
        self
    }

    /// Ends an actor that had no event for so long, for [`on_actors`](Self::on_actors): its state is dropped, and the next
    /// event of the key gets a new one. Without this an actor lives as long as its handler.
    ///
    /// An actor needs a runtime with time enabled then.
    pub fn actors_idle(mut self, limit: Duration) -> Self {
        self.actors.idle = Some(limit);
        self
    }

    /// Registers a handler that is one actor for each key. `make` makes the actor of a key, when its first event comes.
    ///
    /// Each actor has a task of its own, so that different keys run in parallel. It lives, with its state, until the
    /// registration is cancelled or the events are shut down, or it was [idle](Self::actors_idle), and handles what is in
    /// its mailbox before it ends. There are at most [`actors_max`](Self::actors_max): a key is something of which there
    /// is a bounded number, such as an account, and not an id of each event.
    ///
    /// The options of the builder are those of the handler as a whole: a concurrency limits the events of all keys, and
    /// a retry is put at the end of the mailbox again.
    ///
    /// # Full
    ///
    /// At most `mailbox` events wait for one actor; the next emission waits for a place, first come, first served. Of
    /// those, too, at most [`waiting_max`](Self::waiting_max) wait, over all keys.
    ///
    /// # Panics
    ///
    /// When the mailbox has no room for one. What panics in `key_of`, in `make` and in an actor is the outcome
    /// [`Panicked`](super::Outcome::Panicked); so is an emission outside of a Tokio runtime.
    pub fn on_actors<K, A>(
        self,
        mailbox: usize,
        key_of: impl Fn(&E) -> K + Send + Sync + 'static,
        make: impl Fn(&K) -> A + Send + Sync + 'static,
    ) -> Registration
    where
        K: Clone + Eq + Hash + Send + Sync + 'static,
        A: Actor<E>,
    {
        assert!(mailbox > 0, "an actor whose mailbox has no room would never be called");
        let (make, spawner, room) = (Arc::new(make), self.spawner(), Arc::clone(&self.room));
        let limits = self.actors;
        let actors = Arc::new(Actors { mailbox, limits, make, spawner, room, mailboxes: Mutex::default() });
        let handler: AnyHandler = Box::new(move |event| {
            let (event, actors) = (typed::<E>(event), Arc::clone(&actors));
            let key = key_of(&event);
            Box::pin(async move { actors.handle(key, event).await })
        });
        self.register(std::any::type_name::<A>(), handler)
    }
}

/// The actors of one handler. When it is dropped, the mailboxes close, and the actors end when they are empty.
struct Actors<K, E, M> {
    mailbox: usize,
    limits: ActorLimits,
    make: Arc<M>,
    spawner: Spawner,
    room: Arc<WaitingRoom>,
    /// Of the standard library: locked to look up or to add a mailbox, never across an await. The code of a key runs
    /// under it, as in any map; if that panics, the map is as it was.
    mailboxes: Mutex<HashMap<K, Mailbox<E>>>,
}

/// The way to one actor, and how a chain knows it. Taken from the map only under its lock, so that an actor without
/// events, whose only sender is there, can be sure of it.
struct Mailbox<E> {
    actor: LinkId,
    sender: mpsc::Sender<Envelope<E>>,
}

struct Envelope<E> {
    event: Arc<E>,
    /// Of the emission, which waits for this: so that what the actor emits is nested in it.
    chain: Chain,
    /// Closed when the emission does not wait any more.
    reply: oneshot::Sender<Reply>,
}

/// What the actor returned, or what it panicked with.
type Reply = std::thread::Result<Result<(), HandlerError>>;

impl<K, E, M, A> Actors<K, E, M>
where
    K: Clone + Eq + Hash + Send + Sync + 'static,
    E: Event,
    M: Fn(&K) -> A + Send + Sync + 'static,
    A: Actor<E>,
{
    // ANCHOR: ask
    async fn handle(self: &Arc<Self>, key: K, event: Arc<E>) -> Result<(), HandlerError> {
        let (actor, sender) = self.mailbox_of(key)?;
        let chain = Chain::current();
        if chain.contains(actor) {
            return Err(ActorError::WouldDeadlock.into());
        }
        let (reply, answer) = oneshot::channel();
        let room = (!chain.is_in_front()).then_some(&*self.room);
        let envelope = Envelope { event, chain: chain.with(actor), reply };
        post(sender, envelope, room).await?;
        match answer.await {
            Ok(Ok(result)) => result,
            // The panic goes on here, where it becomes the outcome.
            Ok(Err(payload)) => resume_unwind(payload),
            Err(_dropped) => Err(ActorError::Gone.into()),
        }
    }
    // ANCHOR_END: ask

    /// The mailbox of the key; its actor's task is spawned once, or again when its runtime has ended meanwhile.
    fn mailbox_of(self: &Arc<Self>, key: K) -> Result<(LinkId, mpsc::Sender<Envelope<E>>), ActorError> {
        let mut mailboxes = self.lock();
        if let Some(Mailbox { actor, sender }) = mailboxes.get(&key)
            && !sender.is_closed()
        {
            return Ok((*actor, sender.clone()));
        }
        let actors_max = self.limits.max;
        if mailboxes.len() >= actors_max && !mailboxes.contains_key(&key) {
            mailboxes.retain(|_, mailbox| !mailbox.sender.is_closed());
            if mailboxes.len() >= actors_max {
                return Err(ActorError::TooMany { actors_max });
            }
        }
        let (actor, (sender, receiver)) =
            (LinkId::next(), mpsc::channel(self.mailbox.min(Semaphore::MAX_PERMITS)));
        // First the task, which panics outside of a runtime: then no mailbox stays behind that nobody empties.
        let actors = Arc::downgrade(self);
        self.spawner.spawn(run(receiver, Arc::clone(&self.make), key.clone(), self.limits.idle, actors));
        mailboxes.insert(key, Mailbox { actor, sender: sender.clone() });
        Ok((actor, sender))
    }

    /// Takes the mailbox out, unless an event is in it or on its way there.
    fn retire(&self, key: &K, mailbox: &mpsc::Receiver<Envelope<E>>) {
        let mut mailboxes = self.lock();
        let alone = mailboxes.get(key).is_some_and(|mailbox| mailbox.sender.strong_count() == 1);
        let retired = if alone && mailbox.is_empty() { mailboxes.remove_entry(key) } else { None };
        drop(mailboxes);
        drop(retired);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<K, Mailbox<E>>> {
        self.mailboxes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Puts the envelope into the mailbox, or waits for a place there: with a seat in this room, or in front of it if there is none.
async fn post<E>(
    to: mpsc::Sender<Envelope<E>>,
    envelope: Envelope<E>,
    room: Option<&WaitingRoom>,
) -> Result<(), HandlerError> {
    // It never passes those who wait: what is freed goes to them first.
    let envelope = match to.try_send(envelope) {
        Ok(()) => return Ok(()),
        Err(TrySendError::Full(envelope)) => envelope,
        Err(TrySendError::Closed(_)) => return Err(ActorError::Gone.into()),
    };
    let _seat = room.map(WaitingRoom::enter).transpose()?;
    to.send(envelope).await.map_err(|_| ActorError::Gone.into())
}

/// What an actor finds in its mailbox.
enum Post<E> {
    Event(Envelope<E>),
    Idle,
    Closed,
}

async fn next<E>(mailbox: &mut mpsc::Receiver<Envelope<E>>, idle: Option<Duration>) -> Post<E> {
    let received = match idle {
        None => mailbox.recv().await,
        Some(limit) => match timeout(limit, mailbox.recv()).await {
            Ok(received) => received,
            Err(_elapsed) => return Post::Idle,
        },
    };
    received.map_or(Post::Closed, Post::Event)
}

/// The task of one actor: ends when its mailbox is closed and empty.
async fn run<K, E, M, A>(
    mut mailbox: mpsc::Receiver<Envelope<E>>,
    make: Arc<M>,
    key: K,
    idle: Option<Duration>,
    actors: Weak<Actors<K, E, M>>,
) where
    K: Clone + Eq + Hash + Send + Sync + 'static,
    E: Event,
    M: Fn(&K) -> A + Send + Sync + 'static,
    A: Actor<E>,
{
    let mut state = None;
    loop {
        let Envelope { event, chain, mut reply } = match next(&mut mailbox, idle).await {
            Post::Event(envelope) => envelope,
            Post::Idle => {
                // Before the key is free, so that no two actors of a key are ever there. It may panic, as below.
                let _panic = caught::let_go(state.take());
                actors.upgrade().inspect(|actors| actors.retire(&key, &mailbox));
                continue;
            }
            Post::Closed => return,
        };
        let handle = chain.scope(async { state.get_or_insert_with(|| make(&key)).handle(event).await });
        let handled = AssertUnwindSafe(async {
            tokio::select! {
                // Cancel safe: when the emission does not wait any more, its handler is dropped, and that is all.
                // Asked first, so that an emission that went away while it was queued is not handled.
                biased;
                () = reply.closed() => None,
                handled = handle => Some(handled),
            }
        });
        let answer = match handled.catch_unwind().await {
            Ok(None) => continue,
            Ok(Some(result)) => Ok(result),
            Err(payload) => {
                // Nobody knows what it is in the middle of. Its drop is not our code either, and may panic too.
                let _panic = caught::let_go(state.take());
                Err(payload)
            }
        };
        // Whoever has gone meanwhile does not want the answer, and that is dropped here.
        let _panic = caught::let_go(reply.send(answer));
    }
}
