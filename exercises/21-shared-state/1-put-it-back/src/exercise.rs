//! Exercise 21.1: three workers share a queue, and put back what the broker refuses.

use std::collections::VecDeque;
use std::sync::Arc;

use tokio::sync::Mutex;
use tokio::task::JoinSet;

pub use broker::Broker;

const WORKERS: usize = 3;

/// Publishes all events, three at a time. An event that is refused goes to the back of the queue.
pub async fn publish_all(events: Vec<u32>, broker: Broker) {
    let queue = Arc::new(Mutex::new(VecDeque::from(events)));
    let mut workers = JoinSet::new();
    for _ in 0..WORKERS {
        workers.spawn(worker(Arc::clone(&queue), broker.clone()));
    }
    while let Some(ended) = workers.join_next().await {
        ended.expect("no worker panics");
    }
}

async fn worker(queue: Arc<Mutex<VecDeque<u32>>>, broker: Broker) {
    // TODO: how long is each guard alive?
    loop {
        match queue.lock().await.pop_front() {
            Some(event) => {
                if broker.publish(event).await.is_err() {
                    queue.lock().await.push_back(event);
                }
            }
            None => return,
        }
    }
}

/// The broker. Do not change it.
mod broker {
    use std::collections::HashMap;
    use std::sync::{Arc, Mutex};
    use std::time::Duration;

    use shared::Journal;
    use tokio::time::sleep;

    /// The broker has not taken the event.
    #[derive(Debug)]
    pub struct Refused;

    /// Clones are handles to the same broker.
    #[derive(Clone, Debug)]
    pub struct Broker {
        plan: Arc<HashMap<u32, u64>>,
        /// How often each event will still be refused.
        refusals: Arc<Mutex<HashMap<u32, u32>>>,
        journal: Journal,
    }

    impl Broker {
        /// For each event: its id, how many milliseconds a publish takes, and how often it is refused at first.
        pub fn new(plan: impl IntoIterator<Item = (u32, u64, u32)> + Clone, journal: Journal) -> Self {
            let refusals = plan.clone().into_iter().map(|(event, _, refusals)| (event, refusals)).collect();
            let plan = plan.into_iter().map(|(event, takes_ms, _)| (event, takes_ms)).collect();
            Self { plan: Arc::new(plan), refusals: Arc::new(Mutex::new(refusals)), journal }
        }

        /// Publishes an event.
        pub async fn publish(&self, event: u32) -> Result<(), Refused> {
            let name = format!("event {event}");
            self.journal.log(&name, "is sent");
            sleep(Duration::from_millis(self.plan[&event])).await;
            if self.refuses(event) {
                self.journal.log(&name, "is refused");
                return Err(Refused);
            }
            self.journal.log(&name, "is confirmed");
            Ok(())
        }

        fn refuses(&self, event: u32) -> bool {
            let mut refusals = self.refusals.lock().expect("nothing panics under this lock");
            let left = refusals.entry(event).or_default();
            let refused = *left > 0;
            *left = left.saturating_sub(1);
            refused
        }
    }
}
