//! Every claim of lesson 27 about its scenes as a test, with exact milliseconds on the paused clock.

use std::time::Duration;

use lesson_27::group::group;
use lesson_27::keys::{self, four_changes, member_of};
use lesson_27::story;
use lesson_27::topic::{self, Topic, any};
use lesson_27::workers::{Order, SLOTS, WORKERS, orders, pull};
use lesson_27::{review, wrong};
use shared::{HOUR, Journal, assert_journal};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, timeout};
use tokio_test::{assert_pending, assert_ready_eq, task};

const STUCK: &str = "no task can make progress";

#[tokio::test(start_paused = true)]
async fn wrong_each_of_three_workers_charges_every_order() {
    let journal = Journal::new();
    let charging = wrong::every_worker(orders(3), &WORKERS, journal.clone());
    assert_eq!(timeout(HOUR, charging).await.expect(STUCK), 9, "charges");
    assert_journal!(
        journal,
        [
            (100, "worker 1", "has charged order 1"),
            (130, "worker 3", "has charged order 1"),
            (200, "worker 1", "has charged order 2"),
            (260, "worker 3", "has charged order 2"),
            (300, "worker 1", "has charged order 3"),
            (350, "worker 2", "has charged order 1"),
            (390, "worker 3", "has charged order 3"),
            (700, "worker 2", "has charged order 2"),
            (1050, "worker 2", "has charged order 3"),
        ]
    );
}

// ANCHOR: counted
#[tokio::test(start_paused = true)]
async fn wrong_n_workers_charge_each_order_n_times() {
    for n in 1..=3 {
        let workers = &WORKERS[..n];
        assert_eq!(wrong::every_worker(orders(8), workers, Journal::new()).await, 8 * n);
        assert_eq!(pull(orders(8), workers, Journal::new()).await, 8);
    }
}
// ANCHOR_END: counted

#[tokio::test(start_paused = true)]
async fn a_group_charges_each_order_once_and_the_slow_worker_charges_one() {
    let journal = Journal::new();
    let charging = pull(orders(6), &WORKERS, journal.clone());
    assert_eq!(timeout(HOUR, charging).await.expect(STUCK), 6, "charges");
    assert_journal!(
        journal,
        [
            (100, "worker 1", "has charged order 1"),
            (130, "worker 3", "has charged order 3"),
            (200, "worker 1", "has charged order 4"),
            (260, "worker 3", "has charged order 5"),
            (300, "worker 1", "has charged order 6"),
            (350, "worker 2", "has charged order 2"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn wrong_dealt_in_turn_an_order_waits_for_the_slow_worker() {
    let journal = Journal::new();
    let charging = wrong::deal(orders(6), &WORKERS, SLOTS, journal.clone());
    assert_eq!(timeout(HOUR, charging).await.expect(STUCK), 6, "charges");
    assert_journal!(
        journal,
        [
            (100, "worker 1", "has charged order 1"),
            (130, "worker 3", "has charged order 3"),
            (200, "worker 1", "has charged order 4"),
            (260, "worker 3", "has charged order 6"),
            (350, "worker 2", "has charged order 2"),
            (700, "worker 2", "has charged order 5"), // the others are idle from 260 ms on
        ]
    );
}

async fn takes_ms(charging: impl Future<Output = usize>) -> u128 {
    let start = Instant::now();
    timeout(HOUR, charging).await.expect(STUCK);
    start.elapsed().as_millis()
}

// ANCHOR: shorter
#[tokio::test(start_paused = true)]
async fn shorter_queues_do_not_help_because_the_dealer_waits_for_the_slow_worker() {
    let journal = Journal::new();
    assert_eq!(takes_ms(wrong::deal(orders(18), &WORKERS, SLOTS, journal.clone())).await, 2100);
    assert_eq!(takes_ms(wrong::deal(orders(18), &WORKERS, 1, journal.clone())).await, 2100);
    assert_eq!(takes_ms(pull(orders(18), &WORKERS, journal)).await, 1050);
}
// ANCHOR_END: shorter

#[tokio::test(start_paused = true)]
async fn a_slow_worker_that_is_free_takes_an_order_too() {
    assert_eq!(takes_ms(pull(orders(3), &WORKERS[..1], Journal::new())).await, 300);
    assert_eq!(takes_ms(pull(orders(3), &WORKERS[..2], Journal::new())).await, 350);
}

#[tokio::test(start_paused = true)]
async fn wrong_what_was_dealt_to_a_worker_that_has_left_is_lost() {
    let (queue, mut dealt) = mpsc::channel(SLOTS);
    for order in orders(2) {
        queue.send(order).await.unwrap();
    }
    assert_eq!(dealt.recv().await.map(|order| order.number), Some(1));
    drop(dealt); // and order 2 with it; `send` has returned `Ok`
    assert!(queue.is_closed());

    let (group, leaves) = group(SLOTS);
    let stays = leaves.clone();
    for order in orders(2) {
        group.publish(order).await.unwrap();
    }
    assert_eq!(leaves.next().await.map(|order| order.number), Some(1));
    drop(leaves);
    assert_eq!(stays.next().await.map(|order| order.number), Some(2));
}

#[tokio::test(start_paused = true)]
async fn each_subscriber_gets_every_order_and_a_group_gets_it_once() {
    let journal = Journal::new();
    let handling = topic::shop(orders(3), journal.clone());
    assert_eq!(timeout(HOUR, handling).await.expect(STUCK), 9, "3 + 3 + 3");
    assert_journal!(
        journal,
        [
            (5, "statistics", "has counted order 1"),
            (10, "statistics", "has counted order 2"),
            (15, "statistics", "has counted order 3"),
            (60, "mailer", "has confirmed order 1"),
            (100, "worker 1", "has charged order 1"),
            (120, "mailer", "has confirmed order 2"),
            (130, "worker 3", "has charged order 2"),
            (180, "mailer", "has confirmed order 3"),
            (200, "worker 1", "has charged order 3"),
        ]
    );
}

// ANCHOR: filters
#[tokio::test(start_paused = true)]
async fn a_filter_decides_before_the_order_is_queued() {
    let mut topic = Topic::default();
    let review = topic.open(1, |order| order.dollars > 1000);
    let audit = topic.open(3, any);
    assert_eq!(topic.publish(Order { number: 1, dollars: 1000 }).await, 1);
    assert_eq!(topic.publish(Order { number: 2, dollars: 1001 }).await, 2);
    assert_eq!(topic.publish(Order { number: 3, dollars: 25 }).await, 1); // the only slot of the review is taken
    drop(topic);
    assert_eq!(review.next().await.map(|order| order.number), Some(2));
    assert_eq!(review.next().await, None);
    for number in 1..=3 {
        assert_eq!(audit.next().await.map(|order| order.number), Some(number));
    }
}
// ANCHOR_END: filters

#[tokio::test(start_paused = true)]
async fn no_group_waits_for_a_slot_of_another() {
    let mut topic = Topic::default();
    let (slow, fast) = (topic.open(1, any), topic.open(1, any));
    assert_eq!(topic.publish(orders(1)[0]).await, 2);
    fast.next().await.unwrap();

    let second = Order { number: 2, dollars: 40 };
    let mut publishing = task::spawn(topic.publish(second));
    assert_pending!(publishing.poll()); // it waits for the slow group
    assert_eq!(fast.next().await, Some(second)); // the fast one has it already
    slow.next().await.unwrap();
    assert!(publishing.is_woken());
    assert_ready_eq!(publishing.poll(), 2);
}

#[tokio::test(start_paused = true)]
async fn wrong_a_publish_that_is_dropped_has_reached_some_groups() {
    let mut topic = Topic::default();
    let (slow, fast) = (topic.open(1, any), topic.open(1, any));
    topic.publish(orders(1)[0]).await;
    fast.next().await.unwrap();

    let second = Order { number: 2, dollars: 40 };
    let patience = Duration::from_millis(100);
    timeout(patience, topic.publish(second)).await.expect_err("the slow group is full");
    drop(topic);
    assert_eq!(fast.next().await, Some(second));
    assert_eq!(slow.next().await.map(|order| order.number), Some(1));
    assert_eq!(slow.next().await, None);
}

#[tokio::test(start_paused = true)]
async fn a_group_that_all_members_have_left_does_not_count() {
    let mut topic = Topic::default();
    let stays = topic.open(SLOTS, any);
    drop(topic.open(SLOTS, any));
    assert_eq!(topic.publish(orders(1)[0]).await, 1);
    assert_eq!(stays.next().await, Some(orders(1)[0]));
}

#[tokio::test(start_paused = true)]
async fn wrong_a_member_that_filters_loses_what_another_member_wants() {
    let journal = Journal::new();
    let handling = wrong::filtered_by_member(journal.clone());
    assert_eq!(timeout(HOUR, handling).await.expect(STUCK), 3, "of five");
    assert_journal!(
        journal,
        [
            (0, "shop", "order 1 of $40"),
            (0, "shop", "order 2 of $1800"),
            (0, "shop", "order 3 of $25"),
            (0, "shop", "order 4 of $2600"),
            (0, "shop", "order 5 of $90"),
            (0, "reviewer 1", "ignores order 1"), // the cashier would have charged it
            (100, "cashier", "has charged order 3"),
            (100, "cashier", "ignores order 4"), // the reviewer would have reviewed it
            (200, "cashier", "has charged order 5"),
            (250, "reviewer 1", "has reviewed order 2"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_group_that_filters_loses_nothing() {
    let journal = Journal::new();
    let handling = review::filtered_by_group(journal.clone());
    assert_eq!(timeout(HOUR, handling).await.expect(STUCK), 5, "of five");
    assert_journal!(
        journal,
        [
            (0, "shop", "order 1 of $40"),
            (0, "shop", "order 2 of $1800"),
            (0, "shop", "order 3 of $25"),
            (0, "shop", "order 4 of $2600"),
            (0, "shop", "order 5 of $90"),
            (100, "cashier", "has charged order 1"),
            (200, "cashier", "has charged order 3"),
            (250, "reviewer 1", "has reviewed order 2"),
            (270, "reviewer 2", "has reviewed order 4"),
            (300, "cashier", "has charged order 5"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn wrong_any_member_writes_any_change_and_the_slower_one_is_last() {
    let journal = Journal::new();
    let writing = wrong::any_member(four_changes(), journal.clone());
    let warehouse = timeout(HOUR, writing).await.expect(STUCK);
    assert_eq!(warehouse[&7], "created", "it was cancelled");
    assert_journal!(
        journal,
        [
            (120, "writer 2", "order 8 is created"),
            (170, "writer 2", "order 7 is cancelled"),
            (210, "writer 2", "order 9 is created"),
            (300, "writer 1", "order 7 is created"),
            (300, "warehouse", "order 7 is created"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn one_member_writes_all_changes_of_an_order_in_order() {
    let journal = Journal::new();
    let writing = keys::by_key(four_changes(), journal.clone());
    let warehouse = timeout(HOUR, writing).await.expect(STUCK);
    assert_eq!(warehouse, [(7, "cancelled"), (8, "created"), (9, "created")].into());
    assert_journal!(
        journal,
        [
            (120, "writer 1", "order 8 is created"), // and it is idle from now on
            (300, "writer 2", "order 7 is created"),
            (350, "writer 2", "order 7 is cancelled"),
            (390, "writer 2", "order 9 is created"), // it could have been written at 160 ms
            (390, "warehouse", "order 7 is cancelled"),
        ]
    );
}

#[test]
fn with_another_number_of_members_keys_have_other_members() {
    assert_eq!([7, 8, 9].map(|order| member_of(order, 2)), [1, 0, 1]);
    assert_eq!([7, 8, 9].map(|order| member_of(order, 3)), [1, 2, 0]);
}

#[tokio::test(start_paused = true)]
async fn a_member_that_panics_loses_the_order_it_has_taken_and_no_other() {
    let (group, member) = group::<Order>(SLOTS);
    let panics = tokio::spawn({
        let member = member.clone();
        async move { panic!("cannot charge order {}", member.next().await.unwrap().number) }
    });
    for order in orders(3) {
        group.publish(order).await.unwrap();
    }
    sleep(Duration::from_millis(1)).await;
    assert!(panics.await.unwrap_err().is_panic());
    drop(group);
    assert_eq!(member.next().await.map(|order| order.number), Some(2));
    assert_eq!(member.next().await.map(|order| order.number), Some(3));
    assert_eq!(member.next().await, None);
}

#[test]
fn the_printed_timelines_are_the_ones_in_the_book() {
    story::story().assert_artifacts(env!("CARGO_MANIFEST_DIR"));
}

#[test]
fn every_claim_is_kept_in_every_schedule_by_the_right_version_only() {
    lesson_27::schedule::claims().assert_kept(env!("CARGO_MANIFEST_DIR"));
}
