//! What hands messages over, and tells a shutdown of it; `model/` builds the bus with loom's in their place.

pub(crate) use std::sync::atomic::{AtomicBool, AtomicU64, fence};
pub(crate) use std::sync::{Mutex, MutexGuard, OnceLock};

pub(crate) use tokio::sync::Notify;
