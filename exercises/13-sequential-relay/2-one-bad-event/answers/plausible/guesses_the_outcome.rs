//! Does not look at what the broker says.
//~ fails with: actual:   Ok(Summary { published: [40, 12, 90], failed: [(7, Rejected("too large")), (31,

    for id in events {
        broker.publish(id).await.ok();
        if id % 2 == 0 {
            summary.published.push(id);
        } else {
            summary.failed.push((id, Rejected("too large".to_owned())));
        }
    }
