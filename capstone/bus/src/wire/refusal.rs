//! [`Refusal`]: why a client is asked to go.

use super::codec::{ConnectError, DecodeError};

/// See the module.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// The client is told so with an `-ERR`.
    Told(String),
    /// It is told nothing, as by nats-server: after an `-ERR` that they do not know, clients stay away for good. The reason is
    /// for the log.
    Silent(String),
    /// It is not who it has to be.
    Unauthorised,
    /// The bus is closed; the client may look for another server.
    BusClosed,
}

impl From<&str> for Refusal {
    fn from(text: &str) -> Self {
        Self::Told(text.to_owned())
    }
}

impl From<DecodeError> for Refusal {
    fn from(error: DecodeError) -> Self {
        match error {
            DecodeError::Syntax => Self::Silent(error.to_string()),
            DecodeError::Verb | DecodeError::ControlLine | DecodeError::Payload => {
                Self::Told(error.to_string())
            }
        }
    }
}

impl From<ConnectError> for Refusal {
    fn from(error: ConnectError) -> Self {
        Self::Silent(error.to_string())
    }
}
