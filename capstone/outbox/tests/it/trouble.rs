//! What every store must do with keys in trouble.

use std::time::Duration;

use capstone_outbox::Seq;
use capstone_outbox::memory::MemoryStore;
use capstone_outbox::message::Ident;
use capstone_outbox::sqlite::SqliteStore;
use capstone_outbox::store::{Budget, Change, Changes, Due, DueLook, Fenced, Hold, Lane, Settled};

use crate::contract::{Owned, PLENTY, Subject, contract, hold, seqs};
use crate::support::{message, ms, numbered, row, rows};

contract!(
    a_number_that_comes_twice_is_another_row,
    held_rows_leave_the_fetch_and_come_back_when_they_are_due,
    what_is_due_comes_by_its_time_and_within_the_budget,
    a_wait_that_is_longer_than_any_is_over,
    a_key_whose_time_comes_during_the_look_is_due_or_next,
    a_key_goes_on_until_nothing_of_it_is_held,
    rows_that_follow_a_trouble_that_is_over_begin_one,
);

/// Its keys with the numbers of their rows.
fn due_rows(due: &Due) -> Vec<(String, Vec<i64>)> {
    due.keys.iter().map(|key| (key.held.ident.to_string(), seqs(&key.rows))).collect()
}

/// After a failover, a restore or a TRUNCATE another message may have the number of one that was published.
async fn a_number_that_comes_twice_is_another_row(store: impl Subject) {
    store.put(vec![message("k", "1"), message("k", "2"), message("k", "3")]).await;
    let owned = Owned::all(&store, "a").await;
    let lane = owned.rows(&store, 0).await[0].lane;
    // Of the same numbers, and other messages.
    let bury = Change::Bury { row: row(2), attempts: 1, error: "no".into() };
    let (key, other) = (Ident::Key("k".into()), Ident::Key("other".into()));
    let held = hold(lane, &key, 3, &[3], Hold::Parked);
    let follow = Change::Follow { ident: other, rows: rows(&[1]) };
    let mut changes = owned.fenced(&store, 1, vec![bury, held, follow]).await;
    changes.published.push(row(1));
    assert_eq!(store.settle(&changes).await.unwrap().lost, []);
    assert_eq!(store.dead().await, 0, "nothing is given up that did not fail");
    let free = vec![Change::Continue(key), Change::Continue(Ident::Key("other".into()))];
    let free = Changes {
        fenced: free.into_iter().map(|change| Fenced { lease: owned.lease(lane), change }).collect(),
        ..Changes::default()
    };
    assert_eq!(store.settle(&free).await.unwrap().freed.len(), 2, "no row is held");
    assert_eq!(owned.payloads(&store, 0).await, ["1", "2", "3"], "and none was deleted");
}

async fn held_rows_leave_the_fetch_and_come_back_when_they_are_due(store: impl Subject) {
    let four = [("k", "1"), ("other", "2"), ("k", "3"), ("k", "4")];
    store.put(numbered(four.map(|(k, n)| message(k, n)))).await;
    let owned = Owned::all(&store, "a").await;
    let lane = owned.rows(&store, 0).await[0].lane;
    let key = Ident::Key("k".into());
    let held = hold(lane, &key, 1, &[1, 3], Hold::RetryIn(ms(60)));
    owned.settle(&store, 1, vec![held]).await;

    let fetched = store.fetch(&owned.look(0), PLENTY).await.unwrap();
    assert_eq!(seqs(&fetched.rows), [2]);
    let behind: Vec<_> = fetched.behind.iter().map(|behind| (&*behind.key, behind.row)).collect();
    assert_eq!(behind, [("k", row(4))], "it must queue behind them");
    let follow = Change::Follow { ident: key.clone(), rows: rows(&[4]) };
    let follow =
        Changes { published: vec![], fenced: vec![Fenced { lease: owned.lease(lane), change: follow }] };
    store.settle(&follow).await.unwrap();
    assert_eq!(owned.payloads(&store, 0).await, ["2"]);

    let early = owned.due(&store).await;
    let Some(next) = early.next.filter(|_| early.keys.is_empty()) else {
        return assert!(!early.keys.is_empty());
    };
    assert!(next <= ms(60));
    tokio::time::sleep(next + ms(5)).await;
    let due = owned.due(&store).await;
    assert_eq!(due_rows(&due), [(key.to_string(), vec![1, 3, 4])]);
    let held = &due.keys[0].held;
    assert_eq!((held.lane, held.head, held.attempts), (lane, row(1), 3));
    let but = DueLook { except: vec![key], ..owned.due_look() };
    assert_eq!(store.due(&but, PLENTY).await.unwrap(), Due::default(), "the relay has it in memory");
}

async fn what_is_due_comes_by_its_time_and_within_the_budget(store: impl Subject) {
    store
        .put(numbered(
            [("a", "1"), ("b", "2"), ("", "3"), ("p", "4"), ("a", "5")].map(|(k, n)| message(k, n)),
        ))
        .await;
    let owned = Owned::all(&store, "a").await;
    let lanes: Vec<Lane> = owned.rows(&store, 0).await.iter().map(|row| row.lane).collect();
    let key = |name: &str| Ident::Key(name.into());
    let now = Hold::RetryIn(ms(0));
    let later = Hold::RetryIn(Duration::from_secs(60));
    owned.settle(&store, 3, vec![hold(lanes[2], &Ident::Row(Seq(3)), 3, &[3], now)]).await;
    tokio::time::sleep(ms(5)).await;
    owned.settle(&store, 1, vec![hold(lanes[0], &key("a"), 1, &[1, 5], now)]).await;
    owned.settle(&store, 2, vec![hold(lanes[1], &key("b"), 2, &[2], later)]).await;
    owned.settle(&store, 4, vec![hold(lanes[3], &key("p"), 4, &[4], Hold::Parked)]).await;
    tokio::time::sleep(ms(5)).await;

    let mut all = owned.due(&store).await;
    all.keys.sort_by(|one, other| one.held.ident.cmp(&other.held.ident));
    assert_eq!(due_rows(&all), [(key("a").to_string(), vec![1, 5]), ("row 3".into(), vec![3])]);
    assert!(
        !all.is_more
            && all.next.is_some_and(|next| next <= Duration::from_secs(60) && next > Duration::from_secs(50))
    );
    let one = store.due(&owned.due_look(), Budget { rows: 1, ..PLENTY }).await.unwrap();
    assert!(one.keys.len() == 1 && one.is_more, "{one:?}");
    let first = store.due(&DueLook { rows_each: 1, ..owned.due_look() }, PLENTY).await.unwrap();
    assert!(first.keys.iter().all(|key| key.rows.len() == 1), "{first:?}");
    let tight = store.due(&owned.due_look(), Budget { bytes: 1, ..PLENTY }).await.unwrap();
    assert_eq!((tight.keys.len(), tight.keys[0].rows.len(), tight.is_more), (1, 1, true), "one comes anyhow");
}

/// A clock that was ahead when it was written, or that is behind now.
async fn a_wait_that_is_longer_than_any_is_over(store: impl Subject) {
    store.put(numbered([message("k", "1")])).await;
    let owned = Owned::all(&store, "a").await;
    let lane = owned.rows(&store, 0).await[0].lane;
    let far = Hold::RetryIn(Duration::from_secs(10 * 365 * 86_400));
    owned.settle(&store, 1, vec![hold(lane, &Ident::Key("k".into()), 1, &[1], far)]).await;
    assert_eq!(owned.due(&store).await.keys.len(), 1);
}

/// A look is more than one statement. Nobody asks again for a key that none of them has seen.
async fn a_key_whose_time_comes_during_the_look_is_due_or_next(store: impl Subject) {
    store.put(numbered([message("k", "1")])).await;
    let owned = Owned::all(&store, "a").await;
    let (key, lane) = (Ident::Key("k".into()), owned.rows(&store, 0).await[0].lane);
    for n in 0..300 {
        let held = hold(lane, &key, 1, &[1], Hold::RetryIn(Duration::from_micros(n * 10)));
        let changes =
            Changes { fenced: vec![Fenced { lease: owned.lease(lane), change: held }], ..Changes::default() };
        assert_eq!(store.settle(&changes).await.unwrap(), Settled::default());
        let due = owned.due(&store).await;
        assert!(!due.keys.is_empty() || due.next.is_some(), "after {n} times 10 µs");
    }
}

async fn a_key_goes_on_until_nothing_of_it_is_held(store: impl Subject) {
    store.put(numbered([("k", "1"), ("k", "2"), ("", "3")].map(|(k, n)| message(k, n)))).await;
    let owned = Owned::all(&store, "a").await;
    let lanes: Vec<Lane> = owned.rows(&store, 0).await.iter().map(|row| row.lane).collect();
    let (key, alone) = (Ident::Key("k".into()), Ident::Row(Seq(3)));
    let later = Hold::RetryIn(Duration::from_secs(60));
    owned.settle(&store, 3, vec![hold(lanes[2], &alone, 3, &[3], later)]).await;
    owned.settle(&store, 1, vec![hold(lanes[0], &key, 1, &[1, 2], later)]).await;
    assert_eq!(owned.due(&store).await.keys, []);

    let goes_on = |published: &[i64]| Changes {
        published: rows(published),
        fenced: [(lanes[0], &key), (lanes[2], &alone)]
            .map(|(lane, ident)| Fenced { lease: owned.lease(lane), change: Change::Continue(ident.clone()) })
            .into(),
    };
    let settled = store.settle(&goes_on(&[1, 3])).await.unwrap();
    assert_eq!(settled.freed, std::slice::from_ref(&alone));
    let due = owned.due(&store).await;
    assert_eq!(due_rows(&due), [(key.to_string(), vec![2])], "it is due at once");
    assert_eq!((due.keys[0].held.head, due.keys[0].held.attempts), (row(2), 0));
    assert_eq!(store.settle(&goes_on(&[2])).await.unwrap().freed, std::slice::from_ref(&key));
    assert_eq!(owned.due(&store).await, Due::default());
    assert_eq!(store.settle(&goes_on(&[])).await.unwrap().freed, [], "nothing to forget");
}

async fn rows_that_follow_a_trouble_that_is_over_begin_one(store: impl Subject) {
    store.put(numbered([message("k", "1"), message("k", "2")])).await;
    let owned = Owned::all(&store, "a").await;
    let key = Ident::Key("k".into());
    owned.settle(&store, 1, vec![Change::Follow { ident: key.clone(), rows: rows(&[1, 2]) }]).await;
    assert_eq!(due_rows(&owned.due(&store).await), [(key.to_string(), vec![1, 2])]);
}
