//! Two atomic counters need no lock.
//~ region
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
//~ region
    let counts: Arc<[AtomicU32; 2]> = Arc::default();
    let tasks: Vec<_> = lanes
        .into_iter()
        .map(|lane| tokio::spawn(publish_lane(lane, broker.clone(), Arc::clone(&counts))))
        .collect();
    for task in tasks {
        task.await.expect("no lane panics");
    }
    let [published, refused] = [0, 1].map(|at| counts[at].load(Ordering::Relaxed));
    Tally { published, refused }
}

async fn publish_lane(lane: Vec<u32>, broker: Broker, counts: Arc<[AtomicU32; 2]>) {
    for event in lane {
        let at = usize::from(broker.publish(event).await.is_err());
        counts[at].fetch_add(1, Ordering::Relaxed);
    }
}
