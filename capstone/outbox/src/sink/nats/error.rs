//! Why a server of NATS cannot be used. It is named by its host and port; what it must not tell is never in it.

use thiserror::Error;

/// The sink cannot be used.
#[non_exhaustive]
#[derive(Debug, Error)]
pub enum NatsError {
    /// The address is none, or holds a password. It is not repeated.
    #[error("address of NATS: {reason}")]
    Address {
        /// What to write.
        reason: String,
    },
    /// Nobody listens there, or the server wants other credentials.
    #[error("{server}: {reason}")]
    Connect {
        /// Its scheme, host and port.
        server: String,
        /// What the client library says.
        reason: String,
    },
    /// The server runs without JetStream, or this account may not use it.
    #[error("{server}: JetStream does not answer: {reason}; a nats-server has it with the option -js")]
    NoJetStream {
        /// Its scheme, host and port.
        server: String,
        /// What the server says.
        reason: String,
    },
    /// There is no stream at all.
    #[error("{server}: has no stream: {}", HOW_TO_CREATE)]
    NoStream {
        /// Its scheme, host and port.
        server: String,
    },
    /// The stream cannot be created, or is there with other subjects.
    #[error("{server}: cannot create stream {name}: {reason}")]
    Create {
        /// Its scheme, host and port.
        server: String,
        /// The stream.
        name: String,
        /// What the server says.
        reason: String,
    },
}

pub(super) const HOW_TO_CREATE: &str =
    "create one with `capstone relay --create-stream NAME=SUBJECTS`, or with `nats stream add`";

/// The client says only `TLS error`; what helps is behind it.
pub(super) fn words(error: &async_nats::ConnectError) -> String {
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
