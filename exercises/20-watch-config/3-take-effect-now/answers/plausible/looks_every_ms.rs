//! Hardly ever late, but it wakes up 3.6 million times between two polls.
//~ fails with: the poller was woken: does it look again and again
    let mut polled = None::<Instant>;
    while every.has_changed().is_ok() {
        let wait = *every.borrow_and_update();
        if polled.is_none_or(|polled| polled.elapsed() >= wait) {
            journal.log("poller", "polls");
            polled = Some(Instant::now());
        }
        sleep(Duration::from_millis(1)).await;
    }
    journal.log("poller", "ends");
