//! [`Logs`]: the logs of a bus, by the mailboxes that they are for.

use std::collections::HashMap;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use crate::base::id::SubscriberId;
use crate::mailbox::log::Log;
use crate::mailbox::mailbox::Mailbox;
use crate::router::matched::Matched;

/// Everybody who publishes to the same mailboxes shares a log; it ends with the last [`Publisher`](crate::Publisher).
#[derive(Debug, Default)]
pub(crate) struct Logs(Arc<Table>);

#[derive(Debug, Default)]
struct Table {
    feeds: Mutex<HashMap<Box<[SubscriberId]>, Weak<Feed>>>,
    /// How many there are, so that who publishes without a publisher need not look where there are none.
    count: AtomicUsize,
}

/// A log as its publishers share it. When the last of them lets go, its followers do.
#[derive(Debug)]
pub(crate) struct Feed {
    pub(crate) log: Arc<Log>,
    ids: Box<[SubscriberId]>,
    table: Arc<Table>,
}

/// How a message gets to everybody who matches: by a log, and to the others.
#[derive(Clone, Debug)]
pub(crate) struct Logged {
    pub(crate) feed: Arc<Feed>,
    pub(crate) others: Arc<Matched>,
}

impl Logs {
    /// The log for these, made if there is none. Absent where it is not worth it: nobody else gets what one mailbox gets.
    pub(crate) fn of(&self, matched: &Matched) -> Option<Logged> {
        let (members, others) = parts(matched)?;
        let ids = ids(&members);
        let mut feeds = self.0.feeds();
        let known = feeds.get(&ids).and_then(Weak::upgrade);
        let feed = known.unwrap_or_else(|| {
            let feed =
                Arc::new(Feed { log: Log::new(members), ids: ids.clone(), table: Arc::clone(&self.0) });
            feeds.insert(ids, Arc::downgrade(&feed));
            self.0.count.store(feeds.len(), Relaxed);
            feed
        });
        drop(feeds);
        Some(Logged { feed, others: Arc::new(others) })
    }

    /// The log for these, if there is one.
    pub(crate) fn known(&self, matched: &Matched) -> Option<Logged> {
        if self.0.count.load(Relaxed) == 0 || matched.plain.len() < 2 {
            return None;
        }
        let (members, others) = parts(matched)?;
        let feed = self.0.feeds().get(&ids(&members)).and_then(Weak::upgrade)?;
        Some(Logged { feed, others: Arc::new(others) })
    }
}

fn parts(matched: &Matched) -> Option<(Box<[Arc<Mailbox>]>, Matched)> {
    let (members, others) =
        matched.plain.iter().cloned().partition::<Vec<_>, _>(|mailbox| mailbox.may_follow());
    let others = Matched { plain: others, outlets: matched.outlets.clone(), groups: matched.groups.clone() };
    (members.len() > 1).then(|| (members.into(), others))
}

fn ids(members: &[Arc<Mailbox>]) -> Box<[SubscriberId]> {
    members.iter().map(|mailbox| mailbox.id).collect()
}

impl Table {
    fn feeds(&self) -> MutexGuard<'_, HashMap<Box<[SubscriberId]>, Weak<Feed>>> {
        self.feeds.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Feed {
    fn drop(&mut self) {
        let mut feeds = self.table.feeds();
        // Somebody may have made another one in the meantime.
        if feeds.get(&self.ids).is_some_and(|feed| feed.strong_count() == 0) {
            feeds.remove(&self.ids);
            self.table.count.store(feeds.len(), Relaxed);
        }
        drop(feeds);
        self.log.retire();
    }
}
