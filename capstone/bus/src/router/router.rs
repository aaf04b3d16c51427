//! The subscription table: who gets a message on this topic.
//!
//! Hands out mailboxes and lets go of its lock before anything is put into them.
//!
//! # Shards
//!
//! Patterns with the same first token share a shard, and those that begin with a wildcard have one of their own. So a
//! topic is looked up in two trees, and subscriptions that come and go disturb only topics of their own shard. Each
//! shard counts its changes: a publisher that remembers its match asks two numbers whether it still holds.

use std::collections::BTreeMap;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, RwLock, RwLockReadGuard, RwLockWriteGuard};

use crate::base::id::SubscriberId;
use crate::mailbox::counts::Counts;
use crate::mailbox::mailbox::Mailbox;
use crate::mailbox::spec::Spec;
use crate::router::error::SubscribeError;
use crate::router::logs::Logs;
use crate::router::matched::Matched;
use crate::router::outlet::{Carried, Outlet, Port, Turns};
use crate::router::subscribers::{Group, Subscribers};
use crate::router::trie::{Keep, Trie};
use crate::{Pattern, Topic};

/// Shards by first token; one more for the wildcards stands behind them.
const BY_TOKEN: usize = 32;

/// See the module.
#[derive(Debug)]
pub(crate) struct Router {
    shards: Box<[Shard]>,
    hasher: RandomState,
    /// The last id given away.
    last_id: AtomicU64,
    /// Subscriptions alive, each member of a group counted.
    active: AtomicUsize,
    closed: AtomicBool,
    pub(crate) logs: Logs,
    pub(crate) turns: Turns,
    pub(crate) carried: Carried,
}

/// On cache lines of its own, because other shards change while this one is read.
#[derive(Debug)]
#[repr(align(64))]
struct Shard {
    /// Rises with each change of the table, before the change is over.
    generation: AtomicU64,
    /// Of the standard library: locked for a look-up or a change of the tree, and never across an await.
    table: RwLock<Table>,
}

#[derive(Debug)]
struct Table {
    trie: Trie<Subscribers>,
    closed: bool,
    /// Mailboxes that have ended although their subscriptions are alive.
    ended: BTreeMap<SubscriberId, Group>,
    /// What mailboxes had counted that are no more.
    past: Counts,
}

/// Everybody who wants a message on a topic, and as of when.
#[derive(Debug)]
pub(crate) struct Route {
    pub(crate) matched: Matched,
    shard: usize,
    /// Of that shard, and of the wildcards.
    generations: [u64; 2],
}

impl Route {
    /// Of nobody, and current never.
    pub(crate) fn outdated() -> Self {
        Self { matched: Matched::default(), shard: BY_TOKEN, generations: [u64::MAX; 2] }
    }
}

/// Who wanted the last message of somebody, whose next one is often on the same topic.
#[cfg(feature = "wire")]
#[derive(Debug)]
pub(crate) struct Remembered {
    topic: Option<Topic>,
    route: Route,
}

#[cfg(feature = "wire")]
impl Default for Remembered {
    fn default() -> Self {
        Self { topic: None, route: Route::outdated() }
    }
}

#[cfg(feature = "wire")]
impl Remembered {
    /// Who wants a message on this topic now.
    pub(crate) fn matched(&mut self, router: &Router, topic: &Topic) -> Result<&Matched, Closed> {
        if self.topic.as_ref() != Some(topic) || !router.is_current(&self.route) {
            // Let go even if there is no other: it keeps mailboxes in memory.
            *self = Self::default();
            self.route = router.route(topic)?;
            self.topic = Some(topic.clone());
        }
        Ok(&self.route.matched)
    }
}

/// The bus takes no messages any more.
#[derive(Debug)]
pub(crate) struct Closed;

/// A look at the table.
#[derive(Debug)]
pub(crate) struct Census {
    pub(crate) active: usize,
    pub(crate) past: Counts,
    /// In order of subscription.
    pub(crate) mailboxes: Vec<(Arc<Mailbox>, usize)>,
}

impl Router {
    pub(crate) fn new() -> Self {
        Self {
            shards: (0..=BY_TOKEN).map(|_| Shard::new()).collect(),
            hasher: RandomState::new(),
            last_id: AtomicU64::new(0),
            active: AtomicUsize::new(0),
            closed: AtomicBool::new(false),
            logs: Logs::default(),
            turns: Turns::default(),
            carried: Carried::default(),
        }
    }

    /// Opens a mailbox, or joins the one of the group. From the return on, every publish finds it.
    pub(crate) fn subscribe(&self, spec: Spec) -> Result<(SubscriberId, Arc<Mailbox>), SubscribeError> {
        let mut table = self.of_pattern(&spec.pattern).change()?;
        let id = self.next_id();
        // Borrowed, because what a member that joins others asks for is not kept, and its end runs code of the member's own.
        let (mailbox, ended) = table.trie.entry(&spec.pattern).join(id, &spec)?;
        if let Some(group) = ended {
            table.ended.insert(group.mailbox.id, group);
        }
        self.active.fetch_add(1, Ordering::Relaxed);
        Ok((id, mailbox))
    }

    /// Takes a subscription out. From the return on, no publish finds it.
    pub(crate) fn unsubscribe(&self, id: SubscriberId, mailbox: &Mailbox) {
        self.active.fetch_sub(1, Ordering::Relaxed);
        let mut table = self.of_pattern(&mailbox.pattern).write();
        if !table.leave(mailbox) {
            drop(table);
            mailbox.leave(id);
            return;
        }
        let (counts, abandoned) = mailbox.abandon();
        table.past += counts;
        drop(table);
        drop(abandoned);
    }

    /// Takes a mailbox out that has ended although its subscriptions are alive; they are still counted.
    pub(crate) fn unroute(&self, mailbox: &Mailbox) {
        let mut table = self.of_pattern(&mailbox.pattern).write();
        let mut ended = None;
        table.edit(&mailbox.pattern, |subscribers| ended = subscribers.remove(mailbox));
        if let Some(group) = ended {
            table.ended.insert(mailbox.id, group);
        }
    }

    /// Puts an outlet into the table, alone or as a member of a group. From the return on, every publish finds it.
    #[cfg_attr(not(feature = "wire"), allow(dead_code, reason = "the network listener attaches outlets"))]
    pub(crate) fn attach(
        &self,
        pattern: Pattern,
        group: Option<Arc<str>>,
        outlet: Arc<dyn Outlet>,
    ) -> Result<Arc<Port>, SubscribeError> {
        let mut table = self.of_pattern(&pattern).change()?;
        let port = Arc::new(Port { id: self.next_id(), pattern, group, outlet });
        table.trie.entry(&port.pattern).outlets.insert(port.id, Arc::clone(&port));
        self.active.fetch_add(1, Ordering::Relaxed);
        Ok(port)
    }

    /// Takes an outlet out. From the return on, no publish finds it.
    #[cfg_attr(not(feature = "wire"), allow(dead_code, reason = "the network listener detaches them"))]
    pub(crate) fn detach(&self, port: &Port) {
        self.active.fetch_sub(1, Ordering::Relaxed);
        let mut table = self.of_pattern(&port.pattern).write();
        let mut removed = None;
        table.edit(&port.pattern, |subscribers| removed = subscribers.outlets.remove(&port.id));
        drop(table);
        drop(removed);
    }

    /// Everybody who wants a message on this topic. On a closed bus, only dead letters still go out.
    pub(crate) fn route(&self, topic: &Topic) -> Result<Route, Closed> {
        let first = topic.tokens().next().expect("a topic has a token");
        let shard = self.index_of(first);
        let mut matched = Matched::default();
        let mut generations = [0, 0];
        for (shard, generation) in [shard, BY_TOKEN].into_iter().zip(&mut generations) {
            let table = self.shards[shard].read();
            if table.closed && !topic.is_dead_letter() {
                return Err(Closed);
            }
            // Nobody changes it while the lock is held.
            *generation = self.shards[shard].generation.load(Ordering::Relaxed);
            table.trie.visit(topic, |subscribers| matched.add(subscribers));
        }
        matched.sort();
        Ok(Route { matched, shard, generations })
    }

    /// Whether nothing has changed that this route could miss.
    #[inline]
    pub(crate) fn is_current(&self, route: &Route) -> bool {
        let now = [route.shard, BY_TOKEN].map(|shard| self.shards[shard].generation.load(Ordering::Acquire));
        now == route.generations
    }

    /// Refuses messages and subscriptions, and ends every mailbox except those of dead letters.
    pub(crate) fn close(&self) {
        self.closed.store(true, Ordering::Release);
        for shard in &self.shards {
            shard.write().closed = true;
        }
        self.end(|pattern| !pattern.is_of_dead_letters());
    }

    /// Ends the mailboxes of dead letters: no more will come.
    pub(crate) fn close_dead_letters(&self) {
        self.end(Pattern::is_of_dead_letters);
    }

    fn end(&self, which: impl Fn(&Pattern) -> bool) {
        let mailboxes = self.census().mailboxes;
        let wanted = mailboxes.iter().filter(|(mailbox, _)| which(&mailbox.pattern));
        wanted.for_each(|(mailbox, _)| mailbox.close());
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    pub(crate) fn census(&self) -> Census {
        let mut census = Census {
            active: self.active.load(Ordering::Relaxed),
            past: Counts::default(),
            mailboxes: Vec::new(),
        };
        for shard in &self.shards {
            shard.read().add_to(&mut census);
        }
        census.mailboxes.sort_by_key(|(mailbox, _)| mailbox.id);
        census
    }

    fn next_id(&self) -> SubscriberId {
        SubscriberId(self.last_id.fetch_add(1, Ordering::Relaxed) + 1)
    }

    fn of_pattern(&self, pattern: &Pattern) -> &Shard {
        let first = pattern.tokens().next().expect("a pattern has a token");
        let shard = if pattern.begins_with_wildcard() { BY_TOKEN } else { self.index_of(first) };
        &self.shards[shard]
    }

    fn index_of(&self, first: &str) -> usize {
        // The remainder is less than the number of shards, so nothing is cut off.
        (self.hasher.hash_one(first) % BY_TOKEN as u64) as usize
    }
}

impl Shard {
    fn new() -> Self {
        let table =
            Table { trie: Trie::new(), closed: false, ended: BTreeMap::new(), past: Counts::default() };
        Self { generation: AtomicU64::new(0), table: RwLock::new(table) }
    }

    fn read(&self) -> RwLockReadGuard<'_, Table> {
        self.table.read().expect("nothing that can panic runs under this lock")
    }

    /// To change the table in any way.
    fn write(&self) -> RwLockWriteGuard<'_, Table> {
        let table = self.table.write().expect("nothing that can panic runs under this lock");
        self.generation.fetch_add(1, Ordering::Release);
        table
    }

    /// To add something.
    fn change(&self) -> Result<RwLockWriteGuard<'_, Table>, SubscribeError> {
        let table = self.write();
        if table.closed { Err(SubscribeError::Closed) } else { Ok(table) }
    }
}

impl Table {
    /// Says whether the mailbox has nobody left.
    fn leave(&mut self, mailbox: &Mailbox) -> bool {
        if let Some(group) = self.ended.get_mut(&mailbox.id) {
            let last = group.leave();
            if last {
                self.ended.remove(&mailbox.id);
            }
            return last;
        }
        let mut last = false;
        self.edit(&mailbox.pattern, |subscribers| last = subscribers.leave(mailbox));
        last
    }

    fn edit(&mut self, pattern: &Pattern, change: impl FnOnce(&mut Subscribers)) {
        self.trie.edit(pattern, |subscribers| {
            change(subscribers);
            if subscribers.is_empty() { Keep::No } else { Keep::Yes }
        });
    }

    /// Under one lock, so that what moves into the past is counted once.
    fn add_to(&self, census: &mut Census) {
        census.past += self.past;
        let mailboxes = &mut census.mailboxes;
        self.trie.visit_all(|subscribers| mailboxes.extend(subscribers.mailboxes()));
        mailboxes.extend(self.ended.values().map(|group| (Arc::clone(&group.mailbox), group.members)));
    }
}

#[cfg(test)]
mod tests;
