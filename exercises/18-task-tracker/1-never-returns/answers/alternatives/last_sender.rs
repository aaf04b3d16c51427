//! Each task holds a sender, and `recv` returns `None` when the last one is dropped.
let (running, mut ended) = tokio::sync::mpsc::channel::<()>(1);
for event in events {
    let (broker, running) = (broker.clone(), running.clone());
    tokio::spawn(async move {
        broker.publish(event).await;
        drop(running);
    });
}
drop(running);
ended.recv().await;
