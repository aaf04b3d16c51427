//! Three workers behind a channel. Each row in the channel has been read and waits.
//~ fails with: outbox was expected to log "row 1 is read" at 70 ms, but did so at 0 ms
let (tx, rx) = tokio::sync::mpsc::channel(1);
let rx = Arc::new(tokio::sync::Mutex::new(rx));
for _ in 0..AT_ONCE {
    let (rx, broker) = (rx.clone(), broker.clone());
    tasks.spawn(async move {
        loop {
            let next = rx.lock().await.recv().await;
            let Some(row) = next else { break };
            broker.publish(row).await;
        }
    });
}
for row in outbox {
    tx.send(row).await.expect("the workers outlive the channel");
}
drop(tx);
