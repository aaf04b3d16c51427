//! Milestone 5: an outbox in SQLite that survives `kill -9`.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::killer::shop::Shop;
use super::killer::{IN_FLIGHT_MAX, Ledger, Life, PATIENCE};

/// How often the campaign kills your program.
const KILLS: usize = 24;
const ORDERS: usize = 450;

fn after_ms(ms: u64) -> Instant {
    Instant::now() + Duration::from_millis(ms)
}

/// Waits until the database says that this event is marked.
async fn expect_marked(shop: &Shop, id: u64) {
    let until = Instant::now() + PATIENCE;
    while !shop.marked().contains(&id) {
        assert!(
            Instant::now() < until,
            "event {id} was confirmed, and 5 s later its row in the outbox does not have the state 'sent'"
        );
        sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn what_is_committed_is_published_and_marked() {
    let (shop, mut ledger) = (Shop::open(), Ledger::default());
    let [early, late, last] = [shop.id(), shop.id(), shop.id()];
    shop.roll_back(shop.id(), "anna");
    shop.commit(late, "ben");
    let mut life = Life::begin(&shop, &mut ledger);
    let arrival = life.expect_arrival("the event of a committed order").await;
    assert_eq!(arrival, shop.committed()[&late], "the row in the outbox (right) was published as (left)");
    life.confirm(late).await;
    expect_marked(&shop, late).await;
    // Its id was given first, and its transaction commits later.
    shop.commit(early, "anna");
    let arrival = life.expect_arrival("an event whose id is smaller than one that was published").await;
    assert_eq!(arrival, shop.committed()[&early], "the row in the outbox (right) was published as (left)");
    life.confirm(early).await;
    expect_marked(&shop, early).await;
    shop.commit(last, "anna");
    life.expect_arrival("an event that was committed while the program was running").await;
    life.confirm(last).await;
    expect_marked(&shop, last).await;
    life.stop().await;
}

#[tokio::test]
async fn what_was_not_confirmed_is_published_again() {
    let (shop, mut ledger) = (Shop::open(), Ledger::default());
    let [first, second] = [shop.id(), shop.id()];
    shop.commit(first, "anna");
    shop.commit(second, "ben");
    let mut life = Life::begin(&shop, &mut ledger);
    let arrived =
        [life.expect_arrival("the first event").await.id, life.expect_arrival("the second event").await.id];
    let [open, confirmed] = arrived;
    life.confirm(confirmed).await;
    expect_marked(&shop, confirmed).await;
    life.kill().await;
    let mut life = Life::begin(&shop, &mut ledger);
    let again = life.expect_arrival("the event that was in flight when your program was killed").await;
    assert_eq!(again.id, open, "the event that was in flight (right) is published again, and (left) was");
    life.confirm(open).await;
    expect_marked(&shop, open).await;
    life.stop().await;
}

#[tokio::test]
async fn a_broker_that_confirms_nothing_bounds_what_is_in_flight() {
    let (shop, mut ledger) = (Shop::open(), Ledger::default());
    for number in 1..=40 {
        shop.commit(shop.id(), &format!("customer-{}", number * 7 % 20));
    }
    let mut life = Life::begin(&shop, &mut ledger);
    // `arrival` fails when there are too many, or two of a key.
    for number in 1..=IN_FLIGHT_MAX {
        life.expect_arrival(&format!("event number {number} of {IN_FLIGHT_MAX} that may be in flight")).await;
    }
    let more = life.arrival(after_ms(300)).await;
    assert_eq!(more, None, "{IN_FLIGHT_MAX} events are in flight, and no more are allowed");
    life.stop().await;
}

#[tokio::test]
async fn it_is_killed_again_and_again() {
    let seed = std::env::var("SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1);
    println!("SEED={seed}");
    let (shop, mut ledger) = (Shop::open(), Ledger::default());
    let mut random = fastrand::Rng::with_seed(seed);
    let mut trading = fastrand::Rng::with_seed(seed + 1);
    tokio::join!(shop.trade(ORDERS, &mut trading), async {
        for _ in 0..KILLS {
            live_and_die(&shop, &mut ledger, &mut random).await;
        }
    });
    finish(&shop, &mut ledger, &mut random).await;
    let (committed, confirmed) = (shop.committed(), &ledger.confirmed);
    for (id, event) in confirmed {
        let known = committed.get(id);
        assert_eq!(known, Some(event), "event {id} was delivered (right), and this was committed (left)");
    }
    let lost = committed.keys().find(|id| !confirmed.contains_key(id));
    assert_eq!(lost, None, "this event was committed, and never delivered");
}

/// One life of your program: some events are confirmed, in another order than they came, and then it is killed.
async fn live_and_die(shop: &Shop, ledger: &mut Ledger, random: &mut fastrand::Rng) {
    let mut life = Life::begin(shop, ledger);
    // Some are killed while they start, the others some time after their first event.
    let early = random.u8(0..6) == 0;
    let mut kill_at = if early { after_ms(random.u64(0..15)) } else { Instant::now() + PATIENCE };
    let mut due = BTreeMap::new();
    let mut has_published = early;
    while Instant::now() < kill_at {
        let next = due.first_key_value().map_or(kill_at, |((at, _), ())| kill_at.min(*at));
        if let Some(arrival) = life.arrival(next).await {
            due.insert((after_ms(random.u64(0..25)), arrival.id), ());
            if !has_published {
                has_published = true;
                kill_at = after_ms(random.u64(1..110));
            }
        }
        while let Some(entry) = due.first_entry().filter(|entry| entry.key().0 <= Instant::now()) {
            let ((_, id), ()) = entry.remove_entry();
            life.confirm(id).await;
            // Right after a confirmation is a good moment.
            if has_published && random.u8(0..25) == 0 {
                kill_at = Instant::now();
            }
        }
    }
    life.kill().await;
}

/// A last life, in which everything is confirmed and marked.
async fn finish(shop: &Shop, ledger: &mut Ledger, random: &mut fastrand::Rng) {
    let mut life = Life::begin(shop, ledger);
    let mut until = Instant::now() + PATIENCE;
    loop {
        let marked = shop.marked();
        let committed = shop.committed();
        let Some(open) = committed.keys().find(|id| !marked.contains(id)) else { break };
        assert!(
            Instant::now() < until,
            "event {open} was committed, and your program has published or marked nothing for 5 s"
        );
        if life.arrival(after_ms(20)).await.is_some() {
            until = Instant::now() + PATIENCE;
        }
        let mut waiting = life.unconfirmed();
        random.shuffle(&mut waiting);
        for id in waiting {
            life.confirm(id).await;
        }
    }
    life.stop().await;
}
