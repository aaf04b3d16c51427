//! Handlers of topics: a subscription with tasks of ours that run your code for each message.

pub(crate) mod builder;
pub(crate) mod dead_letter;
pub(crate) mod registration;
#[cfg(feature = "tower")]
pub(crate) mod service;
pub(crate) mod task;
pub(crate) mod worker;
