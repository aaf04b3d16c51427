//! More slots hide the waiting, and break the limit.
//~ fails with: order 2 was expected to log "begins" at 70 ms, but did so at 0 ms
    stream::iter(events).map(|event| bus.emit(event)).buffered(2 * at_once).collect().await
