//! The wrong version of the chapter, with a `JoinSet`: each task waits for its permit after it has been spawned.
//~ fails with: outbox was expected to log "row 1 is read" at 70 ms, but did so at 0 ms
let mut set = tokio::task::JoinSet::new();
for row in outbox {
    let (permits, broker) = (permits.clone(), broker.clone());
    set.spawn(async move {
        let _permit = permits.acquire_owned().await.expect("it is never closed");
        broker.publish(row).await;
    });
}
set.join_all().await;
