//! The clock of the log in the scenes and the tests. A service reads chrono's local time.

use chrono::{NaiveDate, NaiveDateTime, TimeDelta};
use tokio::time::Instant;

/// Nine o'clock, plus the time that has passed on Tokio's clock, so that every run has the same timestamps.
pub fn from_nine_o_clock() -> impl Fn() -> NaiveDateTime + Clone + Send + 'static {
    let nine = NaiveDate::from_ymd_opt(2026, 1, 15).and_then(|day| day.and_hms_opt(9, 0, 0));
    let (nine, start) = (nine.expect("the moment exists"), Instant::now());
    move || nine + TimeDelta::from_std(start.elapsed()).expect("a story is shorter than an aeon")
}
