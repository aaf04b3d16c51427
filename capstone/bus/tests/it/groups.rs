//! Queue groups: each message goes to one member.

use capstone_bus::{Bus, Overflow, SubscribeError, Subscription};
use tokio_test::{assert_pending, assert_ready, task};

use crate::support::{counts, drain, fill, message, told};

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
    bus.try_publish(message("orders.deleted", "e")).expect("the bus is open");
    assert_eq!(drain(&mut wide), ["d", "e"]);
    drop(narrow);
    bus.try_publish(message("orders.created", "f")).expect("the bus is open");
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
