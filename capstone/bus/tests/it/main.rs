//! What the bus promises, seen from outside. One binary, so that it links once.

mod batch;
mod cancel;
mod closing;
mod dead_letter;
mod deadlock;
mod events;
mod filters;
mod groups;
mod handler;
mod kept;
mod keyed;
mod keyed_order;
mod many_groups;
mod model;
mod overflow;
mod panics;
mod pipeline;
mod publisher;
mod race;
mod reentrancy;
mod request;
mod routing;
mod shutdown;
mod stats;
mod stress;
mod support;
mod together;
mod waiting;
#[cfg(feature = "wire")]
mod wire;
