//! What the handles of a bus and its subscriptions share.

pub(crate) mod handlers;
pub(crate) mod progress;
pub(crate) mod published;
pub(crate) mod replies;
pub(crate) mod settling;
#[expect(clippy::module_inception, reason = "the file of `Shared` has its name, as everywhere")]
pub(crate) mod shared;
