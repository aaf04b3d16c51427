//! Everything that needs a store, a sink or a relay as a whole.

mod bulk;
mod cancel;
#[cfg(all(unix, any(feature = "nats", feature = "postgres-tls")))]
mod certificates;
mod contract;
mod contract_broken;
mod examples;
#[cfg(unix)]
mod identity;
mod lanes;
mod memory;
#[cfg(feature = "nats")]
mod nats;
#[cfg(feature = "nats")]
mod nats_doctor;
#[cfg(feature = "nats")]
mod nats_headers;
#[cfg(feature = "nats-nkeys")]
mod nats_keys;
#[cfg(feature = "nats")]
mod nats_login;
mod operations;
mod owned;
#[cfg(all(unix, feature = "postgres"))]
mod postgres;
#[cfg(unix)]
mod python;
mod relay;
mod rotation;
mod shaky;
mod sink_contract;
mod sinks;
mod sqlite;
mod stream;
mod support;
mod swarm;
#[cfg(feature = "tower")]
mod tower;
mod unread;
