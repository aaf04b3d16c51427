//! `project`: the bus that the learner has built beside the one of lesson 30 and the capstone's. The table is a part of the page
//! on milestone 6; in the repository it is measured with the reference.

use ::project::bus::{Bus, Subscription};
use ::project::contract::Message;
use tokio::task::consume_budget;

use super::page::{self, Row};
use super::peers::{self, CAPACITY, Counted, Paced, paced};
use super::{Figures, Measure, in_process, measure, one_thread};
use crate::peers::{Line, Publish, Receive};

pub fn run() -> Result<(), String> {
    if !one_thread().block_on(delivers()) {
        return Err(
            "the bus in exercises/project/src/bus.rs delivers nothing yet: it is milestone 6".to_owned()
        );
    }
    let rows: Vec<(&str, Measure<'_>)> = vec![
        (page::PROJECT, Box::new(|figures| in_process(figures, line))),
        (page::ACTOR, Box::new(|figures| in_process(figures, peers::actor))),
        (page::RECEIPTS, Box::new(|figures| in_process(figures, peers::actor_with_receipts))),
        (page::LOCK, Box::new(|figures| in_process(figures, peers::direct))),
        (page::CAPSTONE, Box::new(|figures| in_process(figures, peers::capstone))),
    ];
    let all: Vec<Figures> = measure(&rows);
    let rows: Vec<Row> = rows.iter().zip(&all).map(|((name, _), figures)| Row { name, figures }).collect();
    page::keep_project(&rows)
}

fn message() -> Message {
    Message { topic: "orders.created".to_owned(), payload: "7".to_owned() }
}

async fn delivers() -> bool {
    let bus = Bus::new(CAPACITY);
    let subscription = bus.subscribe("orders.*").await;
    let published = bus.publish(message()).await;
    subscription.is_ok() && published.is_ok_and(|receipt| receipt.delivered == 1)
}

async fn line(publishers: usize) -> Line<Paced<Publisher>, Counted<Subscription>> {
    let bus = Bus::new(CAPACITY);
    let subscription = bus.subscribe("orders.*").await.expect("a pattern");
    paced((0..publishers).map(|_| Publisher(bus.clone())).collect(), subscription)
}

struct Publisher(Bus);

impl Publish for Publisher {
    /// It may wait for nothing, so it lets others run.
    async fn publish(&mut self) {
        let receipt = self.0.publish(message()).await.expect("the bus is open");
        assert_eq!(receipt.delivered, 1);
        consume_budget().await;
    }
}

impl Receive for Subscription {
    async fn receive(&mut self) -> usize {
        usize::from(self.next().await.is_some())
    }
}
