//! async-nats's own.

include!(concat!(env!("OUT_DIR"), "/server_pool_tests.rs"));
