//! [`WayBack`]: from a message to the bus that it was published on.
//!
//! It leads whoever responds back to the bus, and its end, with the last copy of the message, tells a request that nobody
//! is left who could.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};

use crate::message::link::Link;
use crate::shared::shared::Shared;

/// Weak, because a message that lies in a mailbox must not keep its bus alive.
pub(crate) struct WayBack {
    shared: Weak<Shared>,
    /// Absent when whoever asked is no request of this bus.
    request: Option<u64>,
    /// Somebody who holds no copy has promised to reply.
    handed_over: AtomicBool,
}

impl WayBack {
    /// To this bus, and perhaps to a request of it.
    pub(crate) fn link(shared: &Arc<Shared>, request: Option<u64>) -> Link {
        Link::new(Self { shared: Arc::downgrade(shared), request, handed_over: AtomicBool::new(false) })
    }

    /// The bus, unless it is no more.
    pub(crate) fn bus(link: &Link) -> Option<Arc<Shared>> {
        link.to::<Self>()?.shared.upgrade()
    }

    /// The end of the last copy says nothing any more.
    pub(crate) fn hand_over(link: &Link) {
        if let Some(way) = link.to::<Self>() {
            way.handed_over.store(true, Ordering::Relaxed);
        }
    }
}

impl Drop for WayBack {
    fn drop(&mut self) {
        if let Some(number) = self.request
            && !*self.handed_over.get_mut()
            && let Some(shared) = self.shared.upgrade()
        {
            shared.replies.forget(number);
        }
    }
}
