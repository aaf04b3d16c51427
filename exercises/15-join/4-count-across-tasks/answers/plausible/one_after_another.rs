//! Awaits the lanes instead of spawning them. The `Rc` may stay, and the lanes take the sum.
//~ fails with: event 25 was expected to log "is sent" at 0 ms, but did so at 370 ms
//~ region
use std::cell::RefCell;
use std::rc::Rc;
//~ region
    let tally = Rc::new(RefCell::new(Tally::default()));
    for lane in lanes {
        publish_lane(lane, broker.clone(), Rc::clone(&tally)).await;
    }
    let tally = tally.borrow();
    *tally
}

async fn publish_lane(lane: Vec<u32>, broker: Broker, tally: Rc<RefCell<Tally>>) {
    for event in lane {
        let result = broker.publish(event).await;
        tally.borrow_mut().count(result);
    }
}
