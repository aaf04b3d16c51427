//! [`TopicHandlerBuilder`]: a subscription with a task of ours that runs a handler.

use std::any::type_name;
use std::hash::Hash;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;

use crate::handler::registration::Registration;
use crate::handler::worker::Work;
use crate::pipeline::middleware::LAYERS_MAX;
use crate::pipeline::options::Options;
use crate::pipeline::rate::RateLimit;
use crate::pipeline::waiting_room::WaitingRoom;
use crate::shared::handlers::DeadLetters;
use crate::shared::shared::Shared;
use crate::{
    Bus, Call, Delivery, HandlerError, HandlerTask, Message, Next, Overflow, Pattern, PatternError,
    RatePolicy, RetryPolicy, SubscribeError, SubscriptionBuilder,
};

impl Bus {
    /// Runs the handler for every message that matches, one after another.
    /// [`topic_handler`](Self::topic_handler) has options.
    ///
    /// ```
    /// use capstone_bus::{Bus, HandlerError, Message};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let bus = Bus::new();
    ///
    /// let invoices = bus.handle("orders.*", async |order| {
    ///     // `?` makes any error one that is worth another attempt.
    ///     let amount: u32 = std::str::from_utf8(&order.payload)?.parse().map_err(HandlerError::permanent)?;
    ///     println!("an invoice over {amount}");
    ///     Ok(())
    /// })?;
    ///
    /// bus.publish(Message::new("orders.created".parse()?, "42")).await?.all_enqueued()?;
    /// bus.publish(Message::new("orders.created".parse()?, "no number")).await?.all_enqueued()?;
    ///
    /// // What is queued is still handled, and then the task ends.
    /// bus.close();
    /// let stats = invoices.finished().await;
    /// assert_eq!((stats.handled, stats.failed), (1, 1));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The pattern is none, or the bus is closed.
    ///
    /// # Panics
    ///
    /// Outside a Tokio runtime.
    pub fn handle<P, H, F>(&self, pattern: P, handler: H) -> Result<HandlerTask, SubscribeError>
    where
        P: TryInto<Pattern, Error: Into<PatternError>>,
        H: Fn(Delivery) -> F + Send + Sync + 'static,
        F: Future<Output = Result<(), HandlerError>> + Send + 'static,
    {
        self.topic_handler(pattern).start(handler)
    }

    /// A handler with options. That of typed events is [`handler`](Self::handler).
    pub fn topic_handler<P>(&self, pattern: P) -> TopicHandlerBuilder
    where
        P: TryInto<Pattern, Error: Into<PatternError>>,
    {
        TopicHandlerBuilder {
            shared: Arc::clone(self.shared()),
            subscription: self.subscription(pattern),
            concurrency: 1,
            options: Options::default(),
            dead_letter: false,
        }
    }
}

/// Options of a handler; made by [`Bus::topic_handler`], ends with [`start`](Self::start).
///
/// A message that the [`filter`](Self::filter) wants is in hand to its end, pauses between attempts included, and of
/// those there are as many as the [`concurrency`](Self::concurrency) says. Each attempt waits for the
/// [`rate`](Self::rate), and then has its [`timeout`](Self::timeout), for the [middleware](Self::wrap) too. What fails is
/// [repeated](Self::retry), and finally a [dead letter](Self::dead_letter).
///
/// ```
/// use std::time::Duration;
///
/// use capstone_bus::{Bus, RetryPolicy};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let bus = Bus::new();
/// let mailer = bus
///     .topic_handler("mails.>")
///     .name("mailer")
///     .queue("mailers")
///     .concurrency(4)
///     .retry(RetryPolicy::attempts(5).base(Duration::from_millis(100)))
///     .start(async |mail| {
///         println!("to {}", mail.topic);
///         Ok(())
///     })?;
///
/// // After this returned, the handler does not run any more.
/// mailer.unsubscribe().await;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[must_use = "does nothing until it is started"]
pub struct TopicHandlerBuilder {
    shared: Arc<Shared>,
    subscription: SubscriptionBuilder,
    concurrency: usize,
    options: Options<Delivery>,
    dead_letter: bool,
}

impl TopicHandlerBuilder {
    /// How many messages may be handled at a time; at least one, and one without this. From two on, the order in which
    /// they are finished is promised only per [key](Self::keyed_by_header).
    pub fn concurrency(mut self, messages: usize) -> Self {
        self.concurrency = messages;
        self
    }

    /// As for a [subscription](SubscriptionBuilder::capacity).
    pub fn capacity(mut self, messages: usize) -> Self {
        self.subscription = self.subscription.capacity(messages);
        self
    }

    /// As for a [subscription](SubscriptionBuilder::overflow).
    pub fn overflow(mut self, overflow: Overflow) -> Self {
        self.subscription = self.subscription.overflow(overflow);
        self
    }

    /// As for a [subscription](SubscriptionBuilder::queue): each message goes to one member of the group.
    pub fn queue(mut self, group: impl Into<Arc<str>>) -> Self {
        self.subscription = self.subscription.queue(group);
        self
    }

    /// As for a [subscription](SubscriptionBuilder::keyed_by_header): one message per key at a time. With a
    /// [concurrency](Self::concurrency) also among the messages of this handler alone, so that those of a key are
    /// handled in order.
    ///
    /// ```
    /// # use capstone_bus::Bus;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let bus = Bus::new();
    /// // Eight orders at a time, and the messages of each order one after another.
    /// let orders = bus
    ///     .topic_handler("orders.*")
    ///     .concurrency(8)
    ///     .keyed_by_header("order-id")
    ///     .start(async |_| Ok(()))?;
    /// # orders.unsubscribe().await;
    /// # Ok(())
    /// # }
    /// ```
    pub fn keyed_by_header(mut self, name: impl Into<Box<str>>) -> Self {
        self.subscription = self.subscription.keyed_by_header(name);
        self
    }

    /// As for a [subscription](SubscriptionBuilder::keyed_by), and as [`keyed_by_header`](Self::keyed_by_header).
    pub fn keyed_by<K: Hash>(mut self, key: impl Fn(&Message) -> Option<K> + Send + Sync + 'static) -> Self {
        self.subscription = self.subscription.keyed_by(key);
        self
    }

    /// As for a [subscription](SubscriptionBuilder::name).
    pub fn name(mut self, name: impl Into<Arc<str>>) -> Self {
        self.subscription = self.subscription.name(name);
        self
    }

    /// As for a [subscription](SubscriptionBuilder::filter_header): what this refuses is not offered.
    pub fn filter_header(mut self, name: impl Into<Box<str>>, value: impl Into<Box<str>>) -> Self {
        self.subscription = self.subscription.filter_header(name, value);
        self
    }

    /// Which messages the handler wants; it is [skipped](crate::HandlerStats::skipped) for the others. Of several filters,
    /// all must want the message. It is asked when the handler takes the message, on its own task: until then that takes
    /// a place, and in a queue group it has had its turn. One that panics is the panic of the handler.
    pub fn filter(mut self, wants: impl Fn(&Message) -> bool + Send + Sync + 'static) -> Self {
        self.options.filters.push(move |delivery: &Delivery| wants(delivery));
        self
    }

    /// At most this many calls begin in any window of the length `per`, at least one; retries are calls too.
    ///
    /// Under [`RatePolicy::Wait`] a message waits in place, as between two attempts. Under [`RatePolicy::Drop`] it is
    /// skipped, and a retry that exceeds the rate is given up; under [`RatePolicy::Error`] a call that exceeds it is a
    /// failed attempt.
    ///
    /// ```
    /// use std::time::Duration;
    /// use capstone_bus::{Bus, RatePolicy};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let bus = Bus::new();
    /// // The mail server takes ten a second, and hangs now and then.
    /// let mailer = bus
    ///     .topic_handler("mails.>")
    ///     .rate(10, Duration::from_secs(1), RatePolicy::Wait)
    ///     .timeout(Duration::from_secs(5))
    ///     .start(async |_| Ok(()))?;
    /// # mailer.unsubscribe().await;
    /// # Ok(())
    /// # }
    /// ```
    pub fn rate(mut self, calls: usize, per: Duration, policy: RatePolicy) -> Self {
        self.options.rate = Some(RateLimit { calls, per, policy });
        self
    }

    /// How long an attempt may take. Then it is dropped at the `await` where it is, and has failed. Waiting for the
    /// [rate](Self::rate) is not within it, [middleware](Self::wrap) is.
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.options.timeout = Some(limit);
        self
    }

    /// Tries a message again that the handler failed on, by error, panic or [timeout](Self::timeout); once without this.
    /// A [permanent](HandlerError::permanent) error ends the attempts.
    ///
    /// The pauses are spent in place: the message keeps its turn, so with a concurrency of one the order is kept, and
    /// the messages behind it wait.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.options.retry = policy;
        self
    }

    /// Puts a middleware around every call of the handler, at most [`LAYERS_MAX`](crate::events::LAYERS_MAX). The first
    /// one is the outermost.
    ///
    /// It runs within the [timeout](Self::timeout), once for each attempt. It may call the handler later or not at all,
    /// and its result is that of the call. One that serves handlers of events too is at [`Call`].
    ///
    /// ```
    /// use capstone_bus::{Bus, HandlerError, Message};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let bus = Bus::new();
    /// let orders = bus
    ///     .topic_handler("orders.*")
    ///     .wrap(async |call, next| {
    ///         if call.delivery().headers().get("signature").is_none() {
    ///             return Err(HandlerError::permanent("not signed"));
    ///         }
    ///         next.run(call).await
    ///     })
    ///     .start(async |_| Ok(()))?;
    ///
    /// bus.publish(Message::new("orders.created".parse()?, "42")).await?.all_enqueued()?;
    /// bus.close();
    /// assert_eq!(orders.finished().await.failed, 1);
    /// # Ok(())
    /// # }
    /// ```
    pub fn wrap<M, F>(mut self, layer: M) -> Self
    where
        M: Fn(Call, Next) -> F + Send + Sync + 'static,
        F: Future<Output = Result<(), HandlerError>> + Send + 'static,
    {
        self.options.layers = self.options.layers.with(layer);
        self
    }

    /// Publishes what the handler has failed on for good to `$DLQ.<topic>`, with the payload and the headers that it
    /// had, and these:
    ///
    /// | header | what it says |
    /// | --- | --- |
    /// | `dlq-topic` | where the message was published |
    /// | `dlq-pattern`, `dlq-subscription`, `dlq-group` | who failed: its pattern, its name and its group, if it has them |
    /// | `dlq-kind` | `retryable`, `permanent`, `panic`, `timeout`, or `cut-off`: stopped while it ran, or waited for the rate |
    /// | `dlq-reason` | the last error in words, in one line of at most 1,024 characters |
    /// | `dlq-attempts` | how often the handler was called |
    /// | `dlq-first-at-ms`, `dlq-last-at-ms` | when it failed, in milliseconds since 1970 |
    ///
    /// The bus keeps no dead letters: one that nobody subscribed to, or has a place for, is counted as
    /// [lost](crate::HandlerStats::dead_letters_lost). A full mailbox that blocks holds up the handler. What a handler of
    /// `$DLQ.…` fails on has failed: a dead letter is never dead-lettered again.
    ///
    /// ```
    /// use capstone_bus::{Bus, HandlerError, Message};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let bus = Bus::new();
    /// let mut dead = bus.subscribe("$DLQ.>")?;
    /// let _orders = bus
    ///     .topic_handler("orders.*")
    ///     .dead_letter()
    ///     .start(async |_| Err(HandlerError::permanent("no such customer")))?;
    ///
    /// bus.publish(Message::new("orders.created".parse()?, "42")).await?.all_enqueued()?;
    /// let letter = dead.recv().await.unwrap();
    /// assert_eq!(letter.topic.as_str(), "$DLQ.orders.created");
    /// assert_eq!(letter.headers().get("dlq-reason"), Some("no such customer"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn dead_letter(mut self) -> Self {
        self.dead_letter = true;
        self
    }

    /// Subscribes, and runs the handler on a task of its own: every message published after this returned is offered
    /// to it.
    ///
    /// The handler may publish, and make requests. What it awaits holds up its next message. If it publishes to its own
    /// mailbox while that is full, see [`WouldDeadlock`](crate::PublishError::WouldDeadlock).
    ///
    /// # Errors
    ///
    /// The options are wrong, or the bus is closed.
    ///
    /// # Panics
    ///
    /// Outside a Tokio runtime; with [retries](Self::retry), a [timeout](Self::timeout) or a [rate](Self::rate) that waits,
    /// outside one with time enabled.
    pub fn start<H, F>(self, handler: H) -> Result<HandlerTask, SubscribeError>
    where
        H: Fn(Delivery) -> F + Send + Sync + 'static,
        F: Future<Output = Result<(), HandlerError>> + Send + 'static,
    {
        let runtime = tokio::runtime::Handle::current();
        if self.options.need_a_timer() {
            // Here somebody sees that there is no timer for it; a worker would meet that when it first waits.
            let _entered = runtime.enter();
            drop(tokio::time::sleep(Duration::ZERO));
        }
        // Registered first: a bus that is closed in between must know that it has a handler.
        let dead_letters = if self.dead_letter && !self.subscription.is_of_dead_letters() {
            DeadLetters::Possible
        } else {
            DeadLetters::Never
        };
        // The workers are as many as may run at a time, and so are those who wait for the rate.
        let (gate, room) = (None, Arc::new(WaitingRoom::new(usize::MAX)));
        let pipeline = self.options.pipeline(gate, room, self.shared.clock.clone());
        let registration = Registration::new(self.shared, pipeline, dead_letters);
        let control = Arc::clone(&registration.control);
        let subscription = Arc::new(self.subscription.open()?);
        check(subscription.pattern(), self.concurrency, &self.options)?;
        let mailbox = subscription.mailbox();
        control.mailbox.set(mailbox.id).expect("it is new, and set here only");
        let work = Arc::new(Work {
            handler,
            name: mailbox.name.clone().unwrap_or_else(|| type_name::<H>().into()),
            filters: self.options.filters,
            layers: self.options.layers,
            subscription: Arc::clone(&subscription),
            registration,
            dead_letter: self.dead_letter,
            turn: tokio::sync::Mutex::default(),
            alone: self.concurrency == 1,
        });
        let mut workers = JoinSet::new();
        for _ in 0..self.concurrency {
            workers.spawn_on(Arc::clone(&work).run(), &runtime);
        }
        Ok(HandlerTask::new(control, subscription, workers))
    }
}

/// Refuses options with which the handler would never run.
fn check(pattern: &Pattern, concurrency: usize, options: &Options<Delivery>) -> Result<(), SubscribeError> {
    let pattern = pattern.clone();
    if concurrency == 0 {
        return Err(SubscribeError::NoConcurrency { pattern });
    }
    if options.rate.is_some_and(|rate| rate.calls == 0) {
        return Err(SubscribeError::NoRate { pattern });
    }
    if options.layers.len() > LAYERS_MAX {
        return Err(SubscribeError::TooManyLayers { pattern, layers_max: LAYERS_MAX });
    }
    Ok(())
}
