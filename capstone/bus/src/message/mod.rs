//! What is published, alone or in a batch, and what a subscriber gets.

pub(crate) mod batch_slice;
pub(crate) mod delivery;
pub(crate) mod header_block;
pub(crate) mod headers;
pub(crate) mod lease;
pub(crate) mod link;
#[expect(clippy::module_inception, reason = "the file of `Message` has its name, as everywhere")]
pub(crate) mod message;
pub(crate) mod slot;
