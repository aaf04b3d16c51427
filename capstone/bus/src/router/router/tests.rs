//! The table alone: who is found, also while it changes, and what is left of it.

use super::*;
use crate::mailbox::mailbox::NO_SOURCE;
use crate::mailbox::offer::{Letter, Offer, Patience};
use crate::mailbox::overflow::Settings;
use crate::message::batch_slice::Run;
use crate::topic::oracle;
use crate::{Message, Overflow};

#[track_caller]
fn subscribe(router: &Router, pattern: &str, group: Option<&str>) -> (SubscriberId, Arc<Mailbox>) {
    let (pattern, settings) = (pattern.parse().expect("a pattern"), Settings::default());
    let spec = Spec { pattern, group: group.map(Arc::from), name: None, settings };
    router.subscribe(spec).expect("the router is open")
}

/// Nodes, and places in their maps.
fn size(router: &Router) -> (usize, usize) {
    let sizes = router.shards.iter().map(|shard| shard.read().trie.size());
    sizes.fold((0, 0), |a, b| (a.0 + b.0, a.1 + b.1))
}

#[test]
fn after_a_hundred_thousand_patterns_have_come_and_gone_the_table_is_as_small_as_before() {
    let router = Router::new();
    let stays = subscribe(&router, "orders.t7.>", None);
    let (nodes, places) = size(&router);

    let subscriptions: Vec<_> = (0..100_000)
        .map(|i| match i % 4 {
            0 => subscribe(&router, &format!("t{i}"), None),
            1 => subscribe(&router, &format!("orders.t{i}.>"), None),
            2 => subscribe(&router, &format!("*.t{}.t{i}.*", i % 100), Some("group")),
            _ => subscribe(&router, "orders.t7.>", None),
        })
        .collect();
    assert!(size(&router).0 > 75_000);
    for (id, mailbox) in &subscriptions {
        router.unsubscribe(*id, mailbox);
    }

    let (nodes_after, places_after) = size(&router);
    assert_eq!(nodes_after, nodes);
    assert!(places_after <= 4 * places, "{places_after} places in maps, before {places}");
    let found: Vec<_> = router.census().mailboxes.iter().map(|(mailbox, _)| mailbox.id).collect();
    assert_eq!(found, [stays.0]);
}

/// The patterns of everybody who is found, sorted.
fn found(route: &Route) -> Vec<&str> {
    let mut found: Vec<_> = route.matched.plain.iter().map(|mailbox| mailbox.pattern.as_str()).collect();
    found.sort_unstable();
    found
}

/// Real threads. Patterns that stay are found in every round, each once; of those that come and go, only such as
/// match; and a remembered route that calls itself current is no older than what has happened before it was asked.
#[test]
fn finds_what_the_oracle_finds_while_subscriptions_come_and_go() {
    const ROUNDS: usize = 5;
    let router = Router::new();
    let (topics, patterns) = (oracle::topics(), oracle::patterns());
    let (stay, come_and_go) = patterns.split_at(patterns.len() / 2);
    let staying: Vec<_> = stay.iter().map(|pattern| subscribe(&router, pattern.as_str(), None)).collect();
    let done = AtomicBool::new(false);

    std::thread::scope(|scope| {
        for offset in [0, 1] {
            let (router, done) = (&router, &done);
            scope.spawn(move || {
                while !done.load(Ordering::Relaxed) {
                    for pattern in come_and_go.iter().skip(offset).step_by(2) {
                        let (id, mailbox) = subscribe(router, pattern.as_str(), None);
                        let topic = Topic::new(pattern.as_str().replace(['*', '>'], "a"));
                        let route = router.route(&topic.expect("a topic")).expect("the router is open");
                        assert!(route.matched.plain.iter().any(|found| found.id == id), "{pattern}");
                        router.unsubscribe(id, &mailbox);
                        assert!(!router.is_current(&route), "{pattern} is gone");
                    }
                }
            });
        }
        for topic in std::iter::repeat_n(&topics, ROUNDS).flatten() {
            let route = router.route(topic).expect("the router is open");
            let (mut found, others): (Vec<_>, Vec<_>) =
                route.matched.plain.iter().partition(|mailbox| mailbox.id <= staying.last().expect("some").0);
            found.sort_by_key(|mailbox| mailbox.id);
            let expected = stay.iter().filter(|pattern| oracle::matches(pattern.as_str(), topic.as_str()));
            assert!(found.iter().map(|mailbox| &mailbox.pattern).eq(expected), "topic {topic}");
            for mailbox in others {
                assert!(oracle::matches(mailbox.pattern.as_str(), topic.as_str()), "{topic} {mailbox:?}");
            }
        }
        done.store(true, Ordering::Relaxed);
    });

    for topic in &topics {
        let texts = stay.iter().map(Pattern::as_str);
        let mut expected: Vec<_> = texts.filter(|pattern| oracle::matches(pattern, topic.as_str())).collect();
        expected.sort_unstable();
        let route = router.route(topic).expect("the router is open");
        assert!(router.is_current(&route));
        assert_eq!(found(&route), expected, "topic {topic}");
    }
}

#[test]
fn a_route_is_current_until_something_changes_that_could_concern_it() {
    let router = Router::new();
    let topic = Topic::new("orders.created").expect("a topic");
    let route = || router.route(&topic).expect("the router is open");

    let remembered = route();
    assert!(router.is_current(&remembered));
    let (id, mailbox) = subscribe(&router, "orders.*", None);
    assert!(!router.is_current(&remembered));
    let remembered = route();
    let wildcard = subscribe(&router, "*.created", Some("g"));
    assert!(!router.is_current(&remembered));
    let remembered = route();
    router.unsubscribe(id, &mailbox);
    assert!(!router.is_current(&remembered));
    let remembered = route();
    router.unsubscribe(wildcard.0, &wildcard.1);
    assert!(!router.is_current(&remembered));
    let remembered = route();
    router.close();
    assert!(!router.is_current(&remembered) && router.route(&topic).is_err());
}

#[test]
fn who_joins_a_group_at_the_moment_in_which_its_mailbox_ends_founds_it_anew() {
    let (router, overflow) = (Router::new(), Overflow::Disconnect);
    let settings = Settings { capacity: 1, overflow, ..Settings::default() };
    let join = || {
        let (pattern, settings) = ("t".parse().expect("a pattern"), settings.clone());
        router.subscribe(Spec { pattern, group: Some("g".into()), name: None, settings }).expect("open")
    };
    let (slow_id, slow) = join();
    let message = Run::one(Message::new(Topic::new("t").expect("a topic"), "m"));
    assert!(matches!(slow.offer(Letter::Run(&message), NO_SOURCE, Patience::Never), Offer::Enqueued));
    assert!(matches!(
        slow.offer(Letter::Run(&message), NO_SOURCE, Patience::Never),
        Offer::Disconnected { .. }
    ));
    // The publisher has not taken it out yet.
    let (anew_id, anew) = join();
    assert!(anew.id != slow.id && anew.close_reason().is_none());
    router.unroute(&slow);
    let route = router.route(&message.front().topic).expect("the router is open");
    assert_eq!(route.matched.groups[0].mailboxes[0].id, anew.id);
    let members: Vec<_> =
        router.census().mailboxes.iter().map(|(mailbox, members)| (mailbox.id, *members)).collect();
    assert_eq!(members, [(slow.id, 1), (anew.id, 1)], "what the first has left can still be received");
    router.unsubscribe(slow_id, &slow);
    router.unsubscribe(anew_id, &anew);
    assert_eq!((router.census().mailboxes.len(), router.census().past.abandoned), (0, 1));
}
