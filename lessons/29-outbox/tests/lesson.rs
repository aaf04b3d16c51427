//! The scenes of lesson 29, with exact milliseconds on the paused clock. Databases are in memory: nothing waits for a disk.
//! `crashes.rs` kills real processes, and `sqlite.rs` shows what the chapter says about SQLite.

use std::time::Duration;

use lesson_29::broker::Message;
use lesson_29::relay::{poll, replay, step};
use lesson_29::shop::{orders, place_order};
use lesson_29::warehouse::{Received, lamps, receive};
use lesson_29::world::World;
use lesson_29::{story, wrong};
use shared::{HOUR, Journal, assert_journal};
use tokio::time::timeout;

const STUCK: &str = "no task can make progress";

/// Plays a scene and returns its journal.
async fn played<F: Future>(scene: impl FnOnce(Journal) -> F) -> Journal {
    let journal = Journal::new();
    timeout(HOUR, scene(journal.clone())).await.expect(STUCK);
    journal
}

#[tokio::test(start_paused = true)]
async fn wrong_a_crash_between_commit_and_publish_loses_the_event() {
    assert_journal!(
        played(story::dual_write).await,
        [(0, "shop", "commits order 1"), (20, "shop", "is killed"), (120, "main", "orders: 1, messages: 0"),]
    );
}

#[tokio::test(start_paused = true)]
async fn wrong_a_crash_between_publish_and_commit_invents_an_order() {
    assert_journal!(
        played(story::publish_first).await,
        [
            (30, "broker", "stores order-1-placed"),
            (30, "warehouse", "takes a lamp, 4 left"),
            (40, "shop", "is killed"),
            (140, "main", "orders: 0, messages: 1"),
        ]
    );
}

// ANCHOR: rolled-back
#[tokio::test(start_paused = true)]
async fn wrong_published_and_then_rolled_back() {
    let world = World::new(Journal::new());
    place_order(&world.shop, 7).await.unwrap();
    let second = wrong::publish_first(&world.shop, &world.broker, 7, &world.journal).await;
    second.unwrap_err(); // there is an order 7 already
    assert_eq!(world.broker.stored(), [Message::order_placed(7)]);
}
// ANCHOR_END: rolled-back

#[tokio::test(start_paused = true)]
async fn the_event_of_a_committed_order_is_published_after_a_crash() {
    assert_journal!(
        played(story::one_transaction).await,
        [
            (0, "shop", "commits order 1 and its event"),
            (20, "relay", "is killed"),
            (120, "relay", "starts again"),
            (150, "broker", "stores order-1-placed"),
            (150, "warehouse", "takes a lamp, 4 left"),
            (170, "relay", "marks row 1"),
            (200, "main", "orders: 1, messages: 1"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn an_order_that_is_refused_has_no_event() {
    let world = World::new(Journal::new());
    place_order(&world.shop, 7).await.unwrap();
    place_order(&world.shop, 7).await.unwrap_err();
    assert_eq!(orders(&world.shop).await.unwrap(), 1);
    assert_eq!(poll(&world.shop).await.unwrap().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn while_the_broker_is_down_orders_are_placed_and_their_events_wait() {
    assert_journal!(
        played(story::broker_down).await,
        [
            (0, "shop", "commits order 1 and its event"),
            (30, "relay", "will poll again: the broker did not confirm it"),
            (60, "shop", "commits order 2 and its event"),
            (130, "relay", "will poll again: the broker did not confirm it"),
            (170, "broker", "is up"),
            (230, "broker", "stores order-1-placed"),
            (250, "relay", "marks row 1"),
            (280, "broker", "stores order-2-placed"),
            (300, "relay", "marks row 2"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn wrong_a_crash_between_mark_and_publish_loses_the_event() {
    assert_journal!(
        played(story::mark_first).await,
        [
            (0, "shop", "commits order 1 and its event"),
            (0, "relay", "marks row 1"),
            (20, "relay", "is killed"),
            (120, "relay", "starts again"),
            (200, "main", "orders: 1, messages: 0"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn wrong_without_an_inbox_a_message_that_comes_twice_takes_two_lamps() {
    assert_journal!(
        played(story::no_inbox).await,
        [
            (0, "shop", "commits order 1 and its event"),
            (30, "broker", "stores order-1-placed"),
            (30, "warehouse", "takes a lamp, 4 left"),
            (40, "relay", "is killed"), // published, and not marked
            (140, "relay", "starts again"),
            (170, "broker", "stores order-1-placed"), // the same id
            (170, "warehouse", "takes a lamp, 3 left"),
            (190, "relay", "marks row 1"),
            (220, "main", "orders: 1, messages: 2"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn the_inbox_recognizes_a_message_that_comes_twice() {
    assert_journal!(
        played(story::inbox).await,
        [
            (0, "shop", "commits order 1 and its event"),
            (30, "broker", "stores order-1-placed"),
            (30, "warehouse", "takes a lamp, 4 left"),
            (40, "relay", "is killed"),
            (140, "relay", "starts again"),
            (170, "broker", "stores order-1-placed"),
            (170, "warehouse", "knows order-1-placed"),
            (190, "relay", "marks row 1"),
            (220, "main", "orders: 1, messages: 2"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn wrong_with_the_id_in_a_transaction_of_its_own_no_lamp_is_taken() {
    assert_journal!(
        played(story::id_first).await,
        [
            (0, "warehouse", "remembers order-1-placed"),
            (20, "warehouse", "is killed"),
            (120, "broker", "delivers order-1-placed again"),
            (120, "warehouse", "knows order-1-placed"),
            (120, "main", "lamps on the shelf: 5"),
        ]
    );
}

// ANCHOR: out-of-lamps
#[tokio::test(start_paused = true)]
async fn when_the_effect_fails_the_id_is_not_remembered() {
    let world = World::new(Journal::new());
    for order in 1..=5 {
        receive(&world.warehouse, Message::order_placed(order)).await.unwrap();
    }
    receive(&world.warehouse, Message::order_placed(6)).await.unwrap_err(); // out of lamps: all is rolled back
    let restock = |tx: &rusqlite::Transaction<'_>| Ok(tx.execute("UPDATE shelf SET count = 3", [])?);
    world.warehouse.transaction(restock).await.unwrap();
    assert_eq!(receive(&world.warehouse, Message::order_placed(6)).await.unwrap(), Received::First);
    assert_eq!(lamps(&world.warehouse).await.unwrap(), 2);
}
// ANCHOR_END: out-of-lamps

#[tokio::test(start_paused = true)]
async fn wrong_what_is_behind_the_last_row_seen_does_not_include_a_row_that_commits_late() {
    assert_journal!(
        played(story::last_seen).await,
        [
            (0, "shop 1", "takes number 1"),
            (10, "shop 2", "takes number 2"),
            (30, "shop 2", "commits number 2"),
            (50, "relay", "polls"),
            (80, "broker", "stores order-2-placed"),
            (90, "shop 1", "commits number 1"),
            (100, "relay", "has seen up to row 2"),
            (150, "relay", "polls"),
            (150, "main", "orders: 2, messages: 1"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn what_is_not_marked_includes_it() {
    assert_journal!(
        played(story::unsent).await,
        [
            (0, "shop 1", "takes number 1"),
            (10, "shop 2", "takes number 2"),
            (30, "shop 2", "commits number 2"),
            (50, "relay", "polls"),
            (80, "broker", "stores order-2-placed"),
            (90, "shop 1", "commits number 1"),
            (100, "relay", "marks row 2"),
            (150, "relay", "polls"),
            (180, "broker", "stores order-1-placed"), // late, and behind order 2
            (200, "relay", "marks row 1"),
            (200, "main", "orders: 2, messages: 2"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_replay_reaches_a_new_consumer_and_the_others_recognize_it() {
    assert_journal!(
        played(story::replay).await,
        [
            (0, "shop", "commits order 1 and its event"),
            (0, "shop", "commits order 2 and its event"),
            (30, "broker", "stores order-1-placed"),
            (30, "warehouse", "takes a lamp, 4 left"),
            (50, "relay", "marks row 1"),
            (80, "broker", "stores order-2-placed"),
            (80, "warehouse", "takes a lamp, 3 left"),
            (100, "relay", "marks row 2"),
            (150, "invoices", "joins, and asks for 2 rows"),
            (230, "broker", "stores order-1-placed"),
            (230, "warehouse", "knows order-1-placed"),
            (240, "invoices", "writes one for order-1-placed"),
            (250, "relay", "marks row 1"),
            (280, "broker", "stores order-2-placed"),
            (280, "warehouse", "knows order-2-placed"),
            (290, "invoices", "writes one for order-2-placed"),
            (300, "relay", "marks row 2"),
            (320, "main", "orders: 2, messages: 4"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn wrong_a_replay_with_new_ids_is_handled_again() {
    let world = World::new(Journal::new());
    world.spawn_warehouse();
    world.place(1).await;
    world.relay_for(99).await;
    assert_eq!(wrong::replay_as_new(&world.shop, 1, 1).await.unwrap(), 1);
    world.relay_for(99).await;
    assert_eq!(lamps(&world.warehouse).await.unwrap(), 3, "two lamps for one order");
}

#[tokio::test(start_paused = true)]
async fn a_replay_says_how_many_rows_there_are() {
    let world = World::new(Journal::new());
    for order in 1..=4 {
        world.place(order).await;
    }
    world.relay_for(250).await;
    assert_eq!(replay(&world.shop, 2, 3).await.unwrap(), 2);
    let rows: Vec<_> = poll(&world.shop).await.unwrap().into_iter().map(|row| row.message.id).collect();
    assert_eq!(rows, ["order-2-placed", "order-3-placed"]);
}

#[tokio::test(start_paused = true)]
async fn wrong_two_relays_publish_each_row_twice() {
    let world = World::new(Journal::new());
    world.place(1).await;
    let relay = || step(&world.shop, &world.broker, &world.journal);
    let (first, second) = tokio::join!(relay(), relay());
    assert_eq!((first.unwrap(), second.unwrap()), (1, 1));
    assert_eq!(world.broker.stored(), [Message::order_placed(1), Message::order_placed(1)]);
}

// ANCHOR: every-millisecond
#[tokio::test(start_paused = true)]
async fn whenever_the_relay_is_killed_no_event_is_lost_and_no_effect_doubled() {
    for crash_after_ms in 0..300 {
        let world = World::new(Journal::new());
        world.spawn_warehouse();
        for order in [3, 1, 2] {
            world.place(order).await;
        }
        world.relay_for(crash_after_ms).await; // then its future is dropped
        world.relay_for(300).await;

        let mut published = world.broker.stored();
        let twice = published.len() - 3;
        published.dedup();
        assert_eq!(published, [3, 1, 2].map(Message::order_placed), "killed after {crash_after_ms} ms");
        let between_publish_and_mark =
            [30..50, 80..100, 130..150].iter().any(|ms| ms.contains(&crash_after_ms));
        let at_the_mark = [50, 100, 150].contains(&crash_after_ms); // it may be committed before the next poll, or after it
        assert!(
            if at_the_mark { twice <= 1 } else { twice == usize::from(between_publish_and_mark) },
            "killed after {crash_after_ms} ms"
        );
        assert_eq!(lamps(&world.warehouse).await.unwrap(), 2, "killed after {crash_after_ms} ms");
    }
}
// ANCHOR_END: every-millisecond

#[tokio::test(start_paused = true)]
async fn the_paused_clock_waits_for_a_transaction() {
    let world = World::new(Journal::new());
    let counting = timeout(Duration::from_millis(1), orders(&world.shop));
    assert_eq!(counting.await.expect("no virtual time passes meanwhile").unwrap(), 0);
}

#[test]
fn the_printed_timelines_are_the_ones_in_the_book() {
    story().assert_artifacts(env!("CARGO_MANIFEST_DIR"));
}
