//! Whether a [`Store`](crate::Store) or a [`Sink`](crate::Sink) of one's own keeps its promises: feature `testing`, for tests.
//!
//! Each function is one promise, and panics when it is broken; [`store::all`] and [`sink::all`] are all of them. They take a function that
//! makes a fresh subject: the store or the sink, and what the suite does with it beside the trait. Those that come with this
//! crate are tested by the same functions.
//!
//! ```
//! use std::sync::{Arc, Mutex};
//!
//! use capstone_outbox::testing::sink::{self, Received, Subject};
//! use capstone_outbox::{Attempt, Envelope, Sink, SinkError};
//!
//! /// The sink that is to be tested: it keeps what it takes.
//! #[derive(Default)]
//! struct Shelf(Mutex<Vec<Envelope>>);
//!
//! impl Sink for Shelf {
//!     async fn publish(&self, message: &Envelope, _attempt: Attempt) -> Result<(), SinkError> {
//!         message.headers().map_err(|error| SinkError::Permanent(format!("headers: {error}")))?;
//!         self.0.lock().unwrap().push(message.clone());
//!         Ok(())
//!     }
//! }
//!
//! /// It, and a look at what has arrived.
//! #[derive(Default)]
//! struct OnAShelf(Shelf);
//!
//! impl Subject for OnAShelf {
//!     type Sink = Shelf;
//!
//!     fn sink(&self) -> &Shelf {
//!         &self.0
//!     }
//!
//!     async fn received(&self) -> Vec<Received> {
//!         self.0.0.lock().unwrap().iter().map(Received::from).collect()
//!     }
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! sink::all(async || OnAShelf::default()).await;
//! # }
//! ```
//!
//! What only time or a broken machine shows is not in it: that a commit survives a crash, that a row which commits late is found
//! below the cursor, that a sink which is down says so.

mod cancel;
pub mod sink;
pub mod store;
