//! A change, with the next poll as its deadline.
    loop {
        journal.log("poller", "polls");
        let polled = Instant::now();
        loop {
            let due = polled + *every.borrow_and_update();
            match tokio::time::timeout_at(due, every.changed()).await {
                Err(_due) => break,
                Ok(Ok(())) => {}
                Ok(Err(_closed)) => return journal.log("poller", "ends"),
            }
        }
    }
