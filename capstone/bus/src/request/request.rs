//! [`Request`]: a message that wants a reply, and the four ways of not getting one.

use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;
use futures::FutureExt;
use futures::future::FusedFuture;

use crate::mailbox::offer::Patience;
use crate::request::inbox::Inbox;
use crate::router::outlet::Origin;
use crate::{Bus, Message, PublishError, Topic, TopicError};

const TIMEOUT: Duration = Duration::from_secs(5);

impl Bus {
    /// Publishes a message and awaits the first reply; five seconds, unless [`timeout`](Request::timeout) says
    /// otherwise.
    ///
    /// ```
    /// use capstone_bus::{Bus, RequestError};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let bus = Bus::new();
    ///
    /// // Somebody who responds; several who share the work would be a queue group.
    /// let mut questions = bus.subscribe("prices.*")?;
    /// tokio::spawn(async move {
    ///     while let Some(question) = questions.recv().await {
    ///         let price = if question.topic.as_str() == "prices.tea" { "4.20" } else { "unknown" };
    ///         let _ = question.respond(price).await.expect("it is a request");
    ///     }
    /// });
    ///
    /// let reply = bus.request("prices.tea", "a pound").await?;
    /// assert_eq!(reply.payload, "4.20");
    ///
    /// // That nobody is there is known at once.
    /// let error = bus.request("weather.today", "").await.unwrap_err();
    /// assert!(matches!(error, RequestError::NoResponders(_)));
    /// # Ok(())
    /// # }
    /// ```
    pub fn request<T>(&self, topic: T, payload: impl Into<Bytes>) -> Request
    where
        T: TryInto<Topic, Error: Into<TopicError>>,
    {
        let message = topic.try_into().map(|topic| Message::new(topic, payload)).map_err(Into::into);
        Request { bus: self.clone(), message, timeout: TIMEOUT }
    }

    /// [`request`](Self::request) with a message made before, such as one with headers. Its `reply` is replaced.
    pub fn request_message(&self, message: Message) -> Request {
        Request { bus: self.clone(), message: Ok(message), timeout: TIMEOUT }
    }
}

/// A request that was not yet made: `.await` makes it. From [`Bus::request`].
///
/// It is published like any other message, so it too awaits full mailboxes that block, but not once it has its reply:
/// they have the rest of their time without it. While that is so of 1,024 requests, the next ones wait for them, at most
/// for their own timeout. The first reply counts, later ones are counted in
/// [`Stats::late_replies`](crate::Stats::late_replies) and delivered to nobody.
///
/// # Cancel safety
///
/// Dropped before its first poll, nothing was published. Dropped later, those with room have the message, and their
/// replies come too late. Nothing is left behind on the bus.
#[derive(Debug)]
#[must_use = "nothing is published until it is awaited"]
pub struct Request {
    bus: Bus,
    message: Result<Message, TopicError>,
    timeout: Duration,
}

impl Request {
    /// The longest wait for the reply, from the first poll on.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    // ANCHOR: reply
    async fn reply(self) -> Result<Message, RequestError> {
        let message = self.message?;
        let shared = self.bus.shared();
        let mut inbox = Inbox::open(shared);
        let offered = match shared.offer(inbox.address(&message), Patience::Wait, Origin::LOCAL) {
            Ok(offered) if offered.is_unmatched() => return Err(RequestError::NoResponders(message)),
            Ok(offered) => offered,
            Err(PublishError::Closed(_)) => return Err(RequestError::Closed(message)),
            Err(error) => return Err(RequestError::Refused(error.with_message(message))),
        };
        let topic = message.topic.clone();
        drop(message);

        let (mut reply, mut settle) = (None, offered.settle().fuse());
        let wait = async {
            // Cancel safe: the reply stays in its channel, and a place in a line is kept by `settle`.
            tokio::select! {
                biased;
                came = &mut inbox.reply => reply = Some(came),
                _receipt = &mut settle => reply = Some((&mut inbox.reply).await),
            }
            if !settle.is_terminated() {
                shared.settling.take_over(settle).await;
            }
        };
        tokio::time::timeout(self.timeout, wait).await.ok();
        match reply {
            Some(Ok(reply)) => Ok(reply),
            Some(Err(_nobody_left)) => Err(RequestError::ResponderGone { topic }),
            // It may have come in the last moment.
            None => {
                inbox.reply.try_recv().map_err(|_| RequestError::Timeout { topic, timeout: self.timeout })
            }
        }
    }
    // ANCHOR_END: reply
}

impl IntoFuture for Request {
    type Output = Result<Message, RequestError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.reply())
    }
}

/// A request got no reply.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RequestError {
    /// No subscription matches. Known at once, and nobody got the message, which is given back.
    #[error("request to {}: nobody subscribes to it", .0.topic)]
    NoResponders(Message),
    /// Time was up while somebody still had the message. A reply from now on is late.
    #[error("request to {topic}: no reply within {timeout:?}")]
    Timeout {
        /// What was asked.
        topic: Topic,
        /// How long it waited.
        timeout: Duration,
    },
    /// Nobody is left who could reply: each copy was dropped, by who received it, or by a full mailbox.
    #[error("request to {topic}: every receiver dropped it without a reply")]
    ResponderGone {
        /// What was asked.
        topic: Topic,
    },
    /// The bus is closed. Nobody got the message, which is given back.
    #[error("request to {}: the bus is closed", .0.topic)]
    Closed(Message),
    /// It cannot be published, for another reason than a closed bus; nobody got it.
    #[error(transparent)]
    Refused(PublishError),
    /// The topic is none.
    #[error(transparent)]
    Topic(#[from] TopicError),
}
