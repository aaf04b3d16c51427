//! Publishes to NATS JetStream and waits until a stream has stored the message.

mod doctor;

use std::path::Path;
use std::str::FromStr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_nats::connection::State;
use async_nats::jetstream::context::{GetStreamByNameErrorKind, PublishError, PublishErrorKind};
use async_nats::jetstream::message::PublishMessage;
use async_nats::jetstream::{self, Error as ServerError, ErrorCode, stream};
use async_nats::{Client, ConnectOptions, Event, HeaderMap, HeaderName, HeaderValue};
use capstone_bus::Topic;
use thiserror::Error;
use tokio::sync::watch;

use super::{Attempt, Sink, SinkError};
use crate::failpoint::{self, Point};
use crate::message::Envelope;

/// Shorter than the relay's publish timeout, so that the sink says what it knows and is not merely cut off.
const ACK_TIMEOUT: Duration = Duration::from_secs(3);

/// Acknowledged when a stream has stored the message.
///
/// The stream's own window for duplicates, two minutes unless it says otherwise, drops what is published again: the
/// `Nats-Msg-Id` is the message's id. A relay that comes back later than that leaves duplicates.
///
/// It creates nothing: a topic that no stream takes is [`Retryable`](SinkError::Retryable), with the command that
/// creates a stream in the error. Topics of the server itself, `$…` and `_INBOX…`, are never published to. Headers of
/// the row whose names begin with `Nats-` mean to the server what they always do.
///
/// Consumers find the message's `outbox-id`, `outbox-seq` and `outbox-key` in its headers.
pub struct NatsSink {
    server: String,
    client: Client,
    jetstream: jetstream::Context,
    /// Counts lost connections: what was in flight then will not be acknowledged.
    losses: watch::Sender<u64>,
    /// A missing stream was logged.
    has_told: AtomicBool,
}

/// The sink cannot be used.
#[derive(Debug, Error)]
pub enum NatsError {
    /// Nobody listens there, or the server wants other credentials.
    #[error("{server}: {reason}")]
    Connect {
        /// The address.
        server: String,
        /// What the client library says.
        reason: String,
    },
    /// The server runs without JetStream, or this account may not use it.
    #[error("{server}: JetStream does not answer: {reason}; a nats-server has it with the option -js")]
    NoJetStream {
        /// The address.
        server: String,
        /// What the server says.
        reason: String,
    },
    /// There is no stream at all.
    #[error("{server}: has no stream: {}", HOW_TO_CREATE)]
    NoStream {
        /// The address.
        server: String,
    },
    /// The stream cannot be created, or is there with other subjects.
    #[error("{server}: cannot create stream {name}: {reason}")]
    Create {
        /// The address.
        server: String,
        /// The stream.
        name: String,
        /// What the server says.
        reason: String,
    },
}

const HOW_TO_CREATE: &str =
    "create one with `capstone relay --create-stream NAME=SUBJECTS`, or with `nats stream add`";

/// The client says only `TLS error`; what helps is behind it.
fn words(error: &async_nats::ConnectError) -> String {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(error) = source {
        let more = error.to_string();
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        source = error.source();
    }
    // What a handshake meets in a greeting in the clear.
    if text.contains("InvalidContentType") { text + ": the server does not speak TLS" } else { text }
}

impl NatsSink {
    /// Connects to `HOST:PORT`, or to `tls://HOST:PORT` over TLS; from then on it connects again by itself whenever it must.
    /// The certificate of a server must be one that the system trusts.
    ///
    /// # Errors
    /// Nobody answers, the server is not trusted, the token is wrong, or there is no JetStream.
    ///
    /// # Cancel safety
    /// Dropping it closes the connection.
    pub async fn connect(address: &str, token: Option<&str>) -> Result<Self, NatsError> {
        Self::connect_with(ConnectOptions::new(), address, token).await
    }

    /// Connects like [`connect`](Self::connect) to a server whose certificate is vouched for by one in this file, in PEM.
    ///
    /// # Errors
    /// Those of `connect`.
    ///
    /// # Cancel safety
    /// Dropping it closes the connection.
    pub async fn connect_trusting(
        roots: &Path,
        address: &str,
        token: Option<&str>,
    ) -> Result<Self, NatsError> {
        let options = ConnectOptions::new().add_root_certificates(roots.to_owned());
        Self::connect_with(options, address, token).await
    }

    async fn connect_with(
        options: ConnectOptions,
        address: &str,
        token: Option<&str>,
    ) -> Result<Self, NatsError> {
        let server = if address.contains("://") { address.to_owned() } else { format!("nats://{address}") };
        let losses = watch::Sender::new(0);
        let lost = losses.clone();
        let options = options.name("capstone relay").event_callback(move |event| {
            if event == Event::Disconnected {
                lost.send_modify(|count| *count += 1);
            }
            std::future::ready(())
        });
        let options = match token {
            Some(token) => options.token(token.to_owned()),
            None => options,
        };
        let client = options
            .connect(&server)
            .await
            .map_err(|error| NatsError::Connect { server: server.clone(), reason: words(&error) })?;
        let context = jetstream::ContextBuilder::new().timeout(ACK_TIMEOUT).ack_timeout(ACK_TIMEOUT);
        let sink = Self {
            jetstream: context.build(client.clone()),
            server,
            client,
            losses,
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
        // Asked for before sending, so that no loss is missed.
        let mut losses = self.losses.subscribe();
        if self.client.connection_state() != State::Connected {
            return Err(self.lost());
        }
        let acknowledgement = async {
            let acknowledgement = self.jetstream.send_publish(envelope.topic.clone(), message).await?;
            failpoint::pass(Point::NatsSent);
            acknowledgement.await
        };
        // Dropping either branch leaves nothing behind: a publish whose outcome is unknown is made again.
        let outcome = tokio::select! {
            outcome = acknowledgement => outcome,
            _ = losses.changed() => return Err(self.lost()),
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

/// Rows may come from other programs, so nothing in them is taken for valid.
fn message(envelope: &Envelope) -> Result<PublishMessage, SinkError> {
    let permanent =
        |what: &str, error: &dyn std::fmt::Display| SinkError::Permanent(format!("{what}: {error}"));
    let topic: Topic = envelope.topic.parse().map_err(|error| permanent("topic", &error))?;
    if topic.as_ref().starts_with(['$', '_']) {
        return Err(permanent("topic", &"belongs to the server"));
    }
    let mut headers = HeaderMap::new();
    let given = envelope.headers().map_err(|error| permanent("headers", &error))?;
    let id = envelope.id.to_string();
    let ours = [
        ("outbox-id".to_owned(), id.clone()),
        ("outbox-seq".to_owned(), envelope.seq.to_string()),
        ("Nats-Msg-Id".to_owned(), id),
    ];
    let key = envelope.key.as_ref().map(|key| ("outbox-key".to_owned(), key.to_string()));
    for (name, value) in given.into_iter().chain(key).chain(ours) {
        let name = HeaderName::from_str(&name).map_err(|error| permanent("headers", &error))?;
        let value = HeaderValue::from_str(&value).map_err(|error| permanent("headers", &error))?;
        headers.insert(name, value);
    }
    Ok(PublishMessage::build().payload(envelope.payload.clone()).headers(headers))
}
