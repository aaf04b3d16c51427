//! Spawns the lanes and reads the tally at once.
//~ fails with: actual:   Tally { published: 0, refused: 0 }
//~ region as solved
//~ region
    let tally = Arc::new(Mutex::new(Tally::default()));
    for lane in lanes {
        tokio::spawn(publish_lane(lane, broker.clone(), Arc::clone(&tally)));
    }
    let tally = tally.lock().expect("counting does not panic");
    *tally
}

async fn publish_lane(lane: Vec<u32>, broker: Broker, tally: Arc<Mutex<Tally>>) {
    for event in lane {
        let result = broker.publish(event).await;
        tally.lock().expect("counting does not panic").count(result);
    }
}
