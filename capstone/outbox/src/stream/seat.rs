//! A member's place at its consumer, shared with the deliveries that it has handed out: what the member has, and what the
//! store is told about it.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use futures::future::BoxFuture;
use tokio::time::Instant;

use super::config::Lifetime;
use super::error::StreamError;
use super::store::{Answer, ConsumerId, MemberId, Pulled, StreamStore, Verdict, Word};
use crate::message::{MessageId, Seq};
use crate::store::{Budget, StoreError};

pub(super) struct Seat {
    store: Arc<dyn StreamStore>,
    consumer: ConsumerId,
    member: MemberId,
    name: String,
    lifetime: Lifetime,
    ack_wait: Duration,
    /// A short section without await.
    has: Mutex<Has>,
}

/// What a member has.
struct Has {
    /// Handed out and not answered.
    in_hand: BTreeSet<Seq>,
    /// Handed out for the first time, and the store does not know it yet.
    untold: BTreeSet<Seq>,
    /// When the ack wait of what is fetched began, or was begun anew.
    since: Instant,
}

/// How it stands with the ack wait of what is fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wait {
    Fresh,
    /// Half of it is over.
    Fading,
    /// Another member may have it all by now.
    Over,
}

impl Seat {
    pub(super) fn new(
        store: Arc<dyn StreamStore>,
        consumer: ConsumerId,
        name: String,
        lifetime: Lifetime,
        ack_wait: Duration,
    ) -> Self {
        let has = Has { in_hand: BTreeSet::new(), untold: BTreeSet::new(), since: Instant::now() };
        let (member, has) = (MessageId::generate(), Mutex::new(has));
        Self { store, consumer, member, name, lifetime, ack_wait, has }
    }

    pub(super) fn store(&self) -> &Arc<dyn StreamStore> {
        &self.store
    }

    /// The consumer is gone.
    pub(super) fn gone(&self) -> StreamError {
        StreamError::NoConsumer { name: self.name.clone() }
    }

    /// Asks for more, and says what there is to be said.
    pub(super) fn pull(
        self: &Arc<Self>,
        budget: Budget,
        renews: bool,
    ) -> BoxFuture<'static, Result<Option<Pulled>, StoreError>> {
        let (seat, at) = (Arc::clone(self), Instant::now());
        let word = Word { handed: self.untold(), renews };
        Box::pin(async move {
            let pulled = seat.store.pull(seat.consumer, seat.member, word.clone(), budget).await?;
            seat.said(&word, at);
            Ok(pulled)
        })
    }

    /// Counts deliveries before they are handed out. What it returns is still this member's.
    pub(super) fn count(
        self: &Arc<Self>,
        deliveries: Vec<(Seq, u32)>,
    ) -> BoxFuture<'static, Result<Vec<Seq>, StoreError>> {
        let seat = Arc::clone(self);
        Box::pin(async move { seat.store.hand_out(seat.consumer, seat.member, deliveries).await })
    }

    pub(super) async fn answer(&self, answers: Vec<Answer>) -> Result<(), StreamError> {
        let (word, at) = (self.word_with(&answers), Instant::now());
        self.store.answer(self.consumer, self.member, answers, word.clone()).await?;
        self.said(&word, at);
        Ok(())
    }

    pub(super) fn answer_later(&self, answers: Vec<Answer>) {
        let word = self.word_with(&answers);
        self.store.answer_later(self.consumer, self.member, answers, word);
    }

    /// Begins the ack wait of all that is fetched anew.
    pub(super) fn renew(&self) {
        let word = Word { handed: self.untold(), renews: true };
        self.store.answer_later(self.consumer, self.member, Vec::new(), word);
        self.begin_wait();
    }

    /// What is fetched now is fresh.
    pub(super) fn begin_wait(&self) {
        self.has().since = Instant::now();
    }

    pub(super) fn wait(&self) -> Wait {
        let passed = self.has().since.elapsed();
        match passed {
            passed if passed >= self.ack_wait => Wait::Over,
            passed if passed >= self.ack_wait / 2 => Wait::Fading,
            _ => Wait::Fresh,
        }
    }

    /// It is in somebody's hands; the store knows it already.
    pub(super) fn handed(&self, seq: Seq) {
        self.has().in_hand.insert(seq);
    }

    /// It is in somebody's hands, for the first time; the store is told with the next word.
    pub(super) fn handed_first(&self, seq: Seq) {
        let mut has = self.has();
        has.in_hand.insert(seq);
        has.untold.insert(seq);
    }

    /// It is answered.
    pub(super) fn ended(&self, seq: Seq) {
        let mut has = self.has();
        has.in_hand.remove(&seq);
        has.untold.remove(&seq);
    }

    pub(super) fn leave(&self) {
        let in_hand = self.has().in_hand.iter().copied().collect();
        self.store.leave_consumer(self.consumer, self.member, in_hand, self.lifetime);
    }

    /// What is said with answers. That what is acknowledged was handed out goes without saying.
    fn word_with(&self, answers: &[Answer]) -> Word {
        let is = |answer: &Answer, verdict: &Verdict| answer.verdict == *verdict;
        let is_at_work = answers.iter().any(|answer| is(answer, &Verdict::InProgress));
        let renews = is_at_work || self.has().since.elapsed() >= self.ack_wait / 4;
        let mut handed = self.untold();
        handed.retain(|seq| !answers.iter().any(|answer| answer.seq == *seq && is(answer, &Verdict::Ack)));
        Word { handed, renews }
    }

    fn untold(&self) -> Vec<Seq> {
        self.has().untold.iter().copied().collect()
    }

    /// The store has written it; it was begun at this time.
    fn said(&self, word: &Word, at: Instant) {
        let mut has = self.has();
        for seq in &word.handed {
            has.untold.remove(seq);
        }
        if word.renews {
            has.since = has.since.max(at);
        }
    }

    fn has(&self) -> MutexGuard<'_, Has> {
        self.has.lock().expect("nothing panics while it is held")
    }
}
