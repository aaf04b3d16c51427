//! What was seen under one lock need not be true under the next: another worker takes the last event in between.
//~ fails with: it panics: no worker panics
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
    while !queue.lock().await.is_empty() {
        let event = queue.lock().await.pop_front().expect("the queue is not empty");
        if broker.publish(event).await.is_err() {
            queue.lock().await.push_back(event);
        }
    }
}
