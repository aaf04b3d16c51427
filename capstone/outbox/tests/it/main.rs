//! Everything that needs a store, a sink or a relay as a whole.

mod cancel;
mod contract;
#[cfg(feature = "nats")]
mod nats;
mod relay;
mod sinks;
mod sqlite;
mod support;
mod swarm;
