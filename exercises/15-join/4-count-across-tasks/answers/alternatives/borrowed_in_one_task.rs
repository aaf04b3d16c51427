//! In one task, a plain borrow of a `RefCell` is enough.
//~ region
use std::cell::RefCell;
//~ region
    let tally = RefCell::new(Tally::default());
    futures::future::join_all(lanes.into_iter().map(|lane| publish_lane(lane, &broker, &tally))).await;
    tally.into_inner()
}

async fn publish_lane(lane: Vec<u32>, broker: &Broker, tally: &RefCell<Tally>) {
    for event in lane {
        let result = broker.publish(event).await;
        tally.borrow_mut().count(result);
    }
}
