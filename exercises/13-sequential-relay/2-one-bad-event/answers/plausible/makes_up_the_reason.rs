//! Replaces the reason of the broker by one of its own.
//~ fails with: actual:   Ok(Summary { published: [40, 31, 90, 7], failed: [(7, Rejected("failed"))

    for id in events {
        if broker.publish(id).await.is_ok() {
            summary.published.push(id);
        } else {
            summary.failed.push((id, Rejected("failed".to_owned())));
        }
    }
