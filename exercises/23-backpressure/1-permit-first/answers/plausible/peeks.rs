//! Asks whether there is another row before a slot is free for it. To answer that, `peek` reads the row.
//~ fails with: outbox was expected to log "row 1 is read" at 70 ms, but did so at 0 ms
let mut outbox = outbox.peekable();
while outbox.peek().is_some() {
    let permit = permits.clone().acquire_owned().await.expect("it is never closed");
    let Some(row) = outbox.next() else { break };
    let broker = broker.clone();
    tasks.spawn(async move {
        broker.publish(row).await;
        drop(permit);
    });
}
