//! Tells the compiler that the `Rc` may move to another thread. It may not: two threads would count its handles at once.
//~ does not compile: implementation of an `unsafe` trait
//~ region
use std::cell::RefCell;
use std::rc::Rc;
//~ region
    let tally = Shared(Rc::new(RefCell::new(Tally::default())));
    let mut tasks = Vec::new();
    for lane in lanes {
        tasks.push(tokio::spawn(publish_lane(lane, broker.clone(), tally.clone())));
    }
    for task in tasks {
        task.await.expect("no lane panics");
    }
    let tally = tally.0.borrow();
    *tally
}

#[derive(Clone)]
struct Shared(Rc<RefCell<Tally>>);

unsafe impl Send for Shared {}

async fn publish_lane(lane: Vec<u32>, broker: Broker, tally: Shared) {
    for event in lane {
        let result = broker.publish(event).await;
        tally.0.borrow_mut().count(result);
    }
}
