//! Takes a copy under one lock and writes it back under another. While a lane waits for the second one, others count.
//~ fails with: a lane has counted while another one did
//~ region
use std::sync::Arc;
use tokio::sync::Mutex;
//~ region
    let tally = Arc::new(Mutex::new(Tally::default()));
    let mut tasks = Vec::new();
    for lane in lanes {
        tasks.push(tokio::spawn(publish_lane(lane, broker.clone(), Arc::clone(&tally))));
    }
    for task in tasks {
        task.await.expect("no lane panics");
    }
    *tally.lock().await
}

async fn publish_lane(lane: Vec<u32>, broker: Broker, tally: Arc<Mutex<Tally>>) {
    for event in lane {
        let result = broker.publish(event).await;
        let mut counted = *tally.lock().await;
        counted.count(result);
        *tally.lock().await = counted;
    }
}
