//! Keys in trouble.

use std::time::Duration;

use tokio::time::sleep;

use super::Subject;
use super::owned::{Owned, PLENTY, number, numbers};
use crate::message::{Ident, MessageId, RowId};
use crate::store::{Budget, Change, Changes, Due, DueLook, Fenced, Hold, Store};

const NOW: Hold = Hold::RetryIn(Duration::ZERO);
const LATER: Hold = Hold::RetryIn(Duration::from_secs(60));

/// Its keys with the numbers of their rows.
fn due_rows(due: &Due) -> Vec<(Ident, Vec<u8>)> {
    due.keys.iter().map(|key| (key.held.ident.clone(), numbers(&key.rows))).collect()
}

/// After a failover, a restore or a TRUNCATE another message may have the number of one that was published.
pub async fn a_number_that_comes_twice_is_another_row<S: Subject>(make: impl AsyncFnOnce() -> S) {
    let owned = Owned::with(make, &["k", "k", "k"]).await;
    let was = |number| RowId { id: MessageId::from_bytes([number + 100; 16]), ..owned.row(number) };
    let bury = Change::Bury { row: was(2), attempts: 1, error: "no".into() };
    let Change::Hold { mut held, error, .. } = owned.hold(&[3], 3, Hold::Parked) else { unreachable!() };
    held.head = was(3);
    let hold = Change::Hold { held, rows: vec![was(3)], error };
    let (key, other) = (owned.ident(1), Ident::Key("other".into()));
    let follow = Change::Follow { ident: other.clone(), rows: vec![was(1)] };
    let mut changes = owned.fenced(1, vec![bury, hold, follow]);
    changes.published.push(was(1));
    assert_eq!(owned.settled(&changes).await.lost, []);
    assert_eq!(owned.subject.dead().await, [], "nothing is given up that did not fail");
    let free = owned.fenced(1, vec![Change::Continue(key), Change::Continue(other)]);
    assert_eq!(owned.settled(&free).await.freed.len(), 2, "no row is held");
    assert_eq!(owned.waiting().await, [1, 2, 3], "and none was deleted");
}

/// What comes after them is said to be behind them.
pub async fn held_rows_leave_the_fetch_and_come_back_when_they_are_due<S: Subject>(
    make: impl AsyncFnOnce() -> S,
) {
    let owned = Owned::with(make, &["k", "other", "k", "k"]).await;
    let wait = Duration::from_millis(60);
    owned.settle(1, vec![owned.hold(&[1, 3], 3, Hold::RetryIn(wait))]).await;
    let fetched = owned.store().fetch(&owned.look(), PLENTY).await.expect("a fetch");
    assert_eq!(numbers(&fetched.rows), [2]);
    let behind: Vec<_> = fetched.behind.iter().map(|behind| (&*behind.key, behind.row)).collect();
    assert_eq!(behind, [("k", owned.row(4))], "it must queue behind them");
    owned.settle(4, vec![Change::Follow { ident: owned.ident(1), rows: owned.rows_of(&[4]) }]).await;
    assert_eq!(owned.waiting().await, [2]);

    // By the store's clock, which may be another machine's: it says itself how long to wait.
    let mut due = owned.due().await;
    while let Some(next) = due.next.filter(|_| due.keys.is_empty()) {
        assert!(next <= wait, "{next:?}");
        sleep(next.max(Duration::from_millis(1))).await;
        due = owned.due().await;
    }
    assert_eq!(due_rows(&due), [(owned.ident(1), vec![1, 3, 4])]);
    let held = &due.keys[0].held;
    assert_eq!((held.lane, held.head, held.attempts), (owned.lane(1), owned.row(1), 3));
    let but = DueLook { except: vec![owned.ident(1)], ..owned.due_look() };
    let but = owned.store().due(&but, PLENTY).await.expect("what is due");
    assert_eq!(but, Due::default(), "the relay has it in memory");
}

/// And says when the next one is, and whether there are more.
pub async fn what_is_due_comes_by_its_time_and_within_the_budget<S: Subject>(make: impl AsyncFnOnce() -> S) {
    let owned = Owned::with(make, &["a", "b", "", "p", "a"]).await;
    owned.settle(3, vec![owned.hold(&[3], 3, NOW)]).await;
    sleep(Duration::from_millis(5)).await;
    owned.settle(1, vec![owned.hold(&[1, 5], 1, NOW)]).await;
    owned.settle(2, vec![owned.hold(&[2], 2, LATER)]).await;
    owned.settle(4, vec![owned.hold(&[4], 4, Hold::Parked)]).await;
    sleep(Duration::from_millis(5)).await;

    let all = owned.due().await;
    assert_eq!(
        due_rows(&all),
        [(owned.ident(3), vec![3]), (owned.ident(1), vec![1, 5])],
        "the longest due first"
    );
    let next = all.next.expect("b is due later");
    assert!(!all.is_more && next <= Duration::from_secs(60) && next > Duration::from_secs(50), "{next:?}");
    let due = async |look: &DueLook, budget| owned.store().due(look, budget).await.expect("what is due");
    let one = due(&owned.due_look(), Budget { rows: 1, ..PLENTY }).await;
    assert!(one.keys.len() == 1 && one.is_more, "{one:?}");
    let first = due(&DueLook { rows_each: 1, ..owned.due_look() }, PLENTY).await;
    assert!(first.keys.iter().all(|key| key.rows.len() == 1), "{first:?}");
    let tight = due(&owned.due_look(), Budget { bytes: 1, ..PLENTY }).await;
    assert_eq!((tight.keys.len(), tight.keys[0].rows.len(), tight.is_more), (1, 1, true), "one comes anyhow");
}

/// A clock was ahead when it was written, or is behind now.
pub async fn a_wait_that_is_longer_than_any_is_over<S: Subject>(make: impl AsyncFnOnce() -> S) {
    let owned = Owned::with(make, &["k"]).await;
    let far = Hold::RetryIn(Duration::from_secs(10 * 365 * 86_400));
    owned.settle(1, vec![owned.hold(&[1], 1, far)]).await;
    assert_eq!(due_rows(&owned.due().await), [(owned.ident(1), vec![1])]);
}

/// A look may be more than one statement. Nobody asks again for a key that none of them has seen.
pub async fn a_key_whose_time_comes_during_a_look_is_due_or_next<S: Subject>(make: impl AsyncFnOnce() -> S) {
    let owned = Owned::with(make, &["k"]).await;
    for n in 0..300 {
        let wait = Duration::from_micros(n * 10);
        owned.settle(1, vec![owned.hold(&[1], 3, Hold::RetryIn(wait))]).await;
        let due = owned.due().await;
        assert!(!due.keys.is_empty() || due.next.is_some(), "after {wait:?}");
    }
}

/// Then its trouble is over and forgotten.
pub async fn a_key_goes_on_until_nothing_of_it_is_held<S: Subject>(make: impl AsyncFnOnce() -> S) {
    let owned = Owned::with(make, &["k", "k", ""]).await;
    owned.settle(3, vec![owned.hold(&[3], 3, LATER)]).await;
    owned.settle(1, vec![owned.hold(&[1, 2], 3, LATER)]).await;
    assert_eq!(owned.due().await.keys, []);

    let goes_on = |published: &[u8]| Changes {
        published: owned.rows_of(published),
        fenced: [1, 3]
            .map(|number| Fenced {
                lease: owned.lease(number),
                change: Change::Continue(owned.ident(number)),
            })
            .into(),
    };
    assert_eq!(owned.settled(&goes_on(&[1, 3])).await.freed, [owned.ident(3)]);
    let due = owned.due().await;
    assert_eq!(due_rows(&due), [(owned.ident(1), vec![2])], "it is due at once");
    assert_eq!((number(due.keys[0].held.head.id), due.keys[0].held.attempts), (2, 0));
    assert_eq!(owned.settled(&goes_on(&[2])).await.freed, [owned.ident(1)]);
    assert_eq!(owned.due().await, Due::default());
    assert_eq!(owned.settled(&goes_on(&[])).await.freed, [], "nothing to forget");
}

/// Or nobody would read them.
pub async fn rows_that_follow_a_trouble_that_is_over_begin_one<S: Subject>(make: impl AsyncFnOnce() -> S) {
    let owned = Owned::with(make, &["k", "k"]).await;
    owned.settle(1, vec![Change::Follow { ident: owned.ident(1), rows: owned.rows_of(&[1, 2]) }]).await;
    assert_eq!(due_rows(&owned.due().await), [(owned.ident(1), vec![1, 2])]);
}
