//! Tasks of a `LocalSet` stay on its thread, so they need not be `Send`.
//~ region
use std::cell::RefCell;
use std::rc::Rc;
//~ region
    let tally = Rc::new(RefCell::new(Tally::default()));
    let local = tokio::task::LocalSet::new();
    for lane in lanes {
        local.spawn_local(publish_lane(lane, broker.clone(), Rc::clone(&tally)));
    }
    local.await;
    tally.take()
}

async fn publish_lane(lane: Vec<u32>, broker: Broker, tally: Rc<RefCell<Tally>>) {
    for event in lane {
        let result = broker.publish(event).await;
        tally.borrow_mut().count(result);
    }
}
