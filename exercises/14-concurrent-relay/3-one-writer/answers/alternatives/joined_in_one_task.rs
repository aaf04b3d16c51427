//! Nothing is spawned: the writer and the lanes are branches of one `join!`.
let (tx, mut rx) = mpsc::channel(16);
let writing = async {
    while let Some(entry) = rx.recv().await {
        log.append(entry).await;
    }
};
let lanes = lanes.into_iter().map(|lane| {
    let (broker, tx) = (&broker, tx.clone());
    async move {
        for event in lane {
            let entry = broker.publish(event).await;
            tx.send(entry).await.expect("the writer outlives the lanes");
        }
    }
});
let lanes = futures::future::join_all(lanes);
drop(tx);
tokio::join!(writing, lanes);
