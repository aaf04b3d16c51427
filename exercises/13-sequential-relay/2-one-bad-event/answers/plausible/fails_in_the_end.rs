//! Tries every event, and then returns the first error instead of the summary.
//~ fails with: actual:   Err(Rejected("too large"))

    for id in events {
        match broker.publish(id).await {
            Ok(()) => summary.published.push(id),
            Err(rejected) => summary.failed.push((id, rejected)),
        }
    }
    if let Some((_, rejected)) = summary.failed.first() {
        return Err(rejected.clone());
    }
