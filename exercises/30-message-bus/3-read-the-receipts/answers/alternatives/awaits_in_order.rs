//! Publishes all, then awaits one receipt after another: all of them are under way meanwhile.

//~ region
    let mut queued = Vec::new();
    for order in orders {
        queued.push(bus.publish(*order).await);
    }
    let mut outcomes = Vec::new();
    for queued in queued {
        outcomes.push(match queued {
            Ok(queued) => outcome(queued.receipt().await),
            Err(Refused) => Outcome::Unsent,
        });
    }
    outcomes
//~ region as solved
