//! Does not wait for the lock, and so it does not hang. But the lock is never free: its own guard holds it, and the event is lost.
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
    while let Some(event) = queue.lock().await.pop_front() {
        if broker.publish(event).await.is_err()
            && let Ok(mut queue) = queue.try_lock()
        {
            queue.push_back(event);
        }
    }
}
