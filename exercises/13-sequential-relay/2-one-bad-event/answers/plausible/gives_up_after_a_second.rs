//! Reports an event as failed that the broker was about to accept.
//~ fails with: broker was expected to log "is given event 7" at 5310 ms, but did so at 1580 ms: 3730 ms too early

    for id in events {
        let publishing = broker.publish(id);
        match tokio::time::timeout(std::time::Duration::from_secs(1), publishing).await {
            Ok(Ok(())) => summary.published.push(id),
            Ok(Err(rejected)) => summary.failed.push((id, rejected)),
            Err(_) => summary.failed.push((id, Rejected("too slow".to_owned()))),
        }
    }
