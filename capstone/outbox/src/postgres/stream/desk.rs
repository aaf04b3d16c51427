//! What is done for streams beside the caller's own future: what a member has begun goes on to its end, and drops are heeded in
//! their order.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock};

use futures::future::BoxFuture;
use tokio::sync::{mpsc, oneshot};

use super::group::Publishers;
use super::{answer, consumer};
use crate::message::Seq;
use crate::postgres::lend::{Lender, Lent};
use crate::postgres::target::Target;
use crate::store::{Budget, StoreError};
use crate::stream::rules::StreamClock;
use crate::stream::store::{ConsumerId, MemberId, Pulled, Word};

/// Connections for streams: publishers of a stream wait for each other, and the relay is not to wait for them.
const CONNECTIONS: usize = 4;

/// Drops that wait. One that finds no place is not heeded: the ack wait does the same, only later.
const DROPS_MAX: usize = 4_096;

type Drop = BoxFuture<'static, ()>;

/// Owns a task that does what drops ask for. Without the desk it does what is left, and ends.
pub(in crate::postgres) struct Desk {
    pub(super) lender: Lender,
    /// Instead of the database's clock.
    pub(super) clock: Option<StreamClock>,
    pub(super) publishers: Publishers,
    drops: OnceLock<mpsc::Sender<Drop>>,
    /// Drops that are not done yet.
    waiting: Arc<AtomicUsize>,
    /// What each member has begun: whoever leaves, leaves behind it. A short section without await.
    begun: Mutex<HashMap<MemberId, oneshot::Receiver<()>>>,
}

impl Desk {
    pub(in crate::postgres) fn new(target: &Target) -> Self {
        let lender = Lender::new(target, CONNECTIONS);
        let (waiting, begun) = (Arc::default(), Mutex::default());
        let publishers = Publishers::default();
        Self { lender, clock: None, publishers, drops: OnceLock::new(), waiting, begun }
    }

    /// A connection, once all drops until now are done: nobody sees what was before his own.
    pub(super) async fn lend(&self) -> Result<Lent, StoreError> {
        self.dropped().await;
        self.lender.lend().await
    }

    pub(in crate::postgres) fn close_idle(&self) {
        self.lender.close_idle();
    }

    /// From now on drops are heeded: they may come where no task can be spawned.
    pub(super) fn open(&self) {
        self.drops.get_or_init(|| {
            let (drops, queue) = mpsc::channel(DROPS_MAX);
            tokio::spawn(heed(queue, Arc::clone(&self.waiting)));
            drops
        });
    }

    pub(super) async fn pull(
        &self,
        id: ConsumerId,
        member: MemberId,
        word: Word,
        budget: Budget,
        now: Option<i64>,
    ) -> Result<Option<Pulled>, StoreError> {
        // Asked now, and not in the task: a drop that waits for this pull comes behind it.
        let (lender, dropped) = (self.lender.clone(), self.dropped());
        let pull = async move {
            dropped.await;
            let mut lent = lender.lend().await?;
            let pulled = lender.answered(consumer::pull(&mut lent, id, member, &word, budget, now)).await?;
            lent.give_back();
            Ok(pulled)
        };
        self.to_its_end(member, pull).await
    }

    pub(super) async fn hand_out(
        &self,
        id: ConsumerId,
        member: MemberId,
        deliveries: Vec<(Seq, u32)>,
        now: Option<i64>,
    ) -> Result<Vec<Seq>, StoreError> {
        let lender = self.lender.clone();
        let hand_out = async move {
            let mut lent = lender.lend().await?;
            let ours = lender.answered(answer::hand_out(&mut lent, id, member, &deliveries, now)).await?;
            lent.give_back();
            Ok(ours)
        };
        self.to_its_end(member, hand_out).await
    }

    /// Whoever is dropped while he waits for it has begun it nevertheless; he leaves when it is done.
    async fn to_its_end<T: Send + 'static>(
        &self,
        member: MemberId,
        operation: impl Future<Output = Result<T, StoreError>> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (ended, end) = oneshot::channel::<()>();
        self.all_begun().insert(member, end);
        let operating = tokio::spawn(async move {
            let _until_it_ends = ended;
            operation.await
        });
        let outcome = operating.await;
        self.all_begun().remove(&member);
        outcome.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()))
    }

    /// Until that is done which a member has begun who leaves.
    pub(super) fn begun(&self, member: MemberId) -> impl Future<Output = ()> + Send + 'static {
        let end = self.all_begun().remove(&member);
        async move {
            if let Some(end) = end {
                // It is never sent, and dropped at the end.
                end.await.unwrap_or_default();
            }
        }
    }

    /// Does it when all that was dropped before is done.
    pub(super) fn later(&self, drop: impl Future<Output = ()> + Send + 'static) {
        let Some(drops) = self.drops.get() else { return };
        self.waiting.fetch_add(1, Ordering::Relaxed);
        if drops.try_send(Box::pin(drop)).is_err() {
            self.waiting.fetch_sub(1, Ordering::Relaxed);
        }
    }

    /// Until all drops up to this call are done.
    fn dropped(&self) -> impl Future<Output = ()> + Send + 'static {
        let (done, all_done) = oneshot::channel::<()>();
        if self.waiting.load(Ordering::Relaxed) > 0 {
            self.later(async move { drop(done) });
        }
        async move { all_done.await.unwrap_or_default() }
    }

    fn all_begun(&self) -> MutexGuard<'_, HashMap<MemberId, oneshot::Receiver<()>>> {
        self.begun.lock().expect("nothing panics while it is held")
    }
}

async fn heed(mut queue: mpsc::Receiver<Drop>, waiting: Arc<AtomicUsize>) {
    while let Some(drop) = queue.recv().await {
        drop.await;
        waiting.fetch_sub(1, Ordering::Relaxed);
    }
}
