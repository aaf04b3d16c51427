//! Takes a copy before the await and writes it back after it. What others have counted meanwhile is lost.
//~ fails with: the tally must count every event of this call once
//~ region as solved
//~ region
    let tally = Arc::new(Mutex::new(Tally::default()));
    let mut tasks = Vec::new();
    for lane in lanes {
        tasks.push(tokio::spawn(publish_lane(lane, broker.clone(), Arc::clone(&tally))));
    }
    for task in tasks {
        task.await.expect("no lane panics");
    }
    let tally = tally.lock().expect("counting does not panic");
    *tally
}

async fn publish_lane(lane: Vec<u32>, broker: Broker, tally: Arc<Mutex<Tally>>) {
    for event in lane {
        let mut counted = *tally.lock().expect("counting does not panic");
        counted.count(broker.publish(event).await);
        *tally.lock().expect("counting does not panic") = counted;
    }
}
