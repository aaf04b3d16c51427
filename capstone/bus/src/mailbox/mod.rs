//! The bounded queue in front of a subscription: every promise about full and slow is kept here.

pub(crate) mod consumer;
pub(crate) mod counts;
pub(crate) mod entry;
pub(crate) mod exit;
pub(crate) mod filter;
pub(crate) mod follow;
pub(crate) mod key;
pub(crate) mod keyed;
pub(crate) mod keys;
pub(crate) mod line;
pub(crate) mod log;
#[expect(clippy::module_inception, reason = "the file of `Mailbox` has its name, as everywhere")]
pub(crate) mod mailbox;
pub(crate) mod node;
pub(crate) mod offer;
pub(crate) mod overflow;
pub(crate) mod parked;
pub(crate) mod spec;
pub(crate) mod state;
pub(crate) mod tail;
pub(crate) mod take;
pub(crate) mod trail;
pub(crate) mod wait;
pub(crate) mod waiting;
