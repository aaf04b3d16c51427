//! [`Responses`]: where a user may respond who may not publish there otherwise.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

/// As in nats-server: one response, within this time.
pub(super) const WITHIN: Duration = Duration::from_secs(120);
/// Beyond that the oldest is forgotten.
const KEPT_MAX: usize = 4096;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Responses {
    until: HashMap<Arc<str>, Instant>,
    /// The oldest first; some may have been taken.
    order: VecDeque<Arc<str>>,
}

impl Responses {
    /// The user was asked for a reply there.
    pub(super) fn expect(&mut self, reply: &str) {
        if self.order.len() == KEPT_MAX
            && let Some(oldest) = self.order.pop_front()
        {
            self.until.remove(&oldest);
        }
        let reply: Arc<str> = reply.into();
        self.order.push_back(Arc::clone(&reply));
        self.until.insert(reply, Instant::now() + WITHIN);
    }

    /// Whether it may respond there, now and not again.
    pub(super) fn take(&mut self, reply: &str) -> bool {
        self.until.remove(reply).is_some_and(|until| Instant::now() <= until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn one_response_each_in_time_and_not_of_all_there_ever_were() {
        let mut responses = Responses::default();
        responses.expect("a");
        assert!(!responses.take("b") && responses.take("a") && !responses.take("a"));
        responses.expect("a");
        tokio::time::advance(WITHIN + Duration::from_millis(1)).await;
        assert!(!responses.take("a"));
        for number in 0..2 * KEPT_MAX {
            responses.expect(&number.to_string());
        }
        assert_eq!((responses.until.len(), responses.order.len()), (KEPT_MAX, KEPT_MAX));
        assert!(!responses.take(&(KEPT_MAX - 1).to_string()) && responses.take(&KEPT_MAX.to_string()));
    }
}
