//! A transactional outbox: messages leave a database in the same commit as the business change they
//! tell about, and a relay carries them on, at least once and in order per key.
//!
//! Begin with [`sqlite::SqliteStore`] and [`sqlite::enqueue`], then give the store and a sink to a [`Relay`].
//!
//! | module | what it holds |
//! | --- | --- |
//! | [`message`] | what goes in ([`Message`]) and what comes out ([`Envelope`]) |
//! | [`json`] | the one-line JSON form of both |
//! | [`store`] | what the relay asks of a database |
//! | [`sqlite`] | the embedded store (feature `sqlite`, on by default) |
//! | [`memory`] | the same in memory, for tests of what uses a relay |
//! | [`sink`] | where messages go: the in-process bus, a file, standard output, or yours |
//! | [`relay`] | the way between, as a pure core and a thin shell |
#![warn(missing_docs)]

pub mod json;
pub mod memory;
pub mod message;
pub mod relay;
pub mod sink;
#[cfg(feature = "sqlite")]
pub mod sqlite;
pub mod store;

pub use message::{Envelope, Message, MessageId, Seq};
pub use relay::{Relay, RelayConfig};
pub use sink::{Sink, SinkError};
pub use store::{Store, StoreError};

/// What a caught panic said.
fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no message").to_owned()
}
