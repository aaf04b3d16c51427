//! One `sleep` for all polls, moved whenever something changes.
    journal.log("poller", "polls");
    let mut polled = Instant::now();
    let mut due = std::pin::pin!(sleep(*every.borrow_and_update()));
    loop {
        tokio::select! {
            () = &mut due => {
                journal.log("poller", "polls");
                polled = Instant::now();
            }
            changed = every.changed() => if changed.is_err() {
                return journal.log("poller", "ends");
            },
        }
        due.as_mut().reset(polled + *every.borrow_and_update());
    }
