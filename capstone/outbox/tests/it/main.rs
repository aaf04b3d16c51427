//! Everything that needs a store, a sink or a relay as a whole.

mod cancel;
mod contract;
mod lanes;
#[cfg(feature = "nats")]
mod nats;
mod relay;
mod shaky;
mod sinks;
mod sqlite;
mod support;
mod swarm;
