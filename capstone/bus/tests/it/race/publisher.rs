//! A publisher of the campaign: one message after another, in every way there is.

use capstone_bus::{Bus, Message, Receipt};

use crate::race::plan::Plan;
use crate::support::{drop_at, topic};

/// What one publisher has done.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sent {
    /// Messages of publishes that were polled at least once.
    pub(super) messages: usize,
    pub(super) matched: usize,
    pub(super) enqueued: usize,
    pub(super) dropped: usize,
    pub(super) cancelled: usize,
}

impl Sent {
    fn add(&mut self, messages: usize, receipt: Option<Receipt>) {
        self.messages += messages;
        match receipt {
            Some(receipt) => {
                assert_eq!(receipt.matched, receipt.enqueued + receipt.dropped);
                self.matched += receipt.matched;
                self.enqueued += receipt.enqueued;
                self.dropped += receipt.dropped;
            }
            None => self.cancelled += 1,
        }
    }
}

pub(super) async fn run(plan: Plan, who: usize, bus: Bus, messages: usize) -> Sent {
    let (mut random, mut sent) = (plan.random(100 + who as u64), Sent::default());
    let to = topic(&format!("t.{who}"));
    let mut publisher = bus.publisher(to.clone());
    let mut numbers = 1..;
    while sent.messages < messages {
        let mut payload = || {
            let number: usize = numbers.next().expect("they do not end");
            format!("{} {who} {number}", ["a", "b", "c", "d", "e"][random.usize(..5)])
        };
        let first = payload();
        let batch: Vec<_> = std::iter::once(first.clone()).chain((0..3).map(|_| payload())).collect();
        let (way, polls) = (random.u8(..8), if random.bool() { random.usize(..4) } else { usize::MAX });
        let polls = if plan.cancels { polls } else { usize::MAX };
        // What is never polled was never offered.
        let polled = usize::from(polls > 0);
        let message = |payload: &String| Message::new(to.clone(), payload.clone());
        match way {
            0 if !plan.is_lossless() => {
                sent.add(1, Some(bus.try_publish(message(&first)).expect("the bus is open")));
            }
            1 if !plan.is_lossless() => {
                sent.add(1, Some(publisher.try_publish(first).expect("the bus is open")));
            }
            2 => {
                let receipt = drop_at(polls, bus.publish_batch(batch.iter().map(message))).await;
                sent.add(4 * polled, receipt.map(|receipt| receipt.expect("the bus is open")));
            }
            3 => {
                let receipt = drop_at(polls, publisher.publish_batch(batch)).await;
                sent.add(4 * polled, receipt.map(|receipt| receipt.expect("the bus is open")));
            }
            4 | 5 => {
                let receipt = drop_at(polls, bus.publish(message(&first))).await;
                sent.add(polled, receipt.map(|receipt| receipt.expect("the bus is open")));
            }
            _ => {
                let receipt = drop_at(polls, publisher.publish(first)).await;
                sent.add(polled, receipt.map(|receipt| receipt.expect("the bus is open")));
            }
        }
    }
    sent
}
