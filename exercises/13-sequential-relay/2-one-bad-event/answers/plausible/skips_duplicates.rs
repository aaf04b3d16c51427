//! Takes an id that it has seen for an event that it has published.
//~ fails with: at 5310 ms broker was expected to log "is given event 7", but never did

    let mut seen = std::collections::HashSet::new();
    for id in events {
        if !seen.insert(id) {
            continue;
        }
        match broker.publish(id).await {
            Ok(()) => summary.published.push(id),
            Err(rejected) => summary.failed.push((id, rejected)),
        }
    }
