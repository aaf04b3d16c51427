//! [`Options`]: what can be chosen for a handler of either kind, collected by its builder.

use std::sync::Arc;
use std::time::Duration;

use crate::RetryPolicy;
use crate::base::clock::Clock;
use crate::pipeline::filter::Filters;
use crate::pipeline::middleware::Layers;
use crate::pipeline::pipeline::Pipeline;
use crate::pipeline::rate::{Rate, RateLimit, RatePolicy};
use crate::pipeline::retry::Backoff;
use crate::pipeline::stats::Counts;
use crate::pipeline::waiting_room::{Gate, WaitingRoom};

/// See the builders, [`TopicHandlerBuilder`](crate::TopicHandlerBuilder) and
/// [`HandlerBuilder`](crate::events::HandlerBuilder).
#[derive(Debug)]
pub(crate) struct Options<T> {
    pub(crate) filters: Filters<T>,
    pub(crate) rate: Option<RateLimit>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) retry: RetryPolicy,
    pub(crate) layers: Layers<T>,
}

impl<T> Options<T> {
    pub(crate) fn need_a_timer(&self) -> bool {
        let rate_waits = self.rate.is_some_and(|rate| rate.policy == RatePolicy::Wait);
        self.timeout.is_some() || rate_waits || self.retry.delay(1).is_some()
    }

    /// What does with calls what these say. The gate is for who does not bound otherwise how many there are at a time, and
    /// the room for who waits.
    pub(crate) fn pipeline(&self, gate: Option<Gate>, room: Arc<WaitingRoom>, clock: Clock) -> Pipeline {
        Pipeline {
            gate,
            room,
            rate: self.rate.map(Rate::new),
            timeout: self.timeout,
            backoff: Backoff::new(self.retry),
            clock,
            counts: Counts::default(),
        }
    }
}

impl<T> Default for Options<T> {
    fn default() -> Self {
        Self {
            filters: Filters::default(),
            rate: None,
            timeout: None,
            retry: RetryPolicy::default(),
            layers: Layers::default(),
        }
    }
}
