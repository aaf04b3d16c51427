//! The lanes send their results, and one task counts.
//~ region
use tokio::sync::mpsc;
//~ region
    let (tx, mut rx) = mpsc::channel(16);
    for lane in lanes {
        tokio::spawn(publish_lane(lane, broker.clone(), tx.clone()));
    }
    drop(tx);
    let mut tally = Tally::default();
    while let Some(result) = rx.recv().await {
        tally.count(result);
    }
    tally
}

async fn publish_lane(lane: Vec<u32>, broker: Broker, results: mpsc::Sender<Result<(), Refused>>) {
    for event in lane {
        let result = broker.publish(event).await;
        results.send(result).await.expect("publish_all counts until the last lane has ended");
    }
}
