//! The listener: what it says to raw sockets, to real clients, and at each of its limits.

mod cancel;
mod clients;
mod headers;
mod judge;
mod limits;
mod python;
mod requests;
mod stats;
mod support;
#[cfg(feature = "wire-tls")]
mod tls;
mod users;
mod verbs;
