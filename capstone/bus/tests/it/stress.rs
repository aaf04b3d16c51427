//! Real threads, real time, exact counts.

use std::collections::{BTreeMap, BTreeSet};

use capstone_bus::{Bus, Subscription};
use futures::StreamExt;

use crate::support::{block, message};

const PUBLISHERS: usize = 4;
const MESSAGES: usize = 5_000;

/// Publisher and number, in the order in which they arrived.
async fn heard(subscription: Subscription) -> Vec<(usize, usize)> {
    let told = subscription.map(|delivery| {
        assert_eq!(delivery.gap(), 0, "nothing is dropped");
        let text = std::str::from_utf8(&delivery.payload).expect("text").to_owned();
        let (publisher, number) = text.split_once(' ').expect("two numbers");
        (publisher.parse().expect("a number"), number.parse().expect("a number"))
    });
    told.collect().await
}

/// Per publisher, the numbers in the order in which they arrived.
fn by_publisher(heard: &[(usize, usize)]) -> BTreeMap<usize, Vec<usize>> {
    let mut numbers: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (publisher, number) in heard {
        numbers.entry(*publisher).or_default().push(*number);
    }
    numbers
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn four_publishers_three_patterns_and_a_group() {
    // Small mailboxes: nearly every publish waits.
    let bus = Bus::builder().capacity(8).overflow(block(60_000)).build();
    let subscribe = |pattern: &str| tokio::spawn(heard(bus.subscribe(pattern).expect("a pattern")));
    let (all, even, of_one) = (subscribe(">"), subscribe("*.even"), subscribe("p1.*"));
    let members: Vec<_> = (0..3)
        .map(|_| tokio::spawn(heard(bus.subscription("*.odd").queue("g").open().expect("valid options"))))
        .collect();

    let publishers: Vec<_> = (0..PUBLISHERS)
        .map(|publisher| {
            let bus = bus.clone();
            tokio::spawn(async move {
                for number in 0..MESSAGES {
                    let parity = if number % 2 == 0 { "even" } else { "odd" };
                    let topic = format!("p{publisher}.{parity}");
                    let sent = message(&topic, &format!("{publisher} {number}"));
                    let receipt = bus.publish(sent).await.expect("the bus is open");
                    // Everything, its parity (a subscription or the group), and publisher 1 by name.
                    let expected = 2 + usize::from(publisher == 1);
                    assert_eq!((receipt.matched, receipt.enqueued), (expected, expected));
                }
            })
        })
        .collect();
    for publisher in publishers {
        publisher.await.expect("no panic");
    }
    bus.close();

    let every = |step: usize, from: usize| (from..MESSAGES).step_by(step).collect::<Vec<_>>();
    let each_publisher = |numbers: Vec<usize>| (0..PUBLISHERS).map(|p| (p, numbers.clone())).collect();
    assert_eq!(by_publisher(&all.await.expect("no panic")), each_publisher(every(1, 0)));
    assert_eq!(by_publisher(&even.await.expect("no panic")), each_publisher(every(2, 0)));
    assert_eq!(by_publisher(&of_one.await.expect("no panic")), BTreeMap::from([(1, every(1, 0))]));

    let mut once = BTreeSet::new();
    for member in members {
        let heard = member.await.expect("no panic");
        for (publisher, numbers) in by_publisher(&heard) {
            assert!(numbers.is_sorted(), "a member hears publisher {publisher} in order");
        }
        for message in heard {
            assert!(once.insert(message), "{message:?} went to two members");
        }
    }
    assert_eq!(once.len(), PUBLISHERS * MESSAGES / 2);

    let stats = bus.stats();
    let copies = PUBLISHERS * MESSAGES * 2 + MESSAGES;
    assert_eq!((stats.published, stats.delivered), ((PUBLISHERS * MESSAGES) as u64, copies as u64));
    assert_eq!((stats.unmatched, stats.dropped, stats.abandoned, stats.active), (0, 0, 0, 0));
}
