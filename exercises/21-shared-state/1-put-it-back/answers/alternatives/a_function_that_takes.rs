//! The guard is dropped when the function returns.
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
    async fn take(queue: &Mutex<VecDeque<u32>>) -> Option<u32> {
        queue.lock().await.pop_front()
    }
    while let Some(event) = take(&queue).await {
        if broker.publish(event).await.is_err() {
            queue.lock().await.push_back(event);
        }
    }
}
