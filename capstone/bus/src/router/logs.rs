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

impl Logs {
    /// The log for these, made if there is none. Absent where it is not worth it: nobody else gets what one mailbox gets.
    pub(crate) fn of(&self, matched: &Matched) -> Option<Arc<Feed>> {
        let ids = ids(matched)?;
        let mut feeds = self.0.feeds();
        if let Some(known) = feeds.get(&ids).and_then(Weak::upgrade) {
            return Some(known);
        }
        let log = Log::new(members(matched).cloned().collect());
        let feed = Arc::new(Feed { log, ids: ids.clone(), table: Arc::clone(&self.0) });
        feeds.insert(ids, Arc::downgrade(&feed));
        self.0.count.store(feeds.len(), Relaxed);
        Some(feed)
    }

    /// The log for these, if there is one and it is followed.
    pub(crate) fn followed(&self, matched: &Matched) -> Option<Arc<Feed>> {
        if self.0.count.load(Relaxed) == 0 {
            return None;
        }
        let feed = self.0.feeds().get(&ids(matched)?).and_then(Weak::upgrade)?;
        feed.log.is_followed().then_some(feed)
    }
}

impl Feed {
    /// Whether others than the members of its log match: outlets, groups, and mailboxes that follow nothing.
    pub(crate) fn leaves_out(&self, matched: &Matched) -> bool {
        let all = matched.plain.len() + matched.outlets.len() + matched.groups.len();
        all > self.log.members.len()
    }
}

fn members(matched: &Matched) -> impl Iterator<Item = &Arc<Mailbox>> {
    matched.plain.iter().filter(|mailbox| mailbox.may_follow())
}

/// Of at least two.
fn ids(matched: &Matched) -> Option<Box<[SubscriberId]>> {
    let ids: Box<[_]> = members(matched).map(|mailbox| mailbox.id).collect();
    (ids.len() > 1).then_some(ids)
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
