//! The tests of exercise 27.1. Your file and the solution are tested by this one copy.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use shared::schedule::assert_holds_in;
use shared::{Entry, HOUR, Journal, assert_journal};
use tokio::sync::mpsc;
use tokio::time::{sleep_until, timeout};

use super::sut::{Carrier, Parcel, ship_all};

/// Shops that send parcels, each with its millisecond and number, to carriers that take this long. Returns the journal when
/// each parcel has been shipped once.
async fn shipped(shops: &[&[(u64, u32)]], carriers: &[(&'static str, u64)]) -> Journal {
    let (journal, shipped) = (Journal::new(), Arc::new(Mutex::new(Vec::new())));
    let carriers = carriers
        .iter()
        .map(|&(name, takes_ms)| Carrier::new(name, takes_ms, Arc::clone(&shipped), journal.clone()));
    let (tx, rx) = mpsc::channel(4);
    for shop in shops {
        tokio::spawn(send(shop.to_vec(), tx.clone()));
    }
    drop(tx);
    timeout(HOUR, ship_all(rx, carriers.collect()))
        .await
        .expect("ship_all does not return, and no task can make progress");
    journal.log("ship_all", "returns");

    let mut times: BTreeMap<u32, usize> =
        shops.iter().flat_map(|shop| shop.iter().map(|&(_, number)| (number, 0))).collect();
    for number in shipped.lock().unwrap().iter() {
        *times.get_mut(number).expect("a parcel was shipped that no shop has sent") += 1;
    }
    for (number, times) in times {
        assert!(
            times == 1,
            "when ship_all returned, parcel {number} had been shipped {times} times, and it must be shipped once"
        );
    }
    journal
}

async fn send(parcels: Vec<(u64, u32)>, tx: mpsc::Sender<Parcel>) {
    let zero = tokio::time::Instant::now();
    for (at_ms, number) in parcels {
        sleep_until(zero + Duration::from_millis(at_ms)).await;
        // Fails when ship_all has returned too early; then the parcel is missing.
        tx.send(Parcel { number }).await.ok();
    }
}

#[tokio::test(start_paused = true)]
async fn a_carrier_that_is_free_ships_the_next_parcel() {
    let parcels = [31, 7, 19, 4, 23, 12].map(|number| (0, number));
    assert_journal!(
        shipped(&[&parcels], &[("Lark", 130), ("Owl", 370), ("Wren", 90)]).await,
        [
            (90, "Wren", "has shipped a parcel"),
            (130, "Lark", "has shipped a parcel"),
            (180, "Wren", "has shipped a parcel"),
            (260, "Lark", "has shipped a parcel"),
            (270, "Wren", "has shipped a parcel"),
            (370, "Owl", "has shipped a parcel"),
            (370, "ship_all", "returns"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn parcels_of_two_shops_are_shipped_as_they_come() {
    assert_journal!(
        shipped(&[&[(0, 5), (200, 8)], &[(0, 3), (213, 2)]], &[("Owl", 370), ("Lark", 130)]).await,
        [
            (130, "Lark", "has shipped a parcel"),
            (330, "Lark", "has shipped a parcel"), // the one of 200 ms, while Owl was not free
            (370, "Owl", "has shipped a parcel"),
            (460, "Lark", "has shipped a parcel"), // the one of 213 ms, for which Lark was free first
            (460, "ship_all", "returns"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_hundred_parcels_are_shipped_once_each_and_no_carrier_is_idle() {
    let parcels: Vec<_> = (0..100).map(|n| (0, n * 37 % 101)).collect();
    let carriers = [("Lark", 131), ("Owl", 389), ("Wren", 97), ("Tern", 211), ("Kite", 173)];
    // Each parcel goes to the carrier that is free first.
    let (mut free_ms, mut last_ms) = (carriers.map(|(_, takes_ms)| (0, takes_ms)), 0);
    for _ in &parcels {
        let (next_ms, takes_ms) = free_ms.iter_mut().min().expect("there are carriers");
        *next_ms += *takes_ms;
        last_ms = last_ms.max(*next_ms);
    }
    let entries = shipped(&[&parcels], &carriers).await.entries();
    let returned_ms = entries.last().expect("ship_all has returned").at_ms;
    assert!(
        returned_ms == last_ms,
        "100 parcels took {returned_ms} ms; when each carrier takes the next parcel as soon as it is free, they take {last_ms} ms"
    );
}

/// Three carriers that are equally fast, so that they are free at the same moments; in a thousand schedules.
#[test]
fn in_every_schedule_each_parcel_is_shipped_once() {
    const PARCELS: [u32; 7] = [31, 7, 19, 4, 23, 12, 8];
    let story = |journal: Journal| async move {
        let shipped = Arc::new(Mutex::new(Vec::new()));
        let carriers = ["Lark", "Owl", "Wren"]
            .map(|name| Carrier::new(name, 100, Arc::clone(&shipped), journal.clone()));
        let (tx, rx) = mpsc::channel(4);
        tokio::spawn(send(PARCELS.map(|number| (0, number)).to_vec(), tx));
        ship_all(rx, carriers.into()).await;
        for parcel in shipped.lock().expect("nothing panics under this lock").iter() {
            journal.log("shop", format_args!("parcel {parcel}"));
        }
    };
    let each_once = |journal: &[Entry]| {
        for parcel in PARCELS.map(|number| format!("parcel {number}")) {
            match journal.iter().filter(|entry| entry.what == parcel).count() {
                1 => {}
                times => return Err(format!("{parcel} is shipped {times} times")),
            }
        }
        Ok(())
    };
    assert_holds_in(1000, story, each_once);
}
