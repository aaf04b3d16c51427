//! Writes the first lane to its end, then the second. The lines of a lane wait for those of another.
//~ fails with: at 300 ms, the log must hold 3 whole lines
let mut channels = Vec::new();
for lane in lanes {
    let (tx, rx) = mpsc::channel(16);
    channels.push(rx);
    let broker = broker.clone();
    tokio::spawn(async move {
        for event in lane {
            let entry = broker.publish(event).await;
            tx.send(entry).await.expect("the writer outlives the lanes");
        }
    });
}
for mut rx in channels {
    while let Some(entry) = rx.recv().await {
        log.append(entry).await;
    }
}
