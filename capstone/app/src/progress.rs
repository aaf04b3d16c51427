//! The bar on standard error, drawn only on a terminal.

use std::fmt::Write;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressState, ProgressStyle};

const REDRAW: Duration = Duration::from_millis(100);

/// A bar up to `total`, with what is counted.
#[must_use]
pub fn bar(total: u64, what: &'static str) -> ProgressBar {
    let style =
        style("{bar:30.cyan/blue} {pos:>9}/{len} {msg}  {rate}  {elapsed}").progress_chars("█▉▊▋▌▍▎▏ ");
    ProgressBar::new(total).with_style(style).with_message(what)
}

/// A count without a known end.
#[must_use]
pub fn counter(what: &'static str) -> ProgressBar {
    let counter = ProgressBar::new_spinner().with_style(style("{spinner} {pos:>9} {msg}  {rate}  {elapsed}"));
    counter.enable_steady_tick(REDRAW);
    counter.with_message(what)
}

fn style(template: &str) -> ProgressStyle {
    let rate = |state: &ProgressState, out: &mut dyn Write| {
        // A bar that cannot be drawn is no reason to stop.
        let _ = write!(out, "{:.0} a second", state.per_sec());
    };
    ProgressStyle::with_template(template).expect("the template is right").with_key("rate", rate)
}

/// Shows `count` on the bar until it is dropped: a task that only looks.
pub async fn follow(bar: ProgressBar, count: impl Fn() -> u64) {
    loop {
        bar.set_position(count());
        tokio::time::sleep(REDRAW).await;
    }
}
