//! A `RefCell` for each thread satisfies the compiler. All calls on this thread share it, and each other thread has its own.
//~ fails with: the tally must count every event of this call once
//~ region
use std::cell::RefCell;
//~ region
    let mut tasks = Vec::new();
    for lane in lanes {
        tasks.push(tokio::spawn(publish_lane(lane, broker.clone())));
    }
    for task in tasks {
        task.await.expect("no lane panics");
    }
    TALLY.take()
}

thread_local! {
    static TALLY: RefCell<Tally> = RefCell::default();
}

async fn publish_lane(lane: Vec<u32>, broker: Broker) {
    for event in lane {
        let result = broker.publish(event).await;
        TALLY.with_borrow_mut(|tally| tally.count(result));
    }
}
