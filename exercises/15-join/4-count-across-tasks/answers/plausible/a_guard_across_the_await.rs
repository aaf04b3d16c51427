//! Locks first and publishes then, with the guard held across the await. A thread must unlock what it has locked.
//~ does not compile: future cannot be sent between threads safely
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
        let mut tally = tally.lock().expect("counting does not panic");
        tally.count(broker.publish(event).await);
    }
}
