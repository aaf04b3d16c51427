//! [`Tally`]: what a round came to, and whether it may have.

use std::collections::BTreeMap;

use capstone_bus::{Overflow, Stats};

use crate::race::consumer::Life;
use crate::race::plan::{Kind, Plan};
use crate::race::publisher::Sent;

/// What everybody says at the end of a round.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) sent: Vec<Sent>,
    pub(super) lives: Vec<Life>,
    /// Messages that the filter has refused.
    pub(super) refused: usize,
    pub(super) stats: Stats,
}

impl Tally {
    /// Messages sent, messages received, futures dropped, subscriptions that came and went.
    pub(super) fn operations(&self) -> u64 {
        let sent = self.of_publishers(|sent| sent.messages + sent.cancelled);
        let lives = self.lives.iter().map(|life| life.heard.len() + life.cancelled + 2);
        (sent + self.refused + lives.sum::<usize>()) as u64
    }

    pub(super) fn check(&self, plan: &Plan) {
        self.every_life_is_in_order(plan);
        self.nothing_is_repeated(plan);
        self.nothing_is_lost(plan);
        self.every_gap_is_a_drop(plan);
        self.counters_add_up(plan);
    }

    fn of_publishers(&self, count: fn(&Sent) -> usize) -> usize {
        self.sent.iter().map(count).sum()
    }

    /// With keys, the order is that of a key.
    fn every_life_is_in_order(&self, plan: &Plan) {
        for life in &self.lives {
            let mut last = BTreeMap::new();
            for heard in &life.heard {
                let key = (plan.kind == Kind::Keyed).then_some(heard.key);
                let before = last.insert((key, heard.publisher), heard.number);
                assert!(before < Some(heard.number), "{heard:?} behind {before:?} at {}: {plan:?}", life.who);
            }
        }
    }

    fn nothing_is_repeated(&self, plan: &Plan) {
        // Of those who subscribe for themselves, the order has told.
        if plan.kind != Kind::Plain {
            let mut all = self.numbers(|_| true);
            let heard = all.len();
            all.dedup();
            assert_eq!(all.len(), heard, "a member has what another has: {plan:?}");
        }
    }

    fn nothing_is_lost(&self, plan: &Plan) {
        if !plan.is_lossless() {
            return;
        }
        let sent = self.of_publishers(|sent| sent.messages);
        match plan.kind {
            Kind::Plain => {
                // Who leaves drops what waits in front of its mailbox.
                assert!(plan.churn || self.stats.dropped == 0, "{plan:?}");
                for who in [0, 2, 3] {
                    assert_eq!(
                        self.numbers(|life| life.who == who).len(),
                        sent,
                        "{who} misses some: {plan:?}"
                    );
                }
                let filtered = self.numbers(|life| life.who == 1).len() + self.refused;
                assert_eq!(filtered, sent, "who filters misses some: {plan:?}");
            }
            _ => {
                assert_eq!(self.numbers(|_| true).len(), sent, "the group misses some: {plan:?}");
                assert_eq!((self.stats.dropped, self.stats.abandoned), (0, 0), "{plan:?}");
            }
        }
    }

    /// In a life that had its end, what the gaps tell of is no more than what was dropped; the last drops have no message
    /// behind them.
    fn every_gap_is_a_drop(&self, plan: &Plan) {
        if plan.is_lossless() {
            assert!(
                self.lives.iter().all(|life| life.missing == 0),
                "a gap where nothing is dropped: {plan:?}"
            );
        }
        for life in self.lives.iter().filter(|_| plan.kind == Kind::Plain) {
            assert!(life.dropped.is_none_or(|dropped| life.missing <= dropped), "{life:?}: {plan:?}");
        }
    }

    fn counters_add_up(&self, plan: &Plan) {
        let stats = &self.stats;
        let heard: usize = self.lives.iter().map(|life| life.heard.len()).sum();
        assert_eq!(stats.delivered, heard as u64, "{plan:?}");
        assert_eq!(stats.filtered, self.refused as u64, "{plan:?}");
        let messages = self.of_publishers(|sent| sent.messages);
        assert_eq!((stats.published, stats.active), (messages as u64, 0), "{plan:?}");
        assert!(stats.subscriptions.is_empty(), "{plan:?}");

        let counted = stats.delivered + stats.filtered + stats.dropped + stats.abandoned;
        let copies = match (plan.cancels, plan.kind, plan.churn) {
            (false, ..) => self.of_publishers(|sent| sent.matched),
            (true, Kind::Plain, false) => 4 * messages,
            // Of those who come and go, only the bus knows who was there.
            (true, Kind::Plain, true) => return assert!(counted >= 4 * messages as u64, "{plan:?}"),
            (true, ..) => messages,
        };
        assert_eq!(counted, copies as u64, "{stats:?}: {plan:?}");
        if !plan.cancels {
            let dropped = self.of_publishers(|sent| sent.dropped) as u64;
            let expected = if plan.overflow == Overflow::DropOldest { 0 } else { stats.dropped };
            assert_eq!(dropped, expected, "what the receipts say: {plan:?}");
        }
    }

    /// Publisher and number of all that these lives heard, sorted.
    fn numbers(&self, of: impl Fn(&Life) -> bool) -> Vec<(usize, usize)> {
        let lives = self.lives.iter().filter(|life| of(life));
        let mut numbers: Vec<_> =
            lives.flat_map(|life| life.heard.iter().map(|heard| (heard.publisher, heard.number))).collect();
        numbers.sort_unstable();
        numbers
    }
}
