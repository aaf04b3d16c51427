//! The scenes that `main` plays and the book shows. On the real clock they take less than 5 s.

use std::sync::atomic::AtomicI64;
use std::time::Duration;

use shared::{Journal, Story};
use tokio::time::sleep;

use crate::broker::Message;
use crate::relay::POLL_EVERY;
use crate::world::World;
use crate::{crashes, late, relay, warehouse, wrong};

/// Each wrong version comes before the right one.
pub fn story() -> Story {
    Story::new("Lesson 29: an outbox")
        .scene("dual-write", "Wrong: commit, then publish", dual_write)
        .scene("publish-first", "Wrong: publish, then commit", publish_first)
        .scene("one-transaction", "Right: the event is a row of the same transaction", one_transaction)
        .scene("broker-down", "Right: the broker is down for a while", broker_down)
        .scene("mark-first", "Wrong: mark, then publish", mark_first)
        .scene("no-inbox", "Wrong: a message that comes twice is handled twice", no_inbox)
        .scene("inbox", "Right: the inbox recognizes it", inbox)
        .scene("id-first", "Wrong: the id in one transaction, the effect in another", id_first)
        .scene("last-seen", "Wrong: read what is behind the last row seen", last_seen)
        .scene("unsent", "Right: read what is not marked", unsent)
        .scene("replay", "Right: publish rows again, with their ids", replay)
        .for_real_in("For real, with processes that are killed", |_, folder| async move {
            crashes::play(&folder).await
        })
}

pub async fn dual_write(journal: Journal) {
    let world = World::new(journal.clone());
    world.spawn_warehouse();
    world.kill_after(20, "shop", wrong::dual_write(&world.shop, &world.broker, 1, &journal)).await;
    sleep(POLL_EVERY).await;
    world.log_count().await;
}

pub async fn publish_first(journal: Journal) {
    let world = World::new(journal.clone());
    world.spawn_warehouse();
    world.kill_after(40, "shop", wrong::publish_first(&world.shop, &world.broker, 1, &journal)).await;
    sleep(POLL_EVERY).await;
    world.log_count().await;
}

pub async fn one_transaction(journal: Journal) {
    let world = World::new(journal.clone());
    world.spawn_warehouse();
    world.place(1).await;
    world.kill_after(20, "relay", world.relay_for(200)).await;
    sleep(POLL_EVERY).await;
    journal.log("relay", "starts again");
    world.relay_for(80).await;
    world.log_count().await;
}

pub async fn broker_down(journal: Journal) {
    let world = World::new(journal.clone());
    world.broker.stop();
    world.place(1).await;
    let shop_and_broker = async {
        sleep(Duration::from_millis(60)).await;
        world.place(2).await;
        sleep(Duration::from_millis(110)).await;
        journal.log("broker", "is up");
        world.broker.start();
    };
    tokio::join!(world.relay_for(390), shop_and_broker);
}

pub async fn mark_first(journal: Journal) {
    let world = World::new(journal.clone());
    world.place(1).await;
    let relaying = wrong::mark_first(&world.shop, &world.broker, &journal);
    world.kill_after(20, "relay", relaying).await;
    sleep(POLL_EVERY).await;
    journal.log("relay", "starts again");
    world.relay_for(80).await;
    world.log_count().await;
}

pub async fn no_inbox(journal: Journal) {
    let world = World::new(journal);
    world.spawn_warehouse_without_inbox();
    publish_twice(&world).await;
}

pub async fn inbox(journal: Journal) {
    let world = World::new(journal);
    world.spawn_warehouse();
    publish_twice(&world).await;
}

/// The relay is killed between publish and mark.
async fn publish_twice(world: &World) {
    world.place(1).await;
    world.kill_after(40, "relay", world.relay_for(200)).await;
    sleep(POLL_EVERY).await;
    world.journal.log("relay", "starts again");
    world.relay_for(80).await;
    world.log_count().await;
}

/// The warehouse is killed between its two transactions, and the broker delivers the message again.
pub async fn id_first(journal: Journal) {
    let world = World::new(journal.clone());
    let handle = || wrong::remember_first(&world.warehouse, Message::order_placed(1), &journal);
    world.kill_after(20, "warehouse", handle()).await;
    sleep(POLL_EVERY).await;
    journal.log("broker", "delivers order-1-placed again");
    handle().await.expect("memory works");
    let lamps = warehouse::lamps(&world.warehouse).await.expect("memory works");
    journal.log("main", format_args!("lamps on the shelf: {lamps}"));
}

/// Two shops. The first takes its number first, and commits it last.
async fn two_shops(world: &World) {
    let numbers = AtomicI64::new(1);
    let place = async |after_ms, order, paid_after_ms| {
        sleep(Duration::from_millis(after_ms)).await;
        let paid_after = Duration::from_millis(paid_after_ms);
        late::place_numbered(&world.shop, &numbers, order, paid_after, &world.journal).await
    };
    let (first, second) = tokio::join!(place(0, 1, 90), place(10, 2, 20));
    first.and(second).expect("the orders are new");
}

pub async fn last_seen(journal: Journal) {
    let world = World::new(journal.clone());
    let relaying = async {
        let mut last_seen = 0;
        for _ in 0..2 {
            sleep(Duration::from_millis(50)).await;
            journal.log("relay", "polls");
            let step = wrong::step_after(&world.shop, &world.broker, &mut last_seen, &journal).await;
            step.expect("memory works");
        }
    };
    tokio::join!(two_shops(&world), relaying);
    world.log_count().await;
}

pub async fn unsent(journal: Journal) {
    let world = World::new(journal.clone());
    let relaying = async {
        for _ in 0..2 {
            sleep(Duration::from_millis(50)).await;
            journal.log("relay", "polls");
            relay::step(&world.shop, &world.broker, &journal).await.expect("memory works");
        }
    };
    tokio::join!(two_shops(&world), relaying);
    world.log_count().await;
}

/// A new consumer joins, and wants what was published before.
pub async fn replay(journal: Journal) {
    let world = World::new(journal.clone());
    world.spawn_warehouse();
    for order in 1..=2 {
        world.place(order).await;
    }
    let later = async {
        sleep(Duration::from_millis(150)).await;
        let mut messages = world.broker.subscribe();
        let rows = relay::replay(&world.shop, 1, 2).await.expect("memory works");
        journal.log("invoices", format_args!("joins, and asks for {rows} rows"));
        for _ in 0..rows {
            let message = messages.recv().await.expect("the broker lives");
            sleep(Duration::from_millis(10)).await; // the work
            journal.log("invoices", format_args!("writes one for {}", message.id));
        }
    };
    tokio::join!(world.relay_for(320), later);
    world.log_count().await;
}
