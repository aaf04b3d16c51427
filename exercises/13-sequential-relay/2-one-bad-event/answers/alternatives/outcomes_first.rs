//! Keeps every outcome, and sorts them into the summary at the end.

    let mut outcomes = Vec::new();
    for id in events {
        outcomes.push((id, broker.publish(id).await));
    }
    for (id, outcome) in outcomes {
        match outcome {
            Ok(()) => summary.published.push(id),
            Err(rejected) => summary.failed.push((id, rejected)),
        }
    }
