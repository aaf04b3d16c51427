//! The guard has a name, and a block that ends its life.
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
        let event = {
            let mut queue = queue.lock().await;
            match queue.pop_front() {
                Some(event) => event,
                None => return,
            }
        };
        if broker.publish(event).await.is_err() {
            queue.lock().await.push_back(event);
        }
    }
}
