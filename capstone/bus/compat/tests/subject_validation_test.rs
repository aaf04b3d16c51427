//! async-nats's own.

include!(concat!(env!("OUT_DIR"), "/subject_validation_test.rs"));
