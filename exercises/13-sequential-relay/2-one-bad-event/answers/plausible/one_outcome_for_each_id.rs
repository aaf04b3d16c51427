//! Keeps the last outcome of each id, and the order of the ids.
//~ fails with: actual:   Ok(Summary { published: [7, 40, 90], failed: [(12,

    let mut outcomes = std::collections::BTreeMap::new();
    for id in events {
        outcomes.insert(id, broker.publish(id).await);
    }
    for (id, outcome) in outcomes {
        match outcome {
            Ok(()) => summary.published.push(id),
            Err(rejected) => summary.failed.push((id, rejected)),
        }
    }
