//! An `interval` for each setting, whose first tick is due one interval after the last poll.
    journal.log("poller", "polls");
    let mut polled = Instant::now();
    loop {
        let wait = *every.borrow_and_update();
        let mut next = tokio::time::interval_at(polled + wait, wait);
        next.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let changed = loop {
            tokio::select! {
                _ = next.tick() => {
                    journal.log("poller", "polls");
                    polled = Instant::now();
                }
                changed = every.changed() => break changed,
            }
        };
        if changed.is_err() {
            return journal.log("poller", "ends");
        }
    }
