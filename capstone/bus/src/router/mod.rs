//! Who gets a message.

pub(crate) mod children;
pub(crate) mod error;
pub(crate) mod logs;
pub(crate) mod matched;
pub(crate) mod outlet;
#[expect(clippy::module_inception, reason = "the file of `Router` has its name, as everywhere")]
pub(crate) mod router;
pub(crate) mod subscribers;
pub(crate) mod trie;
