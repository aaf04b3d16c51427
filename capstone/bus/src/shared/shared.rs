//! [`Shared`]: what the handles of a bus and its subscriptions share.

use crate::base::clock::Clock;
use crate::base::counter::Counter;
use crate::events::Events;
use crate::mailbox::overflow::Settings;
use crate::router::router::Router;
use crate::shared::handlers::Handlers;
use crate::shared::progress::Progress;
use crate::shared::published::Published;
use crate::shared::replies::Replies;
use crate::shared::settling::Settling;

/// Kept alive by subscriptions too, so that they can unsubscribe after the last handle of the bus has gone.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) router: Router,
    pub(crate) defaults: Settings,
    pub(crate) clock: Clock,
    pub(crate) replies: Replies,
    pub(crate) settling: Settling,
    pub(crate) handlers: Handlers,
    pub(crate) progress: Progress,
    pub(crate) published: Published,
    pub(crate) unmatched: Counter,
    pub(crate) events: Events,
    pub(crate) dead_letters: Counter,
    pub(crate) dead_letters_lost: Counter,
}

impl Shared {
    /// Closes the bus, dead letters last: while a handler is at work there may be new ones.
    pub(crate) fn close(&self) {
        self.events.close();
        self.router.close();
        self.close_dead_letters();
    }

    /// Lets dead letters in until the guard is dropped, although no handler of topics may have one.
    pub(crate) fn expect_dead_letters(&self) -> impl Drop + '_ {
        struct Expected<'a>(&'a Shared);
        impl Drop for Expected<'_> {
            fn drop(&mut self) {
                self.0.handlers.expect_no_others();
                self.0.close_dead_letters();
            }
        }
        self.handlers.expect_others();
        Expected(self)
    }

    /// Of the close and the end of the last handler, the later one closes: each does its own part before it looks for
    /// the other's.
    pub(crate) fn close_dead_letters(&self) {
        if self.router.is_closed() && !self.handlers.may_dead_letter() {
            self.router.close_dead_letters();
        }
    }
}
