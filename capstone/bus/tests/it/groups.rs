//! Queue groups: each message goes to one member.

use capstone_bus::{Bus, Overflow, SubscribeError, Subscription};
use tokio::time::sleep;
use tokio_test::{assert_pending, assert_ready, task};

use crate::support::{Clock, block, counts, drain, drop_at, fill, message, ms, told};

#[track_caller]
fn member(bus: &Bus, pattern: &str, group: &str) -> Subscription {
    bus.subscription(pattern).queue(group).open().expect("valid options")
}

#[test]
fn members_share_the_messages_and_everybody_else_gets_all_of_them() {
    let bus = Bus::new();
    let mut first = member(&bus, "t", "billing");
    let mut second = member(&bus, "t", "billing");
    let mut other_group = member(&bus, "t", "audit");
    let mut plain = bus.subscribe("t").expect("a pattern");

    let receipt = bus.try_publish(message("t", "a")).expect("the bus is open");
    assert_eq!(counts(receipt), (3, 3, 0));
    fill(&bus, ["b", "c", "d"]);

    let take = |member: &mut Subscription| told(&member.try_recv().expect("a message"));
    assert_eq!([take(&mut second), take(&mut first), take(&mut first)], ["a", "b", "c"]);
    assert_eq!(drain(&mut second), ["d"]);
    assert_eq!(drain(&mut first), [""; 0]);
    assert_eq!(drain(&mut other_group), ["a", "b", "c", "d"]);
    assert_eq!(drain(&mut plain), ["a", "b", "c", "d"]);
}

#[test]
fn a_group_is_known_by_its_name_and_its_emptiest_mailbox_gets_the_message() {
    let bus = Bus::new();
    let mut narrow = member(&bus, "orders.created", "billing");
    let mut wide = member(&bus, "orders.>", "billing");
    for payload in ["a", "b", "c", "d"] {
        let receipt = bus.try_publish(message("orders.created", payload)).expect("the bus is open");
        assert_eq!(counts(receipt), (1, 1, 0));
    }
    assert_eq!(drain(&mut narrow), ["a", "c"]);
    assert_eq!(told(&wide.try_recv().expect("a message")), "b");
    let _ = bus.try_publish(message("orders.deleted", "e")).expect("the bus is open");
    assert_eq!(drain(&mut wide), ["d", "e"]);
    drop(narrow);
    let _ = bus.try_publish(message("orders.created", "f")).expect("the bus is open");
    assert_eq!(drain(&mut wide), ["f"]);
}

#[test]
fn groups_of_several_names_and_patterns_get_each_message_once() {
    let bus = Bus::new();
    let patterns = ["orders.created", "orders.*", ">"];
    let mut billing = patterns.map(|pattern| member(&bus, pattern, "billing"));
    let mut audit = patterns.map(|pattern| member(&bus, pattern, "audit"));
    for payload in ["a", "b", "c", "d"] {
        let receipt = bus.try_publish(message("orders.created", payload)).expect("the bus is open");
        assert_eq!(counts(receipt), (2, 2, 0));
    }
    for group in [&mut billing, &mut audit] {
        assert_eq!(group.each_mut().map(drain), [vec!["a", "d"], vec!["b"], vec!["c"]]);
    }
}

#[test]
fn a_member_that_is_dropped_strands_nothing() {
    let bus = Bus::new();
    let mut leaves = member(&bus, "t", "g");
    let mut stays = member(&bus, "t", "g");
    fill(&bus, ["a", "b", "c"]);
    leaves.try_recv().expect("a message");
    drop(leaves);
    assert_eq!(drain(&mut stays), ["b", "c"]);
    fill(&bus, ["d"]);
    assert_eq!(drain(&mut stays), ["d"]);
    assert_eq!((bus.stats().abandoned, bus.stats().active), (0, 1));

    fill(&bus, ["e"]);
    drop(stays);
    assert_eq!((bus.stats().abandoned, bus.stats().active), (1, 0));
    let receipt = bus.try_publish(message("t", "f")).expect("the bus is open");
    assert_eq!(counts(receipt), (0, 0, 0));
}

#[tokio::test]
async fn a_member_that_was_woken_and_does_not_come_is_not_waited_for() {
    let bus = Bus::new();
    let mut members = [member(&bus, "t", "g"), member(&bus, "t", "g"), member(&bus, "t", "g")];
    let [first, second, third] = &mut members;
    let mut busy = task::spawn(first.recv());
    let mut leaves = task::spawn(second.recv());
    let mut idle = task::spawn(third.recv());
    assert_pending!(busy.poll());
    assert_pending!(leaves.poll());
    assert_pending!(idle.poll());

    fill(&bus, ["a"]);
    drop(leaves);
    assert!(idle.is_woken());
    assert_eq!(told(&assert_ready!(idle.poll()).expect("a message")), "a");
    assert!(busy.is_woken());
    assert_pending!(busy.poll());
}

#[test]
fn all_members_have_the_same_mailbox_so_they_cannot_want_different_ones() {
    let bus = Bus::new();
    let founder = bus.subscription("t").queue("g").capacity(5).open().expect("valid options");
    let another = || bus.subscription("t").queue("g").overflow(Overflow::DropOldest).open();

    let error = another().expect_err("another overflow");
    assert!(matches!(error, SubscribeError::GroupDiffers { .. }));
    assert_eq!(
        error.to_string(),
        r#"subscription to t: queue group "g" exists with another capacity, overflow, header filter or key"#
    );
    drop(founder);
    let _founder = another().expect("the group of before has ended");
}

#[test]
fn nothing_is_lost_while_one_of_several_mailboxes_has_room() {
    let policies = [block(1_000), Overflow::DropOldest, Overflow::DropNewest, Overflow::Disconnect];
    for small_policy in policies {
        let bus = Bus::new();
        let options = bus.subscription("t").queue("g").capacity(1).overflow(small_policy);
        let mut small = options.open().expect("valid options");
        let options = bus.subscription(">").queue("g").capacity(99).overflow(Overflow::DropNewest);
        let mut large = options.open().expect("valid options");
        for number in 0..100 {
            let receipt = bus.try_publish(message("t", &number.to_string())).expect("the bus is open");
            assert_eq!(counts(receipt), (1, 1, 0), "message {number} beside {small_policy:?}");
        }
        // Only now the policy of one of them decides.
        let enqueued = usize::from(small_policy == Overflow::DropOldest);
        let receipt = bus.try_publish(message("t", "100")).expect("the bus is open");
        assert_eq!(counts(receipt), (1, enqueued, 1 - enqueued));
        assert_eq!((drain(&mut small).len(), drain(&mut large).len(), bus.stats().dropped), (1, 99, 1));
    }
}

#[tokio::test(start_paused = true)]
async fn a_member_that_hangs_costs_the_group_nothing_while_another_goes_on() {
    let bus = Bus::new();
    let hangs = bus.subscription("t").queue("g").capacity(4).open().expect("valid options");
    let mut works = bus.subscription(">").queue("g").capacity(4).open().expect("valid options");
    let worker = tokio::spawn(async move {
        let mut heard = Vec::new();
        while heard.len() < 196 {
            sleep(ms(10)).await;
            heard.push(told(&works.recv().await.expect("a message")));
        }
        heard
    });
    let clock = Clock::start();
    for number in 0..200 {
        let receipt = bus.publish(message("t", &number.to_string())).await.expect("the bus is open");
        assert_eq!(counts(receipt), (1, 1, 0), "message {number} at {} ms", clock.ms());
    }
    assert!(clock.ms() <= 196 * 10 + 5, "{} ms", clock.ms());
    let heard = worker.await.expect("no panic");
    assert!(heard.is_sorted_by_key(|told| told.parse::<usize>().expect("no gap and a number")));
    assert_eq!((bus.stats().dropped, hangs.dropped()), (0, 0));
}

/// Several publishers, so that some wait in front of each mailbox.
#[tokio::test(start_paused = true)]
async fn who_waits_in_front_of_one_mailbox_gets_the_first_place_in_any() {
    let bus = Bus::new();
    let open = |pattern| bus.subscription(pattern).queue("g").capacity(1).overflow(block(60_000)).open();
    let (mut hangs, mut works) = (open("t").expect("valid options"), open(">").expect("valid options"));
    fill(&bus, ["a", "b"]);
    let publishers: Vec<_> = ["c", "d", "e", "f"]
        .map(|payload| {
            let bus = bus.clone();
            tokio::spawn(async move { bus.publish(message("t", payload)).await })
        })
        .into();
    sleep(ms(100)).await;
    let mut heard = Vec::new();
    for _ in 0..5 {
        heard.push(told(&works.recv().await.expect("a message")));
        sleep(ms(10)).await;
    }
    for publisher in publishers {
        assert_eq!(counts(publisher.await.expect("no panic").expect("the bus is open")), (1, 1, 0));
    }
    heard.sort_unstable();
    assert_eq!(heard, ["b", "c", "d", "e", "f"], "and no gap where one has gone elsewhere");
    fill(&bus, ["g", "h"]);
    assert_eq!((drain(&mut hangs), drain(&mut works)), (vec!["a".to_owned()], vec!["g".to_owned()]));
    assert_eq!(bus.stats().dropped, 1);
}

#[tokio::test(start_paused = true)]
async fn a_member_that_found_nothing_is_woken_by_what_waited_for_another() {
    let bus = Bus::new();
    let open = |pattern| bus.subscription(pattern).queue("g").capacity(1).overflow(block(60_000)).open();
    let (hangs, mut works) = (open("t").expect("valid options"), open(">").expect("valid options"));
    fill(&bus, ["a", "b"]);
    let clock = Clock::start();
    // On a task of its own, so that the member is polled only if it was woken.
    let publish = tokio::spawn({
        let bus = bus.clone();
        async move { bus.publish(message("t", "c")).await }
    });
    sleep(ms(1)).await;
    assert_eq!(drain(&mut works), ["b"]);
    assert_eq!(bus.stats().subscriptions[0].waiting, 1, "in front of the one that hangs");
    let heard = tokio::time::timeout(ms(1_000), works.recv()).await.expect("woken").expect("a message");
    assert_eq!(told(&heard), "c");
    assert!(clock.ms() < 10, "{} ms", clock.ms());
    assert_eq!(counts(publish.await.expect("no panic").expect("the bus is open")), (1, 1, 0));
    assert_eq!(hangs.dropped(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_batch_that_waits_keeps_its_order_in_every_mailbox() {
    let bus = Bus::new();
    let open = |pattern| bus.subscription(pattern).queue("g").capacity(2).overflow(block(60_000)).open();
    let mut members = ["t", ">"].map(|pattern| open(pattern).expect("valid options"));
    let sender = {
        let bus = bus.clone();
        tokio::spawn(async move { bus.publish_batch((0..50).map(|n| message("t", &n.to_string()))).await })
    };
    let mut heard = [Vec::new(), Vec::new()];
    while heard.iter().map(Vec::len).sum::<usize>() < 50 {
        // One is three times as fast as the other.
        for (member, turns) in [(0, 1), (1, 3)] {
            for _ in 0..turns {
                sleep(ms(10)).await;
                heard[member].extend(members[member].try_recv().ok().map(|delivery| told(&delivery)));
            }
        }
    }
    assert_eq!(counts(sender.await.expect("no panic").expect("the bus is open")), (50, 50, 0));
    for heard in &heard {
        assert!(heard.is_sorted_by_key(|told| told.parse::<usize>().expect("no gap and a number")));
        assert!(heard.len() >= 10, "both take part: {heard:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_publish_that_waits_for_a_group_takes_back_its_message_when_it_is_dropped() {
    for polls in 0.. {
        let bus = Bus::new();
        let open = |pattern| bus.subscription(pattern).queue("g").capacity(1).overflow(block(60_000)).open();
        let mut members = ["t", ">"].map(|pattern| open(pattern).expect("valid options"));
        fill(&bus, ["a", "b"]);
        let publish = tokio::spawn({
            let bus = bus.clone();
            async move { drop_at(polls, bus.publish(message("t", "c"))).await.is_some() }
        });
        sleep(ms(20)).await;
        let mut heard = drain(&mut members[1]);
        sleep(ms(20)).await;
        heard.extend(members.iter_mut().flat_map(drain));
        let published = publish.await.expect("no panic");
        let (has, stats) = (heard.iter().any(|told| told.ends_with('c')), bus.stats());
        assert!(has || !published, "dropped at poll {polls}");
        assert_eq!(
            stats.delivered + stats.dropped,
            if polls == 0 { 2 } else { 3 },
            "dropped at poll {polls}"
        );
        if published {
            assert!(polls > 2, "it looks again and again");
            break;
        }
    }
}
