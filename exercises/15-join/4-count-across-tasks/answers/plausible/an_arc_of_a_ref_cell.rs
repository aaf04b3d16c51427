//! The handles may move now, but not what they share: two threads could borrow a `RefCell` at the same time.
//~ does not compile: the trait `Sync` is not implemented for `RefCell<Tally>`
//~ region
use std::cell::RefCell;
use std::sync::Arc;
//~ region
    let tally = Arc::new(RefCell::new(Tally::default()));
    let mut tasks = Vec::new();
    for lane in lanes {
        tasks.push(tokio::spawn(publish_lane(lane, broker.clone(), Arc::clone(&tally))));
    }
    for task in tasks {
        task.await.expect("no lane panics");
    }
    let tally = tally.borrow();
    *tally
}

async fn publish_lane(lane: Vec<u32>, broker: Broker, tally: Arc<RefCell<Tally>>) {
    for event in lane {
        let result = broker.publish(event).await;
        tally.borrow_mut().count(result);
    }
}
