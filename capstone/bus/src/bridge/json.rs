//! Between typed events and topics: events as JSON, published on the bus, and handlers behind a subscription.
//!
//! So a typed handler hears what comes from an outbox or over a network. Nothing is bridged by itself: who emits an
//! event publishes nothing, and who publishes emits nothing.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::bridge::dead_letter::put_away;
use crate::bridge::feed::Feed;
use crate::events::dead_letter::AnyLetter;
use crate::events::event::typed;
use crate::events::{Event, HandlerBuilder};
use crate::pipeline::dead_letter::FailedBy;
use crate::{Bus, Message, PublishError, Receipt, Subscription, Topic, TopicError};

const CONTENT_TYPE: &str = "content-type";
const JSON: &str = "application/json";

/// An event could not be published; nobody got it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BridgeError {
    /// The topic of the event is not one. The derive macro would have found it.
    #[error(transparent)]
    Topic(#[from] TopicError),
    /// The event cannot be written as JSON.
    #[error("event of {topic}: cannot be written as JSON")]
    Encode {
        /// The topic of the event.
        topic: &'static str,
        /// Why not.
        source: serde_json::Error,
    },
    /// The bus refused the message.
    #[error(transparent)]
    Publish(#[from] PublishError),
}

/// # Typed events and topics
///
/// With the feature `bridge`.
///
/// ```
/// use std::sync::Arc;
/// use capstone_bus::{Bus, events::Event};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Serialize, Deserialize)]
/// struct OrderCreated { order: u64 }
///
/// impl Event for OrderCreated {
///     const TOPIC: &'static str = "orders.created";
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let bus = Bus::new();
/// let heard = Arc::new(std::sync::Mutex::new(Vec::new()));
/// bus.on::<OrderCreated>({
///     let heard = Arc::clone(&heard);
///     move |event| {
///         heard.lock().unwrap().push(event.order);
///         async {}
///     }
/// });
///
/// // What is published under the topic is emitted; another service may have published it.
/// let feed = bus.feed::<OrderCreated>(bus.subscribe(OrderCreated::TOPIC)?);
/// let receipt = bus.publish_event(&OrderCreated { order: 7 }).await?;
/// assert_eq!(receipt.enqueued, 1);
///
/// bus.close();
/// assert_eq!(feed.ended().await.emitted, 1);
/// assert_eq!(*heard.lock().unwrap(), [7]);
/// # Ok(())
/// # }
/// ```
impl Bus {
    /// Publishes the event as JSON under its topic; see [`publish`](Self::publish). No handler is called, unless a
    /// [feed](Self::feed) brings it back.
    ///
    /// # Errors
    ///
    /// The event cannot be a message, or the bus is closed. Nobody got it.
    ///
    /// # Panics
    ///
    /// As for [`publish`](Self::publish).
    ///
    /// # Cancel safety
    ///
    /// As for [`publish`](Self::publish): after a cancelled call, calling again makes duplicates.
    pub async fn publish_event<E: Event + Serialize>(&self, event: &E) -> Result<Receipt, BridgeError> {
        let message = encode(event)?;
        Ok(self.publish(message).await?)
    }

    /// Emits what the subscription receives, one message after another, as events of type `E`: until the subscription
    /// ends, or the feed is stopped or dropped. Several feeds of one queue group share the work.
    ///
    /// A message counts as delivered when the feed takes it; what the handlers then do with it is theirs, so that they
    /// want retries and dead letters. A message that is no `E` is published again under `$DLQ.` and its topic, with the
    /// headers of a dead letter: see [`dead_letters_to`](HandlerBuilder::dead_letters_to).
    ///
    /// It keeps neither the bus open nor, when that closes, the rest of the messages back: they are still emitted. A
    /// [shutdown](crate::events::Events::shutdown) stops it behind the event under way.
    ///
    /// # Panics
    ///
    /// Outside of a Tokio runtime.
    pub fn feed<E: Event + DeserializeOwned>(&self, subscription: Subscription) -> Feed {
        Feed::spawn::<E>(self, subscription)
    }
}

impl<E: Event + Serialize> HandlerBuilder<E> {
    /// Publishes what the handler has finally failed on, as JSON under `$DLQ.` and the topic of the event, with the
    /// [headers](crate::TopicHandlerBuilder::dead_letter) of all dead letters, `dlq-pattern` and `dlq-group` left out.
    /// `dlq-subscription` is the name of the handler.
    ///
    /// It is lost, and counted as such, when the bus was closed without a [shutdown](Bus::shutdown), or no subscription
    /// takes it. An event whose own topic is that of a dead letter is never dead-lettered again. The handler does not
    /// keep the bus open.
    pub fn dead_letters_to(mut self, bus: &Bus) -> Self {
        let bus = bus.downgrade();
        self.dead_letters = Some(Box::new(move |AnyLetter { event, handler, failure }| {
            let bus = bus.clone();
            Box::pin(async move {
                let message = encode(&*typed::<E>(event))?;
                let by = FailedBy { name: Some(&handler), ..FailedBy::default() };
                put_away(&bus, &message, by, &failure).await
            })
        }));
        self
    }
}

/// As JSON, under its topic.
fn encode<E: Event + Serialize>(event: &E) -> Result<Message, BridgeError> {
    let topic = Topic::new(E::TOPIC)?;
    let json = serde_json::to_vec(event).map_err(|source| BridgeError::Encode { topic: E::TOPIC, source })?;
    Ok(Message::new(topic, json).with_header(CONTENT_TYPE, JSON).expect("a header"))
}
