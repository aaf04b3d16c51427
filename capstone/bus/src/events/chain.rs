//! [`Chain`]: which calls an emission is nested in.
//!
//! It travels with the task, as a task-local value, and with the envelopes of actors. A task that a handler spawns
//! itself begins a chain of its own, and so does an event that is emitted and forgotten.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// How deep emissions may be nested. Each level is on the stack while it is polled, so that without a limit an event
/// whose handler emits it again would end the process.
pub const DEPTH_MAX: usize = 64;

tokio::task_local! {
    static CHAIN: Chain;
}

/// Tells apart whatever must not wait for itself: handlers with a limit, and actors. Unique in the process, because a
/// chain may pass through several registries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct LinkId(u64);

impl LinkId {
    pub(crate) fn next() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Self(NEXT.fetch_add(1, Ordering::Relaxed))
    }
}

/// See the module.
#[derive(Clone, Debug, Default)]
pub(crate) struct Chain {
    depth: usize,
    layers: usize,
    /// See [`in_front`](Self::in_front).
    in_front: bool,
    innermost: Option<Arc<Link>>,
}

#[derive(Debug)]
struct Link {
    id: LinkId,
    outer: Option<Arc<Link>>,
}

impl Chain {
    /// Of the code that runs now; empty outside of handlers.
    pub(crate) fn current() -> Self {
        CHAIN.try_with(Clone::clone).unwrap_or_default()
    }

    /// How many handlers this is nested in.
    pub(crate) fn depth(&self) -> usize {
        self.depth
    }

    /// Whether a call around this one has passed through `id`, and waits for this one to end.
    pub(crate) fn contains(&self, id: LinkId) -> bool {
        std::iter::successors(self.innermost.as_deref(), |link| link.outer.as_deref())
            .any(|link| link.id == id)
    }

    /// In how many middlewares this is nested.
    pub(crate) fn layers(&self) -> usize {
        self.layers
    }

    /// Into a call with so many middlewares around it.
    pub(crate) fn deeper(self, layers: usize) -> Self {
        let (depth, layers) = (self.depth + 1, self.layers + layers);
        Self { depth, layers, in_front: false, innermost: self.innermost }
    }

    /// The call has its turn, or was called before: it stands in front of all that wait for its handler, and so needs no
    /// place among them.
    pub(crate) fn in_front(self) -> Self {
        Self { in_front: true, ..self }
    }

    pub(crate) fn is_in_front(&self) -> bool {
        self.in_front
    }

    pub(crate) fn with(mut self, id: LinkId) -> Self {
        self.innermost = Some(Arc::new(Link { id, outer: self.innermost.take() }));
        self
    }

    /// Runs the future as part of this chain.
    pub(crate) fn scope<F: Future>(self, future: F) -> impl Future<Output = F::Output> {
        CHAIN.scope(self, future)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chain_knows_what_it_passed_through() {
        let [a, b, c] = [(); 3].map(|()| LinkId::next());
        let outer = Chain::default().with(a).in_front().deeper(3);
        let inner = outer.clone().with(b).deeper(4);
        assert_eq!((outer.depth(), inner.depth()), (1, 2));
        assert_eq!((outer.layers(), inner.layers(), outer.is_in_front()), (3, 7, false));
        assert_eq!([a, b, c].map(|id| outer.contains(id)), [true, false, false]);
        assert_eq!([a, b, c].map(|id| inner.contains(id)), [true, true, false]);
    }
}
