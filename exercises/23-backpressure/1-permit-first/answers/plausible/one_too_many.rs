//! Checks the limit after it has spawned: four at the same time.
//~ fails with: outbox was expected to log "row 1 is read" at 70 ms, but did so at 0 ms
let mut set = tokio::task::JoinSet::new();
while let Some(row) = outbox.next() {
    let broker = broker.clone();
    set.spawn(async move { broker.publish(row).await });
    if set.len() > AT_ONCE {
        set.join_next().await;
    }
}
set.join_all().await;
