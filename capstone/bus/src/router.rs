//! The subscription table: who gets a message on this topic.
//!
//! Hands out mailboxes and lets go of its lock before anything is put into them.

use std::{
    collections::BTreeMap,
    sync::{Arc, RwLock, RwLockReadGuard, RwLockWriteGuard},
};

use crate::{
    Pattern, SubscribeError, Topic,
    mailbox::{Counts, Mailbox},
    outlet::{Outlet, Port, Turns},
    overflow::Settings,
    trie::{Keep, Trie},
};

/// Tells mailboxes, outlets and members of queue groups apart, for the life of the bus. Rises in order of subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct SubscriberId(pub(crate) u64);

/// See the module.
#[derive(Debug)]
pub(crate) struct Router {
    /// Of the standard library: locked for a look-up or a change of the tree, and never across an await.
    table: RwLock<Table>,
    pub(crate) turns: Turns,
}

#[derive(Debug)]
struct Table {
    trie: Trie<Subscribers>,
    closed: bool,
    /// The last id given away.
    last_id: u64,
    /// Subscriptions alive, each member of a group counted.
    active: usize,
    /// What mailboxes had counted that are no more.
    past: Counts,
}

/// Everybody with the same pattern. Trees, because thousands may share one pattern and leave in any order.
#[derive(Debug, Default)]
struct Subscribers {
    plain: BTreeMap<SubscriberId, Arc<Mailbox>>,
    groups: BTreeMap<Arc<str>, Group>,
    outlets: BTreeMap<SubscriberId, Arc<Port>>,
}

#[derive(Debug)]
struct Group {
    mailbox: Arc<Mailbox>,
    /// At least one; the last one to leave takes the mailbox along.
    members: usize,
}

/// What a subscription asks for.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) pattern: Pattern,
    pub(crate) group: Option<Arc<str>>,
    pub(crate) name: Option<Arc<str>>,
    pub(crate) settings: Settings,
}

/// The mailboxes and outlets that match a topic.
#[derive(Debug, Default)]
pub(crate) struct Matched {
    pub(crate) plain: Vec<Arc<Mailbox>>,
    pub(crate) outlets: Vec<Arc<Port>>,
    pub(crate) groups: Vec<MatchedGroup>,
}

/// Everybody who belongs to a queue group; one of them gets the message.
#[derive(Debug)]
pub(crate) struct MatchedGroup {
    pub(crate) name: Arc<str>,
    /// In order of subscription; several when several patterns of this group match.
    pub(crate) mailboxes: Vec<Arc<Mailbox>>,
    pub(crate) outlets: Vec<Arc<Port>>,
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
        let table =
            Table { trie: Trie::new(), closed: false, last_id: 0, active: 0, past: Counts::default() };
        Self { table: RwLock::new(table), turns: Turns::default() }
    }

    /// Opens a mailbox, or joins the one of the group. From the return on, every publish finds it.
    pub(crate) fn subscribe(&self, request: Request) -> Result<(SubscriberId, Arc<Mailbox>), SubscribeError> {
        let mut table = self.write();
        if table.closed {
            return Err(SubscribeError::Closed);
        }
        let id = SubscriberId(table.last_id + 1);
        let mailbox = table.trie.entry(&request.pattern).join(id, request)?;
        table.last_id += 1;
        table.active += 1;
        Ok((id, mailbox))
    }

    /// Takes a subscription out. From the return on, no publish finds it.
    pub(crate) fn unsubscribe(&self, id: SubscriberId, mailbox: &Mailbox) {
        let mut table = self.write();
        table.active -= 1;
        let mut last = false;
        table.trie.edit(&mailbox.pattern, |subscribers| {
            last = subscribers.leave(mailbox);
            if subscribers.is_empty() { Keep::No } else { Keep::Yes }
        });
        if !last {
            drop(table);
            mailbox.unpark(id);
            return;
        }
        let (counts, abandoned) = mailbox.abandon();
        table.past.delivered += counts.delivered;
        table.past.dropped += counts.dropped;
        table.past.abandoned += counts.abandoned;
        drop(table);
        drop(abandoned);
    }

    /// Puts an outlet into the table, alone or as a member of a group. From the return on, every publish finds it.
    #[allow(dead_code, reason = "the network listener attaches outlets")]
    pub(crate) fn attach(
        &self,
        pattern: Pattern,
        group: Option<Arc<str>>,
        outlet: Arc<dyn Outlet>,
    ) -> Result<Arc<Port>, SubscribeError> {
        let mut table = self.write();
        if table.closed {
            return Err(SubscribeError::Closed);
        }
        table.last_id += 1;
        table.active += 1;
        let port = Arc::new(Port { id: SubscriberId(table.last_id), pattern, group, outlet });
        table.trie.entry(&port.pattern).outlets.insert(port.id, Arc::clone(&port));
        Ok(port)
    }

    /// Takes an outlet out. From the return on, no publish finds it.
    pub(crate) fn detach(&self, port: &Port) {
        let mut table = self.write();
        table.active -= 1;
        let mut removed = None;
        table.trie.edit(&port.pattern, |subscribers| {
            removed = subscribers.outlets.remove(&port.id);
            if subscribers.is_empty() { Keep::No } else { Keep::Yes }
        });
        drop(table);
        drop(removed);
    }

    /// Everybody who wants a message on this topic. On a closed bus, only dead letters still go out.
    pub(crate) fn matches(&self, topic: &Topic) -> Result<Matched, Closed> {
        let table = self.read();
        if table.closed && !topic.is_dead_letter() {
            return Err(Closed);
        }
        let mut matched = Matched::default();
        table.trie.visit(topic, |subscribers| matched.add(subscribers));
        drop(table);
        matched.sort();
        Ok(matched)
    }

    /// Refuses messages and subscriptions, and ends every mailbox except those of dead letters.
    pub(crate) fn close(&self) {
        let mut table = self.write();
        table.closed = true;
        drop(table);
        self.end(|pattern| !pattern.is_of_dead_letters());
    }

    /// Ends the mailboxes of dead letters: no more will come.
    pub(crate) fn close_dead_letters(&self) {
        self.end(Pattern::is_of_dead_letters);
    }

    fn end(&self, which: impl Fn(&Pattern) -> bool) {
        let mailboxes = self.census().mailboxes;
        mailboxes
            .iter()
            .filter(|(mailbox, _)| which(&mailbox.pattern))
            .for_each(|(mailbox, _)| mailbox.close());
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.read().closed
    }

    pub(crate) fn census(&self) -> Census {
        let table = self.read();
        let mut mailboxes = Vec::new();
        table.trie.visit_all(|subscribers| {
            mailboxes.extend(subscribers.plain.values().map(|mailbox| (Arc::clone(mailbox), 1)));
            mailboxes
                .extend(subscribers.groups.values().map(|group| (Arc::clone(&group.mailbox), group.members)));
        });
        let census = Census { active: table.active, past: table.past, mailboxes };
        drop(table);
        census.sorted()
    }

    fn read(&self) -> RwLockReadGuard<'_, Table> {
        self.table.read().expect("nothing that can panic runs under this lock")
    }

    fn write(&self) -> RwLockWriteGuard<'_, Table> {
        self.table.write().expect("nothing that can panic runs under this lock")
    }
}

impl Matched {
    /// Nobody wants it.
    pub(crate) fn is_empty(&self) -> bool {
        self.plain.is_empty() && self.outlets.is_empty() && self.groups.is_empty()
    }

    fn add(&mut self, subscribers: &Subscribers) {
        self.plain.extend(subscribers.plain.values().cloned());
        for (name, group) in &subscribers.groups {
            self.group(name).mailboxes.push(Arc::clone(&group.mailbox));
        }
        for port in subscribers.outlets.values() {
            match &port.group {
                None => self.outlets.push(Arc::clone(port)),
                Some(name) => self.group(name).outlets.push(Arc::clone(port)),
            }
        }
    }

    /// Looked for from the start: a topic has few groups.
    fn group(&mut self, name: &Arc<str>) -> &mut MatchedGroup {
        let at = self.groups.iter().position(|group| group.name == *name).unwrap_or_else(|| {
            let (name, mailboxes, outlets) = (Arc::clone(name), Vec::new(), Vec::new());
            self.groups.push(MatchedGroup { name, mailboxes, outlets });
            self.groups.len() - 1
        });
        &mut self.groups[at]
    }

    /// Within a group the one who came first stands first.
    fn sort(&mut self) {
        for group in &mut self.groups {
            group.mailboxes.sort_by_key(|mailbox| mailbox.id);
            group.outlets.sort_by_key(|port| port.id);
        }
    }
}

impl Subscribers {
    fn join(&mut self, id: SubscriberId, request: Request) -> Result<Arc<Mailbox>, SubscribeError> {
        let Request { pattern, group, name, settings } = request;
        let Some(group) = group else {
            let mailbox = Mailbox::new(id, pattern, None, name, settings);
            self.plain.insert(id, Arc::clone(&mailbox));
            return Ok(mailbox);
        };
        if let Some(existing) = self.groups.get_mut(&group) {
            if existing.mailbox.settings != settings {
                return Err(SubscribeError::GroupDiffers { pattern, group: group.as_ref().into() });
            }
            existing.members += 1;
            return Ok(Arc::clone(&existing.mailbox));
        }
        let mailbox = Mailbox::new(id, pattern, Some(Arc::clone(&group)), name, settings);
        self.groups.insert(group, Group { mailbox: Arc::clone(&mailbox), members: 1 });
        Ok(mailbox)
    }

    /// Says whether the mailbox has nobody left.
    fn leave(&mut self, mailbox: &Mailbox) -> bool {
        let Some(name) = &mailbox.group else {
            self.plain.remove(&mailbox.id);
            return true;
        };
        let group = self.groups.get_mut(name).expect("a group is there until its last member leaves");
        group.members -= 1;
        let last = group.members == 0;
        if last {
            self.groups.remove(name);
        }
        last
    }

    fn is_empty(&self) -> bool {
        self.plain.is_empty() && self.groups.is_empty() && self.outlets.is_empty()
    }
}

impl Census {
    fn sorted(mut self) -> Self {
        self.mailboxes.sort_by_key(|(mailbox, _)| mailbox.id);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn subscribe(router: &Router, pattern: &str, group: Option<&str>) -> (SubscriberId, Arc<Mailbox>) {
        let (pattern, settings) = (pattern.parse().expect("a pattern"), Settings::default());
        let request = Request { pattern, group: group.map(Arc::from), name: None, settings };
        router.subscribe(request).expect("the router is open")
    }

    #[test]
    fn after_a_hundred_thousand_patterns_have_come_and_gone_the_table_is_as_small_as_before() {
        let router = Router::new();
        let stays = subscribe(&router, "orders.t7.>", None);
        let (nodes, places) = router.read().trie.size();

        let subscriptions: Vec<_> = (0..100_000)
            .map(|i| match i % 4 {
                0 => subscribe(&router, &format!("t{i}"), None),
                1 => subscribe(&router, &format!("orders.t{i}.>"), None),
                2 => subscribe(&router, &format!("*.t{}.t{i}.*", i % 100), Some("group")),
                _ => subscribe(&router, "orders.t7.>", None),
            })
            .collect();
        assert!(router.read().trie.size().0 > 75_000);
        for (id, mailbox) in &subscriptions {
            router.unsubscribe(*id, mailbox);
        }

        let (nodes_after, places_after) = router.read().trie.size();
        assert_eq!(nodes_after, nodes);
        assert!(places_after <= 4 * places, "{places_after} places in maps, before {places}");
        let found: Vec<_> = router.census().mailboxes.iter().map(|(mailbox, _)| mailbox.id).collect();
        assert_eq!(found, [stays.0]);
    }
}
