//! Publishes to NATS JetStream and waits until a stream has stored the message.

mod doctor;
mod error;
mod message;

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// How the client connects, and as whom.
pub use async_nats::ConnectOptions as NatsOptions;
use async_nats::connection::State;
use async_nats::jetstream::context::{GetStreamByNameErrorKind, PublishError, PublishErrorKind};
use async_nats::jetstream::{self, Error as ServerError, ErrorCode, stream};
use async_nats::{Client, Event, ServerAddr};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{broadcast, watch};

pub use error::NatsError;
use error::{HOW_TO_CREATE, words};
use message::message;

use super::{Attempt, Sink, SinkError};
use crate::failpoint::{self, Point};
use crate::message::Envelope;

/// Shorter than the relay's publish timeout, so that the sink says what it knows and is not merely cut off.
const ACK_TIMEOUT: Duration = Duration::from_secs(3);
/// As many as a relay's window has by default.
const DENIALS_MAX: usize = 1_024;

/// Acknowledged when a stream has stored the message.
///
/// The stream's own window for duplicates, two minutes unless it says otherwise, drops what is published again: the
/// `Nats-Msg-Id` is the message's id. A relay that comes back later than that leaves duplicates.
///
/// It creates nothing: a topic that no stream takes is [`Retryable`](SinkError::Retryable), with the command that
/// creates a stream in the error. Topics of the server itself, `$…` and `_INBOX…`, are never published to. What is larger than
/// the server's `max_payload` is [`Permanent`](SinkError::Permanent).
///
/// Its user there needs permission to publish to the topics, to `$JS.API.INFO` and to `$JS.API.STREAM.NAMES`, and to subscribe to
/// `_INBOX.>`. A topic that the server denies is [`Retryable`](SinkError::Retryable), with words that say so.
///
/// Of headers whose names begin with `Nats-`, which are the server's, the row's `Nats-Expected-Stream` and `Nats-TTL` are passed on, and
/// its `Nats-Msg-Id` is replaced. A row with any other is [`Permanent`](SinkError::Permanent) at once, and the error names the header.
/// Some mean something else when a message is repeated: `Nats-Expected-Last-Subject-Sequence` refuses what it has stored itself, and
/// `Nats-Rollup` deletes what came since. Others are never acknowledged, or tell of another message from which they were copied.
///
/// Consumers find the message's `outbox-id`, `outbox-seq` and `outbox-key` in its headers.
pub struct NatsSink {
    server: String,
    client: Client,
    jetstream: jetstream::Context,
    /// Counts lost connections: what was in flight then will not be acknowledged.
    losses: watch::Sender<u64>,
    /// Topics that the server has just refused to this user. Who is not told, because more come at once than it holds, waits for
    /// the acknowledgement in vain.
    denials: broadcast::Sender<String>,
    /// A missing stream was logged.
    has_told: AtomicBool,
}

impl NatsSink {
    /// Connects to `HOST:PORT`, or to `tls://HOST:PORT` over TLS, without telling who it is; from then on it connects again by
    /// itself whenever it must. The certificate of a server must be one that the system trusts.
    ///
    /// # Errors
    /// Nobody answers, the server is not trusted, it wants to know who comes, or there is no JetStream.
    ///
    /// # Cancel safety
    /// Dropping it closes the connection.
    pub async fn connect(address: &str) -> Result<Self, NatsError> {
        Self::connect_with(address, NatsOptions::new().name("capstone relay")).await
    }

    /// Connects like [`connect`](Self::connect), as the options say: with a token, a user and a password, or whose certificates to
    /// trust; with the feature `nats-nkeys`, which is one of the client's as well, also with a key or with a file of credentials.
    ///
    /// The event callback of the options is replaced by the sink's own.
    ///
    /// ```no_run
    /// use capstone_outbox::sink::{NatsOptions, NatsSink};
    ///
    /// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// let password = std::env::var("CAPSTONE_NATS_PASSWORD")?;
    /// let options = NatsOptions::with_user_and_password("relay".into(), password)
    ///     .add_root_certificates("ca.pem".into());
    /// let sink = NatsSink::connect_with("tls://nats.example.org:4222", options).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// Those of `connect`; an address that holds a password, which would be seen wherever the address is.
    ///
    /// # Cancel safety
    /// Dropping it closes the connection.
    pub async fn connect_with(address: &str, options: NatsOptions) -> Result<Self, NatsError> {
        let address = parse(address)?;
        let server = named(&address);
        let losses = watch::Sender::new(0);
        let denials = broadcast::Sender::new(DENIALS_MAX);
        let (lost, denied) = (losses.clone(), denials.clone());
        let options = options.event_callback(move |event| {
            match event {
                Event::Disconnected => lost.send_modify(|count| *count += 1),
                Event::ServerError(error) => {
                    if let Some(topic) = denied_topic(&error.to_string()) {
                        // Nobody may be waiting.
                        drop(denied.send(topic.to_owned()));
                    }
                }
                _ => {}
            }
            std::future::ready(())
        });
        let client = options
            .connect(&address)
            .await
            .map_err(|error| NatsError::Connect { server: server.clone(), reason: words(&error) })?;
        let context = jetstream::ContextBuilder::new().timeout(ACK_TIMEOUT).ack_timeout(ACK_TIMEOUT);
        let sink = Self {
            jetstream: context.build(client.clone()),
            server,
            client,
            losses,
            denials,
            has_told: AtomicBool::new(false),
        };
        match sink.jetstream.query_account().await {
            Ok(_) => Ok(sink),
            Err(error) => Err(NatsError::NoJetStream { server: sink.server, reason: error.to_string() }),
        }
    }

    /// Whether there is a stream at all; which topics come is not known yet.
    ///
    /// # Errors
    /// There is none, or the server does not answer.
    ///
    /// # Cancel safety
    /// It only asks.
    pub async fn check_streams(&self) -> Result<(), NatsError> {
        let server = self.server.clone();
        match self.jetstream.query_account().await {
            Ok(account) if account.streams > 0 => Ok(()),
            Ok(_) => Err(NatsError::NoStream { server }),
            Err(error) => Err(NatsError::NoJetStream { server, reason: error.to_string() }),
        }
    }

    /// Creates a stream in files, with the server's defaults. One with this name and these subjects is left as it is.
    ///
    /// # Errors
    /// The server refuses, for example because another stream has one of the subjects.
    ///
    /// # Cancel safety
    /// Dropped, the stream may be created all the same.
    pub async fn create_stream(&self, name: &str, subjects: Vec<String>) -> Result<(), NatsError> {
        let config = stream::Config { name: name.to_owned(), subjects, ..stream::Config::default() };
        let failed =
            |reason: String| NatsError::Create { server: self.server.clone(), name: name.to_owned(), reason };
        let found = match self.jetstream.get_stream(name).await {
            Ok(mut found) => found.info().await.map_err(|error| failed(error.to_string()))?.clone(),
            Err(_) => {
                let created = self.jetstream.create_stream(config).await;
                return created.map(drop).map_err(|error| failed(error.to_string()));
            }
        };
        if found.config.subjects == config.subjects {
            return Ok(());
        }
        Err(failed(format!("it is there with the subjects {}", found.config.subjects.join(","))))
    }

    async fn send(&self, envelope: &Envelope) -> Result<(), SinkError> {
        let message = message(envelope)?;
        // Asked for before sending, so that nothing is missed.
        let (mut losses, denials) = (self.losses.subscribe(), self.denials.subscribe());
        if self.client.connection_state() != State::Connected {
            return Err(self.lost());
        }
        let acknowledgement = async {
            let acknowledgement = self.jetstream.send_publish(envelope.topic.clone(), message).await?;
            failpoint::pass(Point::NatsSent);
            acknowledgement.await
        };
        // Dropping any branch leaves nothing behind: a publish whose outcome is unknown is made again.
        let outcome = tokio::select! {
            outcome = acknowledgement => outcome,
            _ = losses.changed() => return Err(self.lost()),
            () = told(denials, &envelope.topic) => {
                let text = format!("the server does not let this user publish to {}", envelope.topic);
                return Err(SinkError::Retryable(text));
            }
        };
        match outcome {
            // A duplicate is in the stream already: that is what was asked for.
            Ok(_) => Ok(()),
            Err(error) if error.kind() == PublishErrorKind::StreamNotFound => {
                Err(self.no_stream(&envelope.topic).await)
            }
            Err(error) => Err(self.classify(&error)),
        }
    }

    fn lost(&self) -> SinkError {
        SinkError::Unavailable(format!("{}: not connected", self.server))
    }

    /// Nobody took the message: because no stream wants its topic, or because JetStream is not there right now.
    async fn no_stream(&self, topic: &str) -> SinkError {
        match self.jetstream.stream_by_subject(topic).await {
            Ok(stream) => SinkError::Unavailable(format!("{}: stream {stream} does not answer", self.server)),
            Err(error) if error.kind() == GetStreamByNameErrorKind::NotFound => {
                let text = format!("no stream takes the topic {topic}: {HOW_TO_CREATE}");
                if !self.has_told.swap(true, Ordering::Relaxed) {
                    tracing::error!("{}: {text}", self.server);
                }
                SinkError::Retryable(text)
            }
            Err(error) => SinkError::Unavailable(format!("{}: {error}", self.server)),
        }
    }

    fn classify(&self, error: &PublishError) -> SinkError {
        let text = error.to_string();
        match error.kind() {
            PublishErrorKind::TimedOut => {
                SinkError::TimedOut(format!("{}: no acknowledgement within {ACK_TIMEOUT:?}", self.server))
            }
            PublishErrorKind::MaxAckPending => SinkError::Retryable(text),
            PublishErrorKind::BrokenPipe | PublishErrorKind::StreamNotFound => {
                SinkError::Unavailable(format!("{}: {text}", self.server))
            }
            PublishErrorKind::MaxPayloadExceeded
            | PublishErrorKind::WrongLastMessageId
            | PublishErrorKind::WrongLastSequence => SinkError::Permanent(text),
            PublishErrorKind::Other => {
                let source = std::error::Error::source(error);
                match source.and_then(|source| source.downcast_ref::<ServerError>()) {
                    Some(error) => refused(&self.server, error),
                    None => SinkError::Retryable(text),
                }
            }
        }
    }
}

impl Sink for NatsSink {
    /// # Cancel safety
    /// A dropped publish may still be stored; published again, it is recognised as a duplicate.
    async fn publish(&self, envelope: &Envelope, _attempt: Attempt) -> Result<(), SinkError> {
        let outcome = self.send(envelope).await;
        failpoint::pass(Point::NatsAcknowledged);
        outcome
    }
}

/// Ends when this topic is denied.
async fn told(mut denials: broadcast::Receiver<String>, topic: &str) {
    loop {
        match denials.recv().await {
            Ok(denied) if denied == topic => return,
            Ok(_) | Err(RecvError::Lagged(_)) => {}
            Err(RecvError::Closed) => std::future::pending().await,
        }
    }
}

/// What the server says of it: `Permissions Violation for Publish to "orders.created"`.
fn denied_topic(error: &str) -> Option<&str> {
    error.split_once("Permissions Violation for Publish to \"")?.1.strip_suffix('"')
}

/// What JetStream itself said. Its codes are those of HTTP: from 500 on the fault is the server's.
fn refused(server: &str, error: &ServerError) -> SinkError {
    let text = error.to_string();
    match error.error_code() {
        // Full, for all or for one subject: only this message is known to be refused.
        ErrorCode::STREAM_STORE_FAILED => SinkError::Retryable(text),
        _ if error.code() >= 500 => SinkError::Unavailable(format!("{server}: {text}")),
        _ => SinkError::Permanent(text),
    }
}

/// The client would log an address with its password, and so it gets none.
fn parse(address: &str) -> Result<ServerAddr, NatsError> {
    let wrong = |reason: String| NatsError::Address { reason };
    let address: ServerAddr = address.parse().map_err(|error: std::io::Error| wrong(error.to_string()))?;
    if address.username().is_some() || address.password().is_some() {
        return Err(wrong(
            "holds a user or a password, which would be seen wherever it is: give them as NatsOptions".into(),
        ));
    }
    Ok(address)
}

fn named(address: &ServerAddr) -> String {
    let (scheme, host, port) = (address.scheme(), address.host(), address.port());
    if host.contains(':') {
        format!("{scheme}://[{host}]:{port}")
    } else {
        format!("{scheme}://{host}:{port}")
    }
}
