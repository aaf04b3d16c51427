//! No guard is held across an await, so a lock of the standard library will do.
/// Publishes all events, three at a time. An event that is refused goes to the back of the queue.
pub async fn publish_all(events: Vec<u32>, broker: Broker) {
    let queue = Arc::new(std::sync::Mutex::new(VecDeque::from(events)));
    let mut workers = JoinSet::new();
    for _ in 0..WORKERS {
        workers.spawn(worker(Arc::clone(&queue), broker.clone()));
    }
    while let Some(ended) = workers.join_next().await {
        ended.expect("no worker panics");
    }
}

async fn worker(queue: Arc<std::sync::Mutex<VecDeque<u32>>>, broker: Broker) {
    loop {
        let Some(event) = queue.lock().unwrap().pop_front() else { return };
        if broker.publish(event).await.is_err() {
            queue.lock().unwrap().push_back(event);
        }
    }
}
