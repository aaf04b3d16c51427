//! Every operation that can be awaited, dropped at each of its polls.

use capstone_bus::{Bus, Delivery, Subscription};
use futures::StreamExt;
use tokio::task::JoinHandle;
use tokio::time::sleep;
use tokio_test::{assert_pending, assert_ready_ok, task};

use crate::support::{block, counts, drain, drop_at, fill, message, ms, open};

/// Two mailboxes are full; one gets a place after 100 ms, the other after 200 ms.
async fn publish_dropped_at(polls: usize) -> (Option<(usize, usize, usize)>, Vec<String>, Vec<String>) {
    let bus = Bus::new();
    let mut first = open(&bus, 1, block(1_000));
    let mut second = open(&bus, 1, block(1_000));
    let mut roomy = open(&bus, 9, block(1_000));
    fill(&bus, ["a"]);

    // On a task of its own, so that each poll of the publish has its reason.
    let make_room = tokio::spawn(async move {
        sleep(ms(100)).await;
        first.try_recv().expect("a message");
        sleep(ms(100)).await;
        second.try_recv().expect("a message");
        (first, second)
    });
    let published = drop_at(polls, bus.publish(message("t", "b"))).await;
    let (mut first, mut second) = make_room.await.expect("no panic");

    let published = published.map(|receipt| counts(receipt.expect("the bus is open")));
    let roomy_has_b = drain(&mut roomy) == ["a", "b"];
    assert_eq!(roomy_has_b, polls > 0, "the first poll offers to everybody");
    fill(&bus, ["c"]);
    (published, drain(&mut first), drain(&mut second))
}

#[tokio::test(start_paused = true)]
async fn publish_dropped_at_each_of_its_polls() {
    let strings = |texts: &[&str]| texts.iter().map(ToString::to_string).collect::<Vec<_>>();

    // Never polled: nobody got it, and nobody misses it.
    assert_eq!(publish_dropped_at(0).await, (None, strings(&["c"]), strings(&["c"])));
    // Dropped when the first mailbox has moved it: delivered there, counted as dropped at the other.
    assert_eq!(publish_dropped_at(1).await, (None, strings(&["b"]), strings(&["-1 c"])));
    // Dropped when the second has moved it too: delivered to both, though nobody learns it.
    assert_eq!(publish_dropped_at(2).await, (None, strings(&["b"]), strings(&["b"])));
    // Not dropped.
    assert_eq!(publish_dropped_at(3).await, (Some((3, 3, 0)), strings(&["b"]), strings(&["b"])));
}

#[tokio::test(start_paused = true)]
async fn a_publish_dropped_while_it_waits_gives_its_place_to_the_next() {
    let bus = Bus::new();
    let mut subscription = open(&bus, 1, block(1_000));
    fill(&bus, ["a"]);
    let mut first = task::spawn(bus.publish(message("t", "b")));
    let mut second = task::spawn(bus.publish(message("t", "c")));
    assert_pending!(first.poll());
    assert_pending!(second.poll());
    drop(first);

    assert_eq!(drain(&mut subscription), ["a", "-1 c"]);
    assert_eq!(counts(assert_ready_ok!(second.poll())), (1, 1, 0));
    assert_eq!(subscription.dropped(), 1);
    // A cancelled wait has not timed out, so nothing is stalled: the next publish waits.
    fill(&bus, ["d"]);
    let mut third = task::spawn(bus.publish(message("t", "e")));
    assert_pending!(third.poll());
}

#[tokio::test(start_paused = true)]
async fn recv_and_next_dropped_at_each_of_their_polls_lose_nothing() {
    lose_nothing(async |subscription| subscription.recv().await).await;
    lose_nothing(async |subscription| subscription.next().await).await;
}

async fn lose_nothing(receive: impl AsyncFn(&mut Subscription) -> Option<Delivery>) {
    for polls in 0.. {
        let bus = Bus::new();
        let mut subscription = bus.subscribe("t").expect("a pattern");
        let publish = publish_later(&bus);
        let received = drop_at(polls, receive(&mut subscription)).await;
        publish.await.expect("no panic");
        let expected: &[&str] = if received.is_some() { &["b"] } else { &["a", "b"] };
        assert_eq!(drain(&mut subscription), expected, "dropped at poll {polls}");
        if received.is_some() {
            assert_eq!(polls, 2, "it waits once");
            break;
        }
    }
}

fn publish_later(bus: &Bus) -> JoinHandle<()> {
    let bus = bus.clone();
    tokio::spawn(async move {
        sleep(ms(100)).await;
        fill(&bus, ["a", "b"]);
    })
}

#[tokio::test]
async fn when_the_budget_of_the_task_is_used_up_recv_takes_nothing_and_publish_has_offered() {
    let bus = Bus::new();
    let mut subscription = bus.subscribe("t").expect("a pattern");
    fill(&bus, ["a"]);
    while tokio::task::coop::has_budget_remaining() {
        tokio::task::consume_budget().await;
    }
    assert_pending!(task::spawn(subscription.recv()).poll());
    assert_pending!(task::spawn(bus.publish(message("t", "b"))).poll());
    assert_eq!(drain(&mut subscription), ["a", "b"]);
}
