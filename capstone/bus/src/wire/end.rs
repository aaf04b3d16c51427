//! [`End`]: why a connection has ended.

use super::outbound::{Lag, WriteEnd};
use super::refusal::Refusal;

/// See the module.
#[derive(Debug)]
pub(super) enum End {
    /// The client has gone.
    Gone,
    /// We have asked it to go.
    Refused(Refusal),
    /// It did not say who it is in time, or said it wrongly.
    Unauthorised(&'static str),
    /// It has not said who it is, and others wait to do so.
    Displaced,
    /// It did not come to a TLS handshake, or not in time.
    #[cfg_attr(not(feature = "wire-tls"), expect(dead_code, reason = "there are no handshakes"))]
    Unencrypted,
    /// It does not answer.
    Stale,
    /// It does not take what it gets.
    Slow(Lag),
    /// The listener drains.
    Drained,
}

impl From<Refusal> for End {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Unauthorised => Self::Unauthorised("Authorization Violation"),
            refusal => Self::Refused(refusal),
        }
    }
}

impl End {
    pub(super) fn of_writing(end: &WriteEnd) -> Self {
        match end {
            WriteEnd::Finished | WriteEnd::Lost => Self::Gone,
            WriteEnd::Slow(lag) => Self::Slow(*lag),
        }
    }

    /// What the client is told.
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Refused(Refusal::Told(text)) => Some(text),
            Self::Unauthorised(text) => Some(text),
            Self::Displaced => Some("maximum connections exceeded"),
            Self::Stale => Some("Stale Connection"),
            // No error at a drain, nor, as nats-server, for a slow one: some clients stay closed for good after one.
            Self::Gone | Self::Unencrypted | Self::Slow(_) | Self::Drained | Self::Refused(_) => None,
        }
    }
}
