//! A task waits for each receipt.

//~ region
    let mut waiting = Vec::new();
    for order in orders {
        let queued = bus.publish(*order).await;
        waiting.push(tokio::spawn(async move {
            match queued {
                Ok(queued) => outcome(queued.receipt().await),
                Err(Refused) => Outcome::Unsent,
            }
        }));
    }
    let mut outcomes = Vec::new();
    for task in waiting {
        outcomes.push(task.await.expect("waiting does not panic"));
    }
    outcomes
//~ region as solved
