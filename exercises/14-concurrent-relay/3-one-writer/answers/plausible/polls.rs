//! Looks into the channel every 10 ms instead of waiting for it. A line may be 10 ms late, and the thread is woken for nothing.
//~ fails with: publish_all must return at 413 ms, and returned at
let (tx, mut rx) = mpsc::channel(16);
let writing = tokio::spawn(async move {
    loop {
        match rx.try_recv() {
            Ok(entry) => log.append(entry).await,
            Err(mpsc::error::TryRecvError::Empty) => {
                tokio::time::sleep(std::time::Duration::from_millis(10)).await;
            }
            Err(mpsc::error::TryRecvError::Disconnected) => break,
        }
    }
});
for lane in lanes {
    let (broker, tx) = (broker.clone(), tx.clone());
    tokio::spawn(async move {
        for event in lane {
            let entry = broker.publish(event).await;
            tx.send(entry).await.expect("the writer outlives the lanes");
        }
    });
}
drop(tx);
writing.await.expect("the writer does not panic");
