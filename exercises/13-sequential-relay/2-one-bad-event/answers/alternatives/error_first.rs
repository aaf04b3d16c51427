//! The error first.

    for id in events {
        if let Err(rejected) = broker.publish(id).await {
            summary.failed.push((id, rejected));
            continue;
        }
        summary.published.push(id);
    }
