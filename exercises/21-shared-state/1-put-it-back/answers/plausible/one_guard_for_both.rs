//! The same guard takes the event and puts it back. Nothing hangs, but only one event is published at a time.
//~ fails with: event 2 was expected to log "is sent" at 0 ms, but did so at 200 ms
/// Publishes all events, three at a time. An event that is refused goes to the back of the queue.
pub async fn publish_all(events: Vec<u32>, broker: Broker) {
    let queue = Arc::new(Mutex::new(VecDeque::from(events)));
    let mut workers = JoinSet::new();
    for _ in 0..WORKERS {
        workers.spawn(worker(Arc::clone(&queue), broker.clone()));
    }
    while let Some(ended) = workers.join_next().await {
        ended.expect("no worker panics");
    }
}

async fn worker(queue: Arc<Mutex<VecDeque<u32>>>, broker: Broker) {
    loop {
        let mut queue = queue.lock().await;
        let Some(event) = queue.pop_front() else { return };
        if broker.publish(event).await.is_err() {
            queue.push_back(event);
        }
    }
}
