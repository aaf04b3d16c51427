//! Groups of three: a group begins when all of the previous one have ended.
//~ fails with: order 2 was expected to log "begins" at 70 ms, but did so at 400 ms
    let mut reports = Vec::new();
    for group in events.chunks(at_once) {
        let emitting = group.iter().map(|event| bus.emit(event.clone()));
        reports.extend(futures::future::join_all(emitting).await);
    }
    reports
