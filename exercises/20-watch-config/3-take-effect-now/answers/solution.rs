//! Exercise 20.3: a poller whose interval may be changed while it waits.

use std::time::Duration;

use shared::Journal;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until};

/// Polls at once, and then each time when `every` has passed since the last poll. A new `every` counts at once, and from
/// the last poll too. Ends, at once, when nobody can change it any more.
pub async fn poller(mut every: watch::Receiver<Duration>, journal: Journal) {
    //~ begin
    loop {
        journal.log("poller", "polls");
        let polled = Instant::now();
        loop {
            let due = polled + *every.borrow_and_update();
            // Both may be dropped: `due` is made anew from what is known, and `changed` keeps what was not seen.
            tokio::select! {
                () = sleep_until(due) => break,
                changed = every.changed() => if changed.is_err() {
                    return journal.log("poller", "ends");
                },
            }
        }
    }
    //~ starter
    //~| // TODO: while this sleeps, nobody looks at `every`.
    //~| while every.has_changed().is_ok() {
    //~|     journal.log("poller", "polls");
    //~|     let wait = *every.borrow_and_update();
    //~|     sleep(wait).await;
    //~| }
    //~| journal.log("poller", "ends");
    //~ end
}
