//! Has no limit.
//~ fails with: order 2 was expected to log "begins" at 70 ms, but did so at 0 ms
    futures::future::join_all(events.into_iter().map(|event| bus.emit(event))).await
