//! One task for all rows, and a limit of zero, which is no limit.
//~ fails with: outbox was expected to log "row 1 is read" at 70 ms, but did so at 0 ms
futures::StreamExt::for_each_concurrent(futures::stream::iter(outbox), 0, |row| broker.publish(row)).await;
