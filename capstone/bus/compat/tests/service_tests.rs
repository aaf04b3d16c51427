//! async-nats's own.

// Wanted by one test, which is left out: it fetches what it needs from the internet.
extern crate nats_server as jsonschema;
extern crate nats_server as reqwest;

include!(concat!(env!("OUT_DIR"), "/service_tests.rs"));
