//! An in-process message bus: publishers name a topic, subscribers a pattern, and every queue between them is bounded.
//!
//! It keeps nothing: a message that nobody subscribes to is gone, and so is everything when the process ends.
//!
//! Start with [`Bus`]. To have a task of ours run your code for each message, see [`Bus::handle`]; to have the members of
//! a group finish what belongs together in order, [`SubscriptionBuilder::keyed_by_header`]; to end it all in order,
//! [`Bus::shutdown`].
//!
//! # Topics and queue groups
//!
//! ```
//! use capstone_bus::{Bus, Message, Overflow, Topic};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let bus = Bus::new();
//!
//! // Everybody who subscribes gets a copy; `*` is one token, a last `>` one or more.
//! let mut audit = bus.subscribe("orders.>")?;
//!
//! // The members of a queue group share the work: each message goes to one of them.
//! let mut first = bus.subscription("orders.*").queue("billing").open()?;
//! let mut second = bus.subscription("orders.*").queue("billing").open()?;
//!
//! // A full mailbox makes the publisher wait, unless its owner would rather have the newest.
//! let mut ticker = bus.subscription("orders.created").capacity(1).overflow(Overflow::DropOldest).open()?;
//!
//! let topic = Topic::new("orders.created")?;
//! for order in 1..=2 {
//!     let receipt = bus.publish(Message::new(topic.clone(), format!("order {order}"))).await?;
//!     assert_eq!(receipt.matched, 3, "the audit, the group, the ticker");
//! }
//!
//! assert_eq!(audit.recv().await.unwrap().payload, "order 1");
//! assert_eq!(audit.recv().await.unwrap().payload, "order 2");
//!
//! assert_eq!(first.recv().await.unwrap().payload, "order 1");
//! assert_eq!(second.recv().await.unwrap().payload, "order 2");
//!
//! let newest = ticker.recv().await.unwrap();
//! assert_eq!((&newest.payload[..], newest.gap()), (&b"order 2"[..], 1));
//!
//! // Closing refuses what is new; what is queued still arrives, and then the streams end.
//! bus.close();
//! assert!(audit.recv().await.is_none());
//! # Ok(())
//! # }
//! ```
//!
//! # Requests
//!
//! ```
//! use capstone_bus::{Bus, Message, RequestError};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let bus = Bus::new();
//! let prices = bus.handle("prices.*", async |question| {
//!     question.respond("42").await?.all_enqueued()?;
//!     Ok(())
//! })?;
//! assert_eq!(bus.request("prices.tea", "how much?").await?.payload, "42");
//!
//! // Nobody there is an error at once, and not a timeout.
//! prices.unsubscribe().await;
//! let error = bus.request("prices.tea", "how much?").await.unwrap_err();
//! assert!(matches!(error, RequestError::NoResponders { .. }));
//! # Ok(())
//! # }
//! ```
//!
//! # Typed events
//!
//! ```
//! use capstone_bus::{Bus, events::Event};
//!
//! struct OrderCreated { order: u64 }
//!
//! impl Event for OrderCreated {
//!     const TOPIC: &'static str = "orders.created";
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let bus = Bus::new();
//! bus.on::<OrderCreated>(async |event| println!("order {}", event.order));
//!
//! // Waits for all handlers, and says what became of each.
//! assert!(bus.emit(OrderCreated { order: 7 }).await.is_ok());
//! # }
//! ```
//!
//! # The network
//!
//! With the feature `wire`, `wire::Listener` lets NATS clients in; the module `wire` begins with an example of it.
//!
//! # Handlers
//!
//! Those of topics ([`Bus::topic_handler`]) and of events ([`Bus::handler`]) have the same options, which do the same.
//!
//! ```
//! use std::time::Duration;
//! use capstone_bus::{Bus, Message, RatePolicy, RetryPolicy};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let bus = Bus::new();
//! let mut dead = bus.subscribe("$DLQ.>")?;
//! let mailer = bus
//!     .topic_handler("mails.>")
//!     .filter(|mail| !mail.payload.is_empty())
//!     .concurrency(4)
//!     .rate(10, Duration::from_secs(1), RatePolicy::Wait)
//!     .timeout(Duration::from_millis(5))
//!     .retry(RetryPolicy::attempts(2).base(Duration::from_millis(1)))
//!     .wrap(async |call, next| {
//!         println!("{}, attempt {}", call.topic, call.attempt);
//!         next.run(call).await
//!     })
//!     .dead_letter()
//!     .start(async |_| std::future::pending().await)?;
//!
//! bus.publish(Message::new("mails.welcome".parse()?, "Dear Ada")).await?.all_enqueued()?;
//! let letter = dead.recv().await.unwrap();
//! assert_eq!((letter.headers().get("dlq-kind"), mailer.stats().calls), (Some("timeout"), 2));
//! # Ok(())
//! # }
//! ```
//!
//! With the feature `tower`, a service of tower can be the handler: `TopicHandlerBuilder::start_service`.
//!
//! # Map
//!
//! A folder a concept. Each uses those above it in this table and none below, but for the methods that a folder adds to
//! [`Bus`]: who looks for `Bus::request` finds it in `request/`.
//!
//! | folder or file | what is in it |
//! | --- | --- |
//! | `base/` | ids, counters, the clock, and what keeps a panic of your code from ending ours |
//! | `topic/` | [`Topic`], [`Pattern`], the grammar of both, and which topics are the bus's own |
//! | `message/` | [`Message`] and its [`Headers`]; messages that were published together; the [`Delivery`] that a subscriber gets |
//! | `mailbox/` | the bounded queue in front of a subscription, with its [`Overflow`], filters and keys: every promise about full and slow is kept there |
//! | `router/` | who gets a message: tries of patterns, queue groups, and outlets, which are ways out to the network |
//! | `pipeline/` | what both kinds of handlers can be told, and what that does to a call: [`RetryPolicy`], [`RatePolicy`], [`Call`], [`HandlerStats`] |
//! | [`events`] | handlers by the type of an event, instead of subscriptions by topic: start with [`Bus::on`] |
//! | `shared/` | what the clones of a bus and its subscriptions share |
//! | `bus.rs` | [`Bus`], the handle |
//! | `publish/` | [`Bus::publish`]: the gate, the two passes, who of a group gets it; [`Publisher`], [`Receipt`] |
//! | `subscribe/` | [`SubscriptionBuilder`], [`Subscription`] |
//! | `request/` | [`Bus::request`], [`Delivery::respond`] |
//! | `handler/` | [`Bus::handle`]: a subscription with tasks that run the pipeline |
//! | `bridge/` | [`Bus::emit`]; with the feature `bridge`, events as messages and back |
//! | `stats.rs`, `shutdown.rs` | [`Stats`]; [`Bus::shutdown`] |
//! | `wire/` | the NATS protocol, with the feature `wire` |
//!
//! The router knows no messages, the mailbox no topics; `publish/offered.rs` is where they meet.

#![warn(missing_docs)]

mod base;
mod bridge;
mod bus;
pub mod events;
mod handler;
mod mailbox;
mod message;
mod pipeline;
mod publish;
mod request;
mod router;
mod shared;
mod shutdown;
mod stats;
mod subscribe;
mod topic;
#[cfg(feature = "wire")]
pub mod wire;

#[cfg(feature = "bridge")]
pub use bridge::{
    feed::{Feed, FeedReport},
    json::BridgeError,
};
pub use bus::{Bus, BusBuilder};
pub use handler::{builder::TopicHandlerBuilder, task::HandlerTask};
pub use mailbox::overflow::{CloseReason, Overflow};
pub use message::{
    delivery::{Deliveries, Delivery},
    headers::{HeaderError, Headers},
    message::Message,
};
pub use pipeline::{
    error::HandlerError,
    middleware::{Call, Next},
    outcome::LimitError,
    rate::RatePolicy,
    retry::RetryPolicy,
    stats::HandlerStats,
};
pub use publish::{
    publisher::{Publish, Publisher},
    receipt::{BatchError, DroppedError, PublishError, Receipt},
    sink::PublishSink,
};
pub use request::{
    request::{Request, RequestError},
    respond::RespondError,
};
pub use router::error::SubscribeError;
pub use shutdown::{ShutdownReport, SubscriptionReport};
pub use stats::{Stats, SubscriptionStats};
pub use subscribe::{
    builder::SubscriptionBuilder,
    subscription::{Recv, Subscription, TryRecvError},
};
pub use topic::{
    pattern::{Pattern, PatternError},
    topic::{Topic, TopicError},
};

/// Its example is one of the tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
