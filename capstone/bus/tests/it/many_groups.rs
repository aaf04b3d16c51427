//! A topic with thousands of queue groups.

use capstone_bus::{Bus, Overflow, Subscription};
use tokio::time::{Duration, Instant};

use crate::support::{counts, message};

const MANY: usize = 16_384;

/// How long a publish to all of these takes, the best of a few: the others were disturbed.
fn publish(bus: &Bus, matched: usize) -> Duration {
    let publish = || {
        let begin = Instant::now();
        let receipt = bus.try_publish(message("t", "m")).expect("the bus is open");
        assert_eq!(counts(receipt), (matched, matched, 0));
        begin.elapsed()
    };
    (0..7).map(|_| publish()).min().expect("seven")
}

/// A search among the groups for each of them took sixty times as long.
#[test]
fn a_publish_to_thousands_of_groups_costs_little_more_than_to_as_many_subscriptions() {
    let (plain, grouped) = (Bus::new(), Bus::new());
    let open = |bus: &Bus, group: Option<String>| -> Subscription {
        let options = bus.subscription("t").capacity(1).overflow(Overflow::DropOldest);
        let options = group.into_iter().fold(options, |options, group| options.queue(group));
        options.open().expect("valid options")
    };
    let _plain: Vec<_> = (0..MANY).map(|_| open(&plain, None)).collect();
    let _grouped: Vec<_> = (0..MANY).map(|n| open(&grouped, Some(format!("group-{n:06}")))).collect();
    // Side by side, so that a disturbance meets both.
    let ratio = || publish(&grouped, MANY).as_secs_f64() / publish(&plain, MANY).as_secs_f64();
    let ratio = (0..3).map(|_| ratio()).fold(f64::INFINITY, f64::min);
    println!("{MANY} groups cost {ratio:.2} times as much as {MANY} subscriptions");
    assert!(ratio < 5.0, "{ratio}");
}

/// Each pattern of a group is a mailbox of its own, found at another place.
#[test]
fn groups_with_several_patterns_are_put_together_by_their_names() {
    let bus = Bus::new();
    let patterns = ["t.a", "t.*", "t.>", "*.a", ">"];
    let mut members: Vec<_> = patterns
        .iter()
        .flat_map(|pattern| (0..50).map(|group| (*pattern, format!("g{group}"))))
        .map(|(pattern, group)| bus.subscription(pattern).queue(group).open().expect("valid options"))
        .collect();
    for _ in 0..5 {
        assert_eq!(counts(bus.try_publish(message("t.a", "m")).expect("open")), (50, 50, 0));
    }
    // Each of the five mailboxes of a group had its turn.
    for member in &mut members {
        member.try_recv().expect("a message");
        member.try_recv().expect_err("and no more");
    }
}
