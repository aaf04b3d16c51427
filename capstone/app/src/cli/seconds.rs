//! Options that are a number of seconds.

use std::time::Duration;

/// A century: added to a moment, or taken from one, much more is no moment any more.
const SECONDS_MAX: f64 = 100.0 * 365.25 * 86_400.0;

pub(super) fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.parse().map_err(|_| "write a number of seconds, such as 2 or 0.5".to_owned())?;
    if seconds > SECONDS_MAX {
        return Err("longer than a century".into());
    }
    let duration = Duration::try_from_secs_f64(seconds).map_err(|error| error.to_string())?;
    if duration.is_zero() { Err("nothing happens in no time".into()) } else { Ok(duration) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_some_and_at_most_a_century() {
        assert_eq!(seconds("0.5"), Ok(Duration::from_millis(500)));
        assert_eq!(seconds("3e9").map(|century| century.as_secs()), Ok(3_000_000_000));
        for wrong in ["", "x", "0", "-1", "NaN", "inf", "4e9", "1e19", "1e300"] {
            assert!(seconds(wrong).is_err(), "{wrong}");
        }
    }
}
