//! A `Tally` can be copied, so this compiles. Each lane counts in its own copy, which nobody reads.
//~ fails with: actual:   Tally { published: 0, refused: 0 }
//~ region
//~ region
    let tally = Tally::default();
    let mut tasks = Vec::new();
    for lane in lanes {
        tasks.push(tokio::spawn(publish_lane(lane, broker.clone(), tally)));
    }
    for task in tasks {
        task.await.expect("no lane panics");
    }
    tally
}

async fn publish_lane(lane: Vec<u32>, broker: Broker, mut tally: Tally) {
    for event in lane {
        let result = broker.publish(event).await;
        tally.count(result);
    }
}
