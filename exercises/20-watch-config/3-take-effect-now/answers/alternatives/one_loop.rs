//! One loop that remembers the last poll, and what is left of the interval.
    journal.log("poller", "polls");
    let mut polled = Instant::now();
    loop {
        let rest = every.borrow_and_update().saturating_sub(polled.elapsed());
        tokio::select! {
            () = sleep(rest) => {
                journal.log("poller", "polls");
                polled = Instant::now();
            }
            changed = every.changed() => if changed.is_err() {
                break;
            },
        }
    }
    journal.log("poller", "ends");
