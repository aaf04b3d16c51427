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
//!     question.respond("42").await?;
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
//! # Map
//!
//! | module | what it is |
//! | --- | --- |
//! | `bus`, `shared` | [`Bus`], the handle; what its clones and subscriptions share |
//! | `topic`, `pattern` | [`Topic`], [`Pattern`] |
//! | `grammar`, `text` | the one place that knows their rules; what they have in common as texts |
//! | `message`, `headers`, `delivery` | [`Message`], its [`Headers`], and the [`Delivery`] that a subscriber gets |
//! | `header_block` | headers that came from the network, as they are |
//! | `run` | a message, or messages that were published together, as all mailboxes share them |
//! | `publisher`, `publish` | [`Publisher`], the fast way to publish on one topic; [`Receipt`] and the errors |
//! | `offered`, `group`, `wait` | the two passes of a publish, who of a group gets it, and a place in a waiting line |
//! | `subscribe`, `subscription`, `overflow`, `filter`, `key` | [`SubscriptionBuilder`], [`Subscription`], [`Overflow`] |
//! | `request`, `respond`, `replies` | [`Bus::request`], [`Delivery::respond`]; which requests wait for a reply |
//! | `settling` | copies of a request that wait for their mailboxes when it has its reply |
//! | `handle`, `handler_task`, `handler_error` | [`TopicHandlerBuilder`], [`HandlerTask`], [`HandlerError`] |
//! | `handlers`, `worker`, `retry`, `reentry` | which handlers run; what their tasks do; pauses; waiting for oneself |
//! | `dead_letter`, `clock` | what a handler has failed on for good; the wall time in it |
//! | `caught` | what happens when code of the application panics |
//! | `own` | the topics that are the bus's own, and the gate that every publish passes |
//! | `router`, `trie`, `children`, `subscribers`, `matched` | who gets a message |
//! | `outlet` | a way out that is no mailbox, for the network |
//! | `mailbox`, `few` | the bounded queue in front of a subscription: every promise about full and slow is kept there |
//! | `sync` | what hands messages over, so that `model/` can try every interleaving of it |
//! | `shutdown` | [`Bus::shutdown`], [`ShutdownReport`], [`SubscriptionReport`] |
//! | `stats` | [`Stats`], [`SubscriptionStats`] |
//! | [`events`] | handlers by the type of an event, instead of subscriptions by topic: start with [`Bus::on`] |
//! | `wire` | the NATS protocol, with the feature `wire` |
//!
//! The router knows no messages, the mailbox no topics; `offered` is where they meet.

#![warn(missing_docs)]

mod bus;
mod caught;
mod children;
mod clock;
mod dead_letter;
mod delivery;
pub mod events;
mod few;
mod filter;
mod grammar;
mod group;
mod handle;
mod handler_error;
mod handler_task;
mod handlers;
mod header_block;
mod headers;
mod key;
mod mailbox;
mod matched;
mod message;
mod offered;
#[cfg(test)]
mod oracle;
mod outlet;
mod overflow;
mod own;
mod pattern;
mod publish;
mod publisher;
mod reentry;
mod replies;
mod request;
mod respond;
mod retry;
mod router;
mod run;
mod settling;
mod shared;
mod shutdown;
mod stats;
mod subscribe;
mod subscribers;
mod subscription;
#[cfg(not(loom))]
mod sync;
#[cfg(loom)]
#[path = "../../../model/sync.rs"]
mod sync;
mod text;
mod topic;
mod trie;
mod wait;
#[cfg(feature = "wire")]
pub mod wire;
mod worker;

pub use bus::{Bus, BusBuilder};
pub use delivery::{Deliveries, Delivery};
pub use handle::TopicHandlerBuilder;
pub use handler_error::HandlerError;
pub use handler_task::{HandlerStats, HandlerTask};
pub use headers::{HeaderError, Headers};
pub use message::Message;
pub use overflow::{CloseReason, Overflow};
pub use pattern::{Pattern, PatternError};
pub use publish::{BatchError, PublishError, Receipt};
pub use publisher::Publisher;
pub use request::{Request, RequestError};
pub use respond::RespondError;
pub use retry::RetryPolicy;
pub use shutdown::{ShutdownReport, SubscriptionReport};
pub use stats::{Stats, SubscriptionStats};
pub use subscribe::{SubscribeError, SubscriptionBuilder};
pub use subscription::{Subscription, TryRecvError};
pub use topic::{Topic, TopicError};
