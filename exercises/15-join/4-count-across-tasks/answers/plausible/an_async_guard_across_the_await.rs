//! Tokio's guard may cross an await, so it compiles. Meanwhile all other lanes wait for the lock.
//~ fails with: event 25 was expected to log "is sent" at 0 ms, but did so at 130 ms
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
    let tally = tally.lock().await;
    *tally
}

async fn publish_lane(lane: Vec<u32>, broker: Broker, tally: Arc<Mutex<Tally>>) {
    for event in lane {
        let mut tally = tally.lock().await;
        tally.count(broker.publish(event).await);
    }
}
