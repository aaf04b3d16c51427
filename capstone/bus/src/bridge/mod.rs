//! Typed events on a bus: its own, and with the feature `bridge` those that are messages on topics.

#[cfg(feature = "bridge")]
pub(crate) mod dead_letter;
#[cfg(feature = "bridge")]
pub(crate) mod feed;
#[cfg(feature = "bridge")]
pub(crate) mod json;
pub(crate) mod typed_events;
