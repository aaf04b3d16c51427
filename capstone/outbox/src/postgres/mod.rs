//! The store in PostgreSQL: messages of any number of applications, carried by any number of relays.
//!
//! Start with [`PostgresStore::connect`] and [`enqueue`]. `address`, `dial` and `target` make connections, `schema` the
//! tables. `fetch` and `sweep` are what the relay reads, `settle` what it writes, `lanes` whose they are, `bell` what
//! wakes it.

mod address;
mod bell;
mod dial;
mod enqueue;
mod failure;
mod fetch;
mod lanes;
mod schema;
mod settle;
mod status;
mod store;
mod sweep;
mod target;

pub use crate::batch::Enqueued;
pub use enqueue::{EnqueueError, enqueue, enqueue_bulk, enqueue_many};
pub use store::PostgresStore;
pub use target::Target;
