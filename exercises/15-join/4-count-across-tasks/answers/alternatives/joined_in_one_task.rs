//! One task polls all lanes, so the `Rc` never leaves its thread.
//~ region
use std::cell::RefCell;
use std::rc::Rc;
//~ region
    let tally = Rc::new(RefCell::new(Tally::default()));
    let lanes = lanes.into_iter().map(|lane| publish_lane(lane, broker.clone(), Rc::clone(&tally)));
    futures::future::join_all(lanes).await;
    tally.take()
}

async fn publish_lane(lane: Vec<u32>, broker: Broker, tally: Rc<RefCell<Tally>>) {
    for event in lane {
        let result = broker.publish(event).await;
        tally.borrow_mut().count(result);
    }
}
