//! A channel keeps the order of each producer. It promises nothing about the order between two.

use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::sleep;

/// Two producers send 1, 2, 3, each after its own delay. Returns what arrives, in order, as (producer, number).
pub async fn arrivals(delays_ms: [u64; 2]) -> Vec<(&'static str, u32)> {
    let (tx, mut rx) = mpsc::channel(3);
    for (producer, delay_ms) in ["a", "b"].into_iter().zip(delays_ms) {
        let tx = tx.clone();
        tokio::spawn(async move {
            sleep(Duration::from_millis(delay_ms)).await;
            for number in 1..=3 {
                tx.send((producer, number)).await.expect("the receiver takes every event");
            }
        });
    }
    drop(tx);

    let mut arrived = Vec::new();
    while let Some(event) = rx.recv().await {
        arrived.push(event);
    }
    arrived
}
