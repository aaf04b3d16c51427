//! The relay's settings, their defaults, and the checks that they fit together.

use std::time::Duration;

use thiserror::Error;

/// Longest pause between two probes of a sink that is down.
const PAUSE_MAX: Duration = Duration::from_secs(30);

/// Longest wait after an attempt whose outcome is unknown: the sink may have taken the message, and recognizes a repeat only for a
/// while; JetStream for two minutes unless a stream says otherwise.
pub(crate) const UNKNOWN_MAX: Duration = Duration::from_secs(60);

/// Settings of a relay. Begin with the default and change what you must: there is a function for each field.
///
/// ```
/// use std::time::Duration;
///
/// use capstone_outbox::relay::{Exhausted, RetryConfig};
/// use capstone_outbox::RelayConfig;
///
/// let retry = RetryConfig::default().attempts_max(10).keyed(Exhausted::Bury);
/// let config = RelayConfig::default().window_rows(4_096).idle_poll(Duration::from_millis(200)).retry(retry);
/// config.check()?;
/// # Ok::<(), capstone_outbox::relay::ConfigError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RelayConfig {
    /// Rows in memory: fetched and not yet settled. Also the most that a kill can repeat. Default 1,024.
    pub window_rows: usize,
    /// Their bytes. Default 16 MiB; one message may exceed them, whatever its size.
    pub window_bytes: usize,
    /// Rows a fetch. Default 500.
    pub fetch_rows: usize,
    /// Longest time until a commit is seen that nothing tells of, jittered by a quarter. Default 1 s. On PostgreSQL the renewals of
    /// the lease see to it, if they are as frequent; then nothing is looked at in between, but every 10 s.
    pub idle_poll: Duration,
    /// A publish that takes longer has failed, though its outcome is unknown. If nothing else was answered meanwhile, the sink
    /// hangs: that counts no attempt. Default 4 s.
    pub publish_timeout: Duration,
    /// How long the lane stays ours without renewal. Default 8 s.
    pub lease_ttl: Duration,
    /// How often the lease is renewed. Default 1 s.
    pub lease_renew: Duration,
    /// Reserve between the last publish that may start and the lease's end. Default 0.5 s.
    pub lease_margin: Duration,
    /// How long a stop waits for publishes in flight. Default 10 s.
    pub drain_deadline: Duration,
    /// What happens to a message that fails.
    pub retry: RetryConfig,
}

/// How often a message is tried, how long it waits between, and what happens after.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RetryConfig {
    /// Attempts in all. Default 30: with the other defaults a message is given up after 2 to 5 hours.
    pub attempts_max: u32,
    /// Longest wait after the first failure; doubles with each further one. Default 100 ms.
    pub base: Duration,
    /// Longest wait at all. Default 15 min; after an attempt that timed out, so that its outcome is unknown, 1 min.
    pub cap: Duration,
    /// After the last attempt, for messages with a key. Default [`Exhausted::Park`]: order is kept.
    pub keyed: Exhausted,
    /// After the last attempt, for messages without one. Default [`Exhausted::Bury`].
    pub keyless: Exhausted,
}

/// What happens to a message that has failed for good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Exhausted {
    /// It stays, and its key with it, until an operator decides.
    Park,
    /// It moves to the dead letters, and its key goes on.
    Bury,
}

impl Default for RelayConfig {
    fn default() -> Self {
        Self {
            window_rows: 1_024,
            window_bytes: 16 * 1024 * 1024,
            fetch_rows: 500,
            idle_poll: Duration::from_secs(1),
            publish_timeout: Duration::from_secs(4),
            lease_ttl: Duration::from_secs(8),
            lease_renew: Duration::from_secs(1),
            lease_margin: Duration::from_millis(500),
            drain_deadline: Duration::from_secs(10),
            retry: RetryConfig::default(),
        }
    }
}

impl Default for RetryConfig {
    fn default() -> Self {
        Self {
            attempts_max: 30,
            base: Duration::from_millis(100),
            cap: Duration::from_secs(15 * 60),
            keyed: Exhausted::Park,
            keyless: Exhausted::Bury,
        }
    }
}

/// A function for each field, by its name, so that settings can be chained.
macro_rules! setters {
    ($settings:ident { $($field:ident: $type:ty),+ $(,)? }) => {
        impl $settings {
            $(
                #[doc = concat!("Sets the field `", stringify!($field), "`.")]
                #[must_use]
                pub fn $field(mut self, $field: $type) -> Self {
                    self.$field = $field;
                    self
                }
            )+
        }
    };
}

setters!(RelayConfig {
    window_rows: usize,
    window_bytes: usize,
    fetch_rows: usize,
    idle_poll: Duration,
    publish_timeout: Duration,
    lease_ttl: Duration,
    lease_renew: Duration,
    lease_margin: Duration,
    drain_deadline: Duration,
    retry: RetryConfig,
});

setters!(RetryConfig {
    attempts_max: u32,
    base: Duration,
    cap: Duration,
    keyed: Exhausted,
    keyless: Exhausted,
});

/// Settings that cannot work together.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("relay settings: {0}")]
pub struct ConfigError(String);

impl RelayConfig {
    /// Whether the settings fit together; a relay asks before it begins.
    ///
    /// # Errors
    /// They do not, and this says which and why.
    pub fn check(&self) -> Result<(), ConfigError> {
        let needed = 3 * self.lease_renew + self.publish_timeout + self.lease_margin;
        let complaint = if self.window_rows == 0 || self.window_bytes == 0 || self.fetch_rows == 0 {
            "the window and the fetch need at least one row and one byte".to_owned()
        } else if self.retry.attempts_max == 0 {
            "attempts_max must be at least 1".to_owned()
        } else if self.lease_renew.is_zero() || self.idle_poll.is_zero() {
            "lease_renew and idle_poll must be longer than nothing".to_owned()
        } else if self.lease_ttl < needed {
            format!(
                "lease_ttl {:?} is shorter than 3 lease_renew + publish_timeout + lease_margin = {needed:?}",
                self.lease_ttl
            )
        } else {
            return Ok(());
        };
        Err(ConfigError(complaint))
    }
}

impl RetryConfig {
    /// Between one half of `base * 2^(attempt - 1)`, capped, and the whole: never so short that patience is used up in seconds.
    /// `random` is from `0.0..1.0`.
    ///
    /// Source: "Exponential Backoff And Jitter", AWS Architecture Blog, 2015: "equal jitter".
    pub(super) fn delay(&self, attempt: u32, random: f64) -> Duration {
        doubled(self.base, attempt).min(self.cap).mul_f64(0.5 + random / 2.0)
    }

    /// Before a sink that is down is probed again: anything between nothing and `base * 2^(failures - 1)`, capped. That costs
    /// no attempt, and all keys wait for it, so it stays short.
    pub(super) fn pause(&self, failures: u32, random: f64) -> Duration {
        doubled(self.base, failures).min(self.cap).min(PAUSE_MAX).mul_f64(random)
    }
}

fn doubled(base: Duration, times: u32) -> Duration {
    base.saturating_mul(1_u32.checked_shl(times.saturating_sub(1)).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_fit_together() {
        assert_eq!(RelayConfig::default().check(), Ok(()));
    }

    #[test]
    fn a_lease_that_cannot_outlive_a_publish_is_refused() {
        let config = RelayConfig { lease_ttl: Duration::from_secs(7), ..RelayConfig::default() };
        let error = config.check().unwrap_err().to_string();
        assert_eq!(
            error,
            "relay settings: lease_ttl 7s is shorter than 3 lease_renew + publish_timeout + lease_margin = 7.5s"
        );
    }

    #[test]
    fn the_delay_doubles_up_to_its_cap_and_never_overflows() {
        let retry = RetryConfig::default();
        let longest = |attempt| retry.delay(attempt, 1.0).as_millis();
        assert_eq!([1, 2, 3, 4].map(longest), [100, 200, 400, 800]);
        assert_eq!(
            [14, 15, 32, 33, 64, u32::MAX].map(longest),
            [819_200, 900_000, 900_000, 900_000, 900_000, 900_000]
        );
        assert_eq!(retry.delay(5, 0.0), retry.delay(4, 1.0), "at least one half");
        assert_eq!((retry.pause(1, 1.0), retry.pause(50, 1.0)), (retry.base, PAUSE_MAX));
    }

    #[test]
    fn the_defaults_are_patient_for_hours() {
        let retry = RetryConfig::default();
        let patience =
            |random| (1..retry.attempts_max).map(|attempt| retry.delay(attempt, random)).sum::<Duration>();
        assert_eq!([0.0, 1.0].map(|random| patience(random).as_secs() / 60), [126, 252], "minutes");
    }
}
