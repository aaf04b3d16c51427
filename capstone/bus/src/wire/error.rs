//! [`ListenError`]: why a listener was not opened.

use std::io;
use std::net::SocketAddr;

/// The listener could not be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ListenError {
    /// The address is none, or is taken.
    #[error("cannot listen: {0}")]
    Bind(#[source] io::Error),
    /// The address can be reached from other machines, and anybody there could publish.
    #[error("{0} can be reached from other machines: clients need a token, a user or certificates there")]
    Open(SocketAddr),
    /// The limits contradict each other.
    #[error("{0}")]
    Limits(&'static str),
    /// A token, user name or password is empty or longer than 256 bytes.
    #[error("a token, user name or password has 1 to 256 bytes")]
    Credentials,
    /// Two users have the same name.
    #[error("there are two users {0:?}")]
    SameName(String),
    /// Two users have the same token.
    #[error("two users have the same token")]
    SameToken,
}
