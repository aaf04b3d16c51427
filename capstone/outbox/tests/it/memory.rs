//! What only the store in memory promises.

use capstone_outbox::Envelope;
use capstone_outbox::memory::MemoryStore;
use capstone_outbox::store::{Budget, Look, Store};

use crate::owned::{Owned, PLENTY};
use crate::support::{message, numbered, rows};

fn seqs(rows: &[Envelope]) -> Vec<i64> {
    rows.iter().map(|row| row.seq.0).collect()
}

/// PostgreSQL's needs transactions that are open: see `postgres/late.rs`.
#[tokio::test]
async fn a_row_that_commits_late_is_found_below_the_cursor() {
    let store = MemoryStore::with_lanes(16);
    store.enqueue(numbered((1..=5).map(|n| message("k", &n.to_string()))));
    let owned = Owned::all(&store, "a").await;
    let lane = owned.rows(&store, 0).await[0].lane;
    let look = Look { in_memory: rows(&[1, 4]), ..owned.look_in(lane, 4) };
    let some = store.fetch(&look, Budget { rows: 1, ..PLENTY }).await.unwrap();
    assert_eq!(seqs(&some.rows), [2], "no later row before an earlier one");
    assert!(some.more.contains(&some.rows[0].lane));
    let look = Look { in_memory: rows(&[1, 2, 4]), ..look };
    assert_eq!(seqs(&store.fetch(&look, PLENTY).await.unwrap().rows), [3, 5]);
    let spilled = Look { in_memory: vec![], spilled: vec!["k".into()], ..look };
    assert_eq!(seqs(&store.fetch(&spilled, PLENTY).await.unwrap().rows), [5]);
}
