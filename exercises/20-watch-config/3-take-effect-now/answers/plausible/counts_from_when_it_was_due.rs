//! The next poll counts from when this one was due, not from when it was made.
//~ fails with: poller was expected to log "polls" at 13143 ms, but did so at 12260 ms
    let mut polled = Instant::now();
    loop {
        journal.log("poller", "polls");
        loop {
            let due = polled + *every.borrow_and_update();
            tokio::select! {
                () = sleep_until(due) => {
                    polled = due;
                    break;
                }
                changed = every.changed() => if changed.is_err() {
                    return journal.log("poller", "ends");
                },
            }
        }
    }
