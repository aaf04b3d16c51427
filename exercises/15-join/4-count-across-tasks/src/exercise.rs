//! Exercise 15.4: many tasks, and one tally.

use std::cell::RefCell;
use std::rc::Rc;

pub use broker::{Broker, Refused};

/// How many events were published, and how many the broker refused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub published: u32,
    pub refused: u32,
}

impl Tally {
    pub fn count(&mut self, result: Result<(), Refused>) {
        match result {
            Ok(()) => self.published += 1,
            Err(Refused) => self.refused += 1,
        }
    }
}

/// Publishes the events of each lane one after another, and the lanes at once. An event is given by its id. Returns the tally of
/// all lanes.
pub async fn publish_all(lanes: Vec<Vec<u32>>, broker: Broker) -> Tally {
    // TODO: a task may move to another thread, and so may all that it holds across an await. An `Rc` may not.
    let tally = Rc::new(RefCell::new(Tally::default()));
    let mut tasks = Vec::new();
    for lane in lanes {
        tasks.push(tokio::spawn(publish_lane(lane, broker.clone(), Rc::clone(&tally))));
    }
    for task in tasks {
        task.await.expect("no lane panics");
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

/// The broker. Do not change it.
mod broker {
    use std::collections::HashMap;
    use std::sync::Arc;
    use std::time::Duration;

    use shared::Journal;
    use tokio::time::sleep;

    /// The broker does not take the event.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Refused;

    /// How many milliseconds an event takes, and what becomes of it.
    type Fate = (u64, Result<(), Refused>);

    /// Clones are handles to the same broker.
    #[derive(Clone, Debug)]
    pub struct Broker {
        fates: Arc<HashMap<u32, Fate>>,
        journal: Journal,
    }

    impl Broker {
        /// A broker that does this with each event.
        pub fn new(
            fates: impl IntoIterator<Item = (u32, u64, Result<(), Refused>)>,
            journal: Journal,
        ) -> Self {
            let fates = fates.into_iter().map(|(event, takes_ms, result)| (event, (takes_ms, result)));
            Self { fates: Arc::new(fates.collect()), journal }
        }

        /// Publishes an event.
        pub async fn publish(&self, event: u32) -> Result<(), Refused> {
            let (takes_ms, result) = self.fates[&event];
            self.journal.log(format_args!("event {event}"), "is sent");
            sleep(Duration::from_millis(takes_ms)).await;
            let outcome = if result.is_ok() { "is published" } else { "is refused" };
            self.journal.log(format_args!("event {event}"), outcome);
            result
        }
    }
}
