//! A subscriber of the campaign: receives in every way there is, gives up at any poll, leaves and comes again.

use std::sync::Arc;

use capstone_bus::{CloseReason, Message, Subscription};

use crate::race::floor::Floor;
use crate::race::plan::{Kind, Plan};
use crate::support::{drop_at, ms};

/// A message as it arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Heard {
    pub(super) key: u8,
    pub(super) publisher: usize,
    pub(super) number: usize,
}

impl Heard {
    fn of(message: &Message) -> Self {
        let text = std::str::from_utf8(&message.payload).expect("text");
        let parts: Vec<_> = text.split(' ').collect();
        let number = |at: usize| parts[at].parse().expect("a number");
        Self { key: message.payload[0], publisher: number(1), number: number(2) }
    }
}

/// One subscription from its beginning to its end.
#[derive(Debug, Default)]
pub(super) struct Life {
    pub(super) who: usize,
    pub(super) heard: Vec<Heard>,
    /// Messages that the gaps in front of them have told of.
    pub(super) missing: u64,
    /// What its mailbox said at the end, if it had its end.
    pub(super) dropped: Option<u64>,
    pub(super) cancelled: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stays {
    Yes,
    No,
}

pub(super) struct Consumer {
    plan: Plan,
    who: usize,
    floor: Arc<Floor>,
    random: fastrand::Rng,
    /// Messages whose keys it holds.
    busy: Vec<Heard>,
}

impl Consumer {
    pub(super) fn new(plan: Plan, who: usize, floor: Arc<Floor>) -> Self {
        Self { plan, who, floor, random: plan.random(who as u64), busy: Vec::new() }
    }

    /// Ends with the bus. Who does not stay comes and goes until then; who is cut off as too slow comes again.
    pub(super) async fn run(
        mut self,
        open: impl Fn() -> Option<Subscription>,
        first: Option<Subscription>,
        stays: Stays,
    ) -> Vec<Life> {
        let (mut next, mut lives) = (first, Vec::new());
        while let Some(mut subscription) = next.take().or_else(&open) {
            let mut life = Life { who: self.who, ..Life::default() };
            let calls = if stays == Stays::Yes { usize::MAX } else { self.random.usize(..50) };
            for _ in 0..calls {
                if self.plan.naps && self.random.u8(..128) == 0 {
                    tokio::time::sleep(ms(self.random.u64(1..12))).await;
                }
                if !self.receive(&mut subscription, &mut life).await {
                    assert_ne!(subscription.close_reason(), None, "only what is closed has an end");
                    life.dropped = Some(subscription.dropped());
                    break;
                }
            }
            self.free();
            let reason = subscription.close_reason();
            drop(subscription);
            lives.push(life);
            if reason == Some(CloseReason::Closed) {
                break;
            }
            tokio::task::yield_now().await;
        }
        lives
    }

    /// Says no at the end.
    async fn receive(&mut self, subscription: &mut Subscription, life: &mut Life) -> bool {
        let (way, polls) = (self.random.u8(..8), self.random.usize(..3));
        // A key is free from the first poll on.
        if way != 0 || polls > 0 {
            self.free();
        }
        match way {
            0 => match drop_at(polls, subscription.recv()).await {
                Some(delivery) => {
                    return self.hear(life, delivery.as_deref(), delivery.as_ref().map(|d| d.gap()));
                }
                None => life.cancelled += 1,
            },
            1 => {
                if let Ok(delivery) = subscription.try_recv() {
                    return self.hear(life, [&*delivery], Some(delivery.gap()));
                }
                tokio::task::yield_now().await;
            }
            2 => {
                let mut batch = Vec::new();
                subscription.recv_many(&mut batch, 5).await;
                let gaps = batch.iter().map(|delivery| delivery.gap()).sum();
                return self.hear(life, batch.iter().map(|delivery| &**delivery), Some(gaps));
            }
            3 => {
                let batch = subscription.recv_batch().await;
                return self.hear(life, batch.iter().flatten(), batch.as_ref().map(|batch| batch.gap()));
            }
            _ => {
                let delivery = subscription.recv().await;
                return self.hear(life, delivery.as_deref(), delivery.as_ref().map(|d| d.gap()));
            }
        }
        true
    }

    fn hear<'a>(
        &mut self,
        life: &mut Life,
        messages: impl IntoIterator<Item = &'a Message>,
        gap: Option<u64>,
    ) -> bool {
        let before = life.heard.len();
        for heard in messages.into_iter().map(Heard::of) {
            if self.plan.has_one_mailbox() && self.plan.kind == Kind::Keyed {
                self.floor.begin(heard);
                self.busy.push(heard);
            }
            life.heard.push(heard);
        }
        life.missing += gap.unwrap_or(0);
        life.heard.len() > before
    }

    fn free(&mut self) {
        self.busy.drain(..).for_each(|heard| self.floor.end(heard));
    }
}
