//! Publishes each event in a task of its own, so nothing limits how many are published at the same time.
//~ fails with: event 1 was expected to log "is sent" at 100 ms, but did so at 0 ms
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
    let mut tasks = JoinSet::new();
    loop {
        let next = queue.lock().await.pop_front();
        if let Some(event) = next {
            let broker = broker.clone();
            tasks.spawn(async move { (event, broker.publish(event).await) });
            continue;
        }
        match tasks.join_next().await {
            Some(Ok((event, Err(_)))) => queue.lock().await.push_back(event),
            Some(_) => {}
            None => return,
        }
    }
}
