//! Looks twice a second. A change, a poll and the end are all up to 500 ms late.
//~ fails with: poller was expected to log "polls" at 9370 ms, but did so at 9500 ms: 130 ms too late
    let mut polled = None::<Instant>;
    while every.has_changed().is_ok() {
        let wait = *every.borrow_and_update();
        if polled.is_none_or(|polled| polled.elapsed() >= wait) {
            journal.log("poller", "polls");
            polled = Some(Instant::now());
        }
        sleep(Duration::from_millis(500)).await;
    }
    journal.log("poller", "ends");
