//! Ignores the result.
//~ fails with: actual:   Ok(Summary { published: [40, 7, 31, 12, 90, 7, 31], failed: [] })

    for id in events {
        broker.publish(id).await.ok();
        summary.published.push(id);
    }
