//! [`Clock`]: what time it is for people.
//!
//! Measures nothing: that is for Tokio's clock.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use crate::base::caught;

/// Tells the wall time; a parameter of the bus, so that tests decide it.
#[derive(Clone)]
pub(crate) struct Clock(Arc<dyn Fn() -> SystemTime + Send + Sync>);

impl Clock {
    pub(crate) fn new(now: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// 1970 when it cannot be told.
    pub(crate) fn now(&self) -> SystemTime {
        caught::call(|| (self.0)()).unwrap_or(SystemTime::UNIX_EPOCH)
    }
}

/// Milliseconds since 1970, in UTC; 0 before that.
pub(crate) fn unix_ms(time: SystemTime) -> u128 {
    time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO).as_millis()
}

impl Default for Clock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that asks the system, for who brings no clock"
    )]
    fn default() -> Self {
        Self::new(SystemTime::now)
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}
