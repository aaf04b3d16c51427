//! The service that is called. It accepts 100 requests in any minute, counts exactly, and refuses the rest.

use std::cell::RefCell;
use std::time::Duration;

use shared::{Journal, Pace};
use tokio::time::Instant;

use crate::window::{Limit, SlidingWindow};

/// How many requests may pass in a minute.
pub const LIMIT: u32 = 100;
/// A minute.
pub const MINUTE: Duration = Duration::from_secs(60);

/// Sends notifications to phones.
pub struct Provider(RefCell<SlidingWindow>);

impl Provider {
    /// A provider that has not been called yet.
    pub fn new(pace: Pace) -> Self {
        Self(RefCell::new(SlidingWindow::new(LIMIT as usize, pace.of(MINUTE))))
    }

    fn accepts(&self) -> bool {
        self.0.borrow_mut().take(Instant::now()).is_ok()
    }
}

/// The relay sends this many notifications, each as soon as the limiter lets it pass.
pub async fn send(count: u32, acquire: impl AsyncFn(), provider: &Provider, journal: &Journal) {
    journal.log("shop", format_args!("has {count} notifications"));
    let mut refused = 0;
    for _ in 0..count {
        acquire().await;
        refused += u32::from(!provider.accepts());
    }
    journal.log("relay", format_args!("has sent {count}"));
    journal.log("provider", format_args!("has refused {refused} of them"));
}
