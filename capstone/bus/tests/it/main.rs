//! What the bus promises, seen from outside. One binary, so that it links once.

mod batch;
mod cancel;
mod closing;
mod groups;
mod overflow;
mod publisher;
mod reentrancy;
mod routing;
mod stats;
mod stress;
mod support;
