//! The bar on standard error, drawn only on a terminal.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

const REDRAW: Duration = Duration::from_millis(100);

/// A bar up to `total`, with what is counted.
#[must_use]
pub fn bar(total: u64, what: &'static str) -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:30.cyan/blue} {pos:>9}/{len} {msg}  {per_sec}  {elapsed}");
    let style = style.expect("the template is right").progress_chars("█▉▊▋▌▍▎▏ ");
    ProgressBar::new(total).with_style(style).with_message(what)
}

/// A count without a known end.
#[must_use]
pub fn counter(what: &'static str) -> ProgressBar {
    let style = ProgressStyle::with_template("{spinner} {pos:>9} {msg}  {per_sec}  {elapsed}");
    let counter = ProgressBar::new_spinner().with_style(style.expect("the template is right"));
    counter.enable_steady_tick(REDRAW);
    counter.with_message(what)
}

/// Shows `count` on the bar until it is dropped: a task that only looks.
pub async fn follow(bar: ProgressBar, count: impl Fn() -> u64) {
    loop {
        bar.set_position(count());
        tokio::time::sleep(REDRAW).await;
    }
}
