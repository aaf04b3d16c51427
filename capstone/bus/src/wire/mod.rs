//! The bus on the network: the NATS client protocol, so that NATS clients in every language can talk to it.

pub mod codec;
