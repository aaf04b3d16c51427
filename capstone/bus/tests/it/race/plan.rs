//! [`Plan`]: what one round is about.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use capstone_bus::{Bus, Message, Overflow, Subscription, SubscriptionBuilder};

use crate::race::consumer;
use crate::race::floor::Floor;
use crate::race::publisher;
use crate::race::verdict::Tally;
use crate::support::block;

pub(super) const PUBLISHERS: usize = 4;
const MESSAGES: usize = 500;

/// Who subscribes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Each for itself.
    Plain,
    /// The members of one queue group with one pattern.
    Group,
    /// The same with two patterns, and so with two mailboxes.
    Patterns,
    /// The members of one queue group with keys.
    Keyed,
}

/// One round. From the seed alone.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plan {
    pub(super) seed: u64,
    pub(super) round: u64,
    pub(super) kind: Kind,
    pub(super) overflow: Overflow,
    capacity: usize,
    /// Publishers drop some of their futures.
    pub(super) cancels: bool,
    /// Some subscribers come and go.
    pub(super) churn: bool,
    /// Subscribers pause now and then, long enough for publishers to look for a place themselves or to give up.
    pub(super) naps: bool,
}

/// Nobody waits so long unless a wake-up was lost.
const FOR_EVER: u64 = 60_000;

impl Plan {
    /// So many rounds have all kinds of subscribers with all overflow policies.
    pub(super) const KINDS: u64 = 20;

    pub(super) fn of(seed: u64, round: u64) -> Self {
        let mut random = fastrand::Rng::with_seed(seed ^ round.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let kinds = [Kind::Plain, Kind::Group, Kind::Patterns, Kind::Keyed];
        let policies =
            [block(FOR_EVER), block(2), Overflow::DropOldest, Overflow::DropNewest, Overflow::Disconnect];
        let (kind, policy) = ((round % 4) as usize, (round / 4 % 5) as usize);
        Self {
            seed,
            round,
            kind: kinds[kind],
            overflow: policies[policy],
            capacity: [1, 3, 16, 64][random.usize(..4)],
            // Who is cut off has no number of copies that could be known without a receipt.
            cancels: random.bool() && policies[policy] != Overflow::Disconnect,
            churn: random.bool(),
            naps: random.bool(),
        }
    }

    /// Every message arrives.
    pub(super) fn is_lossless(&self) -> bool {
        self.overflow == block(FOR_EVER) && !self.cancels
    }

    /// A group whose mailbox has ended is founded anew while members of before work on what that one has left.
    pub(super) fn has_one_mailbox(&self) -> bool {
        self.overflow != Overflow::Disconnect
    }

    pub(super) fn random(&self, who: u64) -> fastrand::Rng {
        fastrand::Rng::with_seed(self.seed ^ (self.round << 8) ^ who)
    }

    /// Subscriber number `who`; those of a group take turns with its patterns.
    pub(super) fn subscription(
        &self,
        bus: &Bus,
        who: usize,
        refused: &Arc<AtomicUsize>,
    ) -> SubscriptionBuilder {
        let wide = self.kind == Kind::Patterns && who % 2 == 1;
        let options = bus.subscription(if wide { ">" } else { "t.*" });
        let options = options.capacity(self.capacity).overflow(self.overflow);
        match self.kind {
            Kind::Plain if who == 1 => {
                let refused = Arc::clone(refused);
                options.filter(move |message| {
                    let wants = message.payload[message.payload.len() - 1] != b'7';
                    refused.fetch_add(usize::from(!wants), Ordering::Relaxed);
                    wants
                })
            }
            Kind::Plain => options,
            Kind::Group | Kind::Patterns => options.queue("g"),
            Kind::Keyed => options.queue("g").keyed_by(key),
        }
    }

    /// Everybody at once, until all is published and taken.
    pub(super) async fn play(self) -> Tally {
        let (bus, floor, refused) = (Bus::new(), Arc::new(Floor::default()), Arc::default());
        let open = |who| {
            let (plan, bus, refused) = (self, bus.clone(), Arc::clone(&refused));
            move || -> Option<Subscription> { plan.subscription(&bus, who, &refused).open().ok() }
        };
        let staying = (0..4).map(|who| (who, open(who), open(who)(), consumer::Stays::Yes));
        let others = (4..8).map(|who| (who, open(who), None, consumer::Stays::No));
        let others = others.take(if self.churn { 4 } else { 0 });
        let consumers: Vec<_> = staying
            .chain(others)
            .map(|(who, open, first, stays)| {
                let consumer = consumer::Consumer::new(self, who, Arc::clone(&floor));
                tokio::spawn(consumer.run(open, first, stays))
            })
            .collect();
        let publishers: Vec<_> = (0..PUBLISHERS)
            .map(|who| tokio::spawn(publisher::run(self, who, bus.clone(), MESSAGES)))
            .collect();

        let mut tally = Tally::default();
        for publisher in publishers {
            tally.sent.push(publisher.await.unwrap_or_else(|error| panic!("{error}: {self:?}")));
        }
        bus.close();
        for consumer in consumers {
            tally.lives.extend(consumer.await.unwrap_or_else(|error| panic!("{error}: {self:?}")));
        }
        tally.refused = refused.load(Ordering::Relaxed);
        tally.stats = bus.stats();
        tally
    }
}

/// The first letter of the payload.
pub(super) fn key(message: &Message) -> Option<u8> {
    message.payload.first().copied()
}
