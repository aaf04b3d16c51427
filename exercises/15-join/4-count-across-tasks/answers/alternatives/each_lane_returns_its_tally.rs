//! Nothing is shared: each lane has its own tally and returns it.
//~ region
//~ region
    let tasks: Vec<_> =
        lanes.into_iter().map(|lane| tokio::spawn(publish_lane(lane, broker.clone()))).collect();
    let mut all = Tally::default();
    for task in tasks {
        let Tally { published, refused } = task.await.expect("no lane panics");
        all.published += published;
        all.refused += refused;
    }
    all
}

async fn publish_lane(lane: Vec<u32>, broker: Broker) -> Tally {
    let mut tally = Tally::default();
    for event in lane {
        tally.count(broker.publish(event).await);
    }
    tally
}
