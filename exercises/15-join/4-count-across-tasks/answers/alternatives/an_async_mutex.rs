//! Tokio's mutex works as well, as long as it is locked after the await and not across it.
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
        let result = broker.publish(event).await;
        tally.lock().await.count(result);
    }
}
