//! What knows nothing of the bus: ids, counters, and what keeps foreign code from ending ours.

pub(crate) mod caught;
pub(crate) mod clock;
pub(crate) mod counter;
pub(crate) mod few;
pub(crate) mod id;
pub(crate) mod lock;
#[cfg(not(loom))]
pub(crate) mod sync;
#[cfg(loom)]
#[path = "../../../../model/sync.rs"]
pub(crate) mod sync;
pub(crate) mod turn;
