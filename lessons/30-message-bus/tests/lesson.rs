//! The scenes of lesson 30, each with its exact milliseconds on the paused clock.

use lesson_30::board::SHOP_IS_SLOW;
use lesson_30::{board, calls, relay, shop, slow, story, wrong};
use shared::{HOUR, Journal, assert_journal};
use tokio::time::timeout;

const STUCK: &str = "no task can make progress";

#[tokio::test(start_paused = true)]
async fn wrong_direct_calls_make_the_customer_wait_for_all_and_fail_with_each() {
    let journal = Journal::new();
    timeout(HOUR, wrong::direct_calls(journal.clone())).await.expect(STUCK);
    assert_journal!(
        journal,
        [
            (0, "customer", "places order 1"),
            (40, "billing", "charges order 1"),
            (110, "mail", "confirms order 1"),
            (310, "report", "counts order 1"),
            (310, "customer", "is told: order 1 is placed"),
            (400, "customer", "places order 2"),
            (440, "billing", "charges order 2"), // and yet it fails
            (510, "mail", "is down"),
            (510, "customer", "is told: order 2 has failed"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn through_a_bus_the_customer_waits_for_nobody_and_a_failure_stays_where_it_is() {
    let journal = Journal::new();
    timeout(HOUR, calls::through_the_bus(journal.clone())).await.expect(STUCK);
    assert_journal!(
        journal,
        [
            (0, "customer", "places order 1"),
            (0, "customer", "is told: order 1 is placed"),
            (40, "billing", "charges order 1"),
            (70, "mail", "confirms order 1"),
            (200, "report", "counts order 1"),
            (400, "customer", "places order 2"),
            (400, "customer", "is told: order 2 is placed"),
            (440, "billing", "charges order 2"),
            (470, "mail", "is down"),
            (600, "report", "counts order 2"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn wrong_a_lock_held_across_a_send_stops_every_publisher_and_every_subscriber() {
    let journal = Journal::new();
    timeout(HOUR, wrong::locked(journal.clone())).await.expect(STUCK);
    assert_journal!(
        journal,
        [
            (0, "shop", "has published orders.created 1"),
            (0, "mail", "gets orders.created 1"),
            (0, "billing", "gets orders.created 1"),
            (10, "shop", "has published orders.created 2"),
            (10, "billing", "gets orders.created 2"),
            (15, "till", "has published payments.received 1"), // a second reader
            (15, "ledger", "gets payments.received 1"),
            (35, "audit", "asks for a subscription"), // a writer, and behind it the till at 45 ms
            (120, "mail", "gets orders.created 2"),
            (120, "shop", "has published orders.created 3"), // at 20 ms
            (120, "billing", "gets orders.created 3"),
            (120, "audit", "has its subscription"),
            (120, "till", "has published payments.received 2"),
            (120, "ledger", "gets payments.received 2"),
            (240, "mail", "gets orders.created 3"),
            (250, "shop", "has published orders.created 4"),
            (250, "billing", "gets orders.created 4"),
            (360, "mail", "gets orders.created 4"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn wrong_an_actor_that_waits_for_a_subscriber_stops_the_bus() {
    let journal = Journal::new();
    timeout(HOUR, wrong::waiting(journal.clone())).await.expect(STUCK);
    assert_journal!(
        journal,
        [
            (0, "shop", "has published orders.created 1"),
            (0, "mail", "gets orders.created 1"),
            (0, "billing", "gets orders.created 1"),
            (10, "shop", "has published orders.created 2"),
            (10, "billing", "gets orders.created 2"),
            (15, "till", "has published payments.received 1"),
            (15, "ledger", "gets payments.received 1"),
            (20, "shop", "has published orders.created 3"), // queued: it notices nothing
            (35, "audit", "asks for a subscription"),
            (45, "till", "has published payments.received 2"),
            (120, "mail", "gets orders.created 2"),
            (120, "billing", "gets orders.created 3"),
            (120, "ledger", "gets payments.received 2"), // although mail never wanted it
            (120, "audit", "has its subscription"),
            (150, "shop", "has published orders.created 4"),
            (240, "mail", "gets orders.created 3"),
            (240, "billing", "gets orders.created 4"),
            (360, "mail", "gets orders.created 4"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_slow_subscriber_misses_a_message_and_delays_nobody() {
    let journal = Journal::new();
    timeout(HOUR, slow::one_drops_out(journal.clone())).await.expect(STUCK);
    assert_journal!(
        journal,
        [
            (0, "shop", "has published orders.created 1"),
            (0, "mail", "gets orders.created 1"),
            (0, "billing", "gets orders.created 1"),
            (10, "shop", "has published orders.created 2"),
            (10, "billing", "gets orders.created 2"),
            (15, "till", "has published payments.received 1"),
            (15, "ledger", "gets payments.received 1"),
            (20, "shop", "has published orders.created 3"),
            (20, "billing", "gets orders.created 3"),
            (35, "audit", "asks for a subscription"),
            (35, "audit", "has its subscription"),
            (45, "till", "has published payments.received 2"),
            (45, "ledger", "gets payments.received 2"),
            (120, "mail", "gets orders.created 2"),
            (150, "shop", "has published orders.created 4"),
            (150, "billing", "gets orders.created 4"),
            (240, "mail", "gets orders.created 4, and has missed 1"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn wrong_without_an_actor_that_runs_publish_hangs_when_the_queue_is_full() {
    let journal = Journal::new();
    timeout(HOUR, wrong::never_run(journal.clone())).await.expect_err("nobody empties the queue");
    assert_journal!(journal, [(0, "shop", "has published order 1"), (0, "shop", "has published order 2")]);
}

#[tokio::test(start_paused = true)]
async fn wrong_the_last_message_on_a_topic_is_not_the_newest() {
    let journal = Journal::new();
    let shown = timeout(HOUR, wrong::last_is_newest(SHOP_IS_SLOW, journal.clone())).await.expect(STUCK);
    assert_eq!(shown, 2500, "the coupons made it 1500 after that");
    assert_journal!(
        journal,
        [
            (0, "shop", "changes order 7 to $25: version 2"),
            (10, "coupons", "changes order 7 to $15: version 3"),
            (10, "coupons", "publishes version 3"),
            (10, "board", "shows $15"),
            (40, "shop", "publishes version 2"),
            (40, "board", "shows $25"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn the_highest_version_is_the_newest() {
    let journal = Journal::new();
    let shown = timeout(HOUR, board::highest_version(SHOP_IS_SLOW, journal.clone())).await.expect(STUCK);
    assert_eq!(shown, 1500);
    let last = journal.entries().pop().expect("the board has logged");
    assert_eq!((last.at_ms, last.what.as_str()), (40, "shows $15"));
}

#[tokio::test(start_paused = true)]
async fn wrong_a_row_that_is_marked_when_it_is_queued_is_lost() {
    let journal = Journal::new();
    let billed = timeout(HOUR, relay::two_polls(journal.clone(), wrong::marks_queued)).await.expect(STUCK);
    assert_eq!(billed, [1, 2], "order 3 is marked, and lost");
    assert_journal!(
        journal,
        [
            (10, "relay", "marks order 1"),
            (10, "billing", "begins order 1"),
            (20, "relay", "marks order 2"),
            (30, "relay", "marks order 3"),
            (110, "billing", "begins order 2"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_row_is_marked_when_every_subscriber_has_its_message() {
    let journal = Journal::new();
    let billed = timeout(HOUR, relay::reads_receipts(journal.clone())).await.expect(STUCK);
    assert_eq!(billed, [1, 2, 3]);
    assert_journal!(
        journal,
        [
            (10, "relay", "marks order 1"),
            (10, "billing", "begins order 1"),
            (20, "relay", "marks order 2"),
            (30, "relay", "leaves order 3: Receipt { delivered: 0, dropped: 1 }"),
            (110, "billing", "begins order 2"),
            (140, "relay", "marks order 3"),
            (210, "billing", "begins order 3"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn the_whole_shop() {
    let journal = Journal::new();
    let statistics = timeout(HOUR, shop::shop(journal.clone())).await.expect(STUCK);
    assert_eq!((statistics.published, statistics.delivered, statistics.dropped), (6, 13, 0));
    assert_eq!((statistics.unmatched, statistics.subscribers), (0, 4), "the audit has unsubscribed");
    assert_journal!(
        journal,
        [
            (0, "dashboard", "orders.created 1"),
            (0, "packer 1", "orders.created 1"),
            (0, "audit", "orders.created 1"),
            (15, "dashboard", "payments.created 1"),
            (15, "audit", "payments.created 1"),
            (30, "dashboard", "orders.created 2"),
            (30, "review", "orders.created 2"),
            (30, "packer 2", "orders.created 2"),
            (30, "audit", "orders.created 2"),
            (55, "audit", "orders.cancelled 1"),
            (60, "audit", "unsubscribes"),
            (60, "audit", "ends"),
            (65, "dashboard", "payments.created 2"),
            (80, "dashboard", "orders.created 3"),
            (80, "packer 1", "orders.created 3"),
            (80, "dashboard", "ends"),
            (80, "review", "ends"),
            (100, "packer 2", "ends"),
            (130, "packer 1", "ends"),
            (130, "bus", "6 published, 13 delivered"),
        ]
    );
}

#[test]
fn the_printed_timelines_are_the_ones_in_the_book() {
    story::story().assert_artifacts(env!("CARGO_MANIFEST_DIR"));
}

#[test]
fn every_claim_is_kept_in_every_schedule_by_the_right_version_only() {
    lesson_30::schedule::claims().assert_kept(env!("CARGO_MANIFEST_DIR"));
}
