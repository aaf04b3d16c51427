//! Everything that needs a store, a sink or a relay as a whole.

mod cancel;
mod contract;
mod lanes;
mod legacy;
#[cfg(feature = "nats")]
mod nats;
mod operations;
#[cfg(all(unix, feature = "postgres"))]
mod postgres;
mod relay;
mod shaky;
mod sinks;
mod sqlite;
mod stream;
mod support;
mod swarm;
