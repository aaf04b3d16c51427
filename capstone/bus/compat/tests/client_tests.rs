//! async-nats's own.

include!(concat!(env!("OUT_DIR"), "/client_tests.rs"));
