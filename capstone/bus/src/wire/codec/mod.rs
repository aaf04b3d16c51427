//! The NATS client protocol as bytes: what a client says, and what a server answers.
//!
//! No I/O, no clock, no bus: bytes in, commands out, and the other way round. So it can be fed whole, byte by byte or by
//! a fuzzer, and the result is the same.
//!
//! | module | what it is |
//! | --- | --- |
//! | `decoder`, `line` | [`Decoder`]: takes commands off the front of a buffer; what a control line says |
//! | `command` | [`Command`]: what a client says |
//! | `connect` | [`Connect`]: the options of a client, from the JSON of its `CONNECT` |
//! | `encode` | what a server says |
//! | `header_block` | the headers of a message on their way out |
//!
//! The protocol is described at <https://docs.nats.io/reference/reference-protocols/nats-protocol>, and the header block
//! in [ADR-4](https://github.com/nats-io/nats-architecture-and-design/blob/main/adr/ADR-4.md).

mod command;
mod connect;
mod decoder;
pub mod encode;
mod header_block;
mod line;
#[cfg(test)]
mod tests;

pub use command::{Command, Publish, Subscribe};
pub use connect::{Connect, ConnectError};
pub use decoder::{DecodeError, Decoder};
