//! What people ask of an outbox that is in trouble, which is when it is long.

use tokio_postgres::Client;

use super::{connect, migrated, open};
use crate::support::ms;

/// Rows that were read of a table or by its indexes, once the sessions that read them have ended.
async fn rows_read(client: &Client) -> i64 {
    let others =
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
                    AND backend_type = 'client backend'";
    while client.query_one(others, &[]).await.unwrap().get::<_, i64>(0) > 0 {
        tokio::time::sleep(ms(1)).await;
    }
    let read = "SELECT (seq_tup_read + (SELECT sum(idx_tup_read) FROM pg_stat_user_indexes WHERE relname = 'outbox'))::int8
                  FROM pg_stat_user_tables WHERE relname = 'outbox'";
    client.query_one(read, &[]).await.unwrap().get(0)
}

#[tokio::test]
async fn a_long_backlog_is_not_read_to_tell_how_long_it_is() {
    let Some(address) = migrated().await else { return };
    let client = connect(&address).await;
    let fill = "INSERT INTO outbox (id, topic, key, payload, created_at)
                SELECT gen_random_uuid(), 'a', 'k' || n % 1000, '', clock_timestamp() - interval '1 hour' FROM generate_series(1, 1000000) AS n";
    client.batch_execute(fill).await.unwrap();
    client.batch_execute("UPDATE outbox SET state = 1 WHERE key = 'k7'").await.unwrap();
    client.batch_execute("SELECT pg_stat_force_next_flush()").await.unwrap();
    let before = rows_read(&client).await;
    let status = open(&address).await.status().await.unwrap();
    let read = rows_read(&client).await - before;
    assert!(read < 150_000, "{read} rows");
    assert!((900_000..1_100_000).contains(&status.pending), "{}", status.pending);
    assert!(status.is_estimated(status.pending) && !status.is_estimated(status.held));
    assert_eq!((status.held, status.dead), (1_000, 0));
    assert!(
        status.oldest_ms.is_some_and(|ms| (3_600_000..4_600_000).contains(&ms)),
        "{:?}",
        status.oldest_ms
    );

    client.batch_execute("DELETE FROM outbox WHERE seq > 90000").await.unwrap();
    let status = open(&address).await.status().await.unwrap();
    assert_eq!((status.pending + status.held, status.is_estimate), (90_000, false));
}

#[tokio::test]
async fn a_time_that_is_none_is_left_out() {
    let Some(address) = migrated().await else { return };
    let client = connect(&address).await;
    let rows = "INSERT INTO outbox (id, topic, key, payload, created_at)
                SELECT gen_random_uuid(), 'a', 'k', '', created_at
                  FROM unnest(ARRAY['infinity', '-infinity']::timestamptz[]) AS created_at;
                INSERT INTO outbox_dead (seq, id, topic, headers, payload, created_at, attempts, error)
                SELECT seq, gen_random_uuid(), topic, headers, payload, created_at, 1, 'no' FROM outbox";
    client.batch_execute(rows).await.unwrap();
    let store = open(&address).await;
    let status = store.status().await.unwrap();
    assert_eq!((status.pending, status.oldest_ms), (2, None));
    use capstone_outbox::operations::{Filter, Operations, Page, Sort};
    let page = Page::first(Sort::Oldest, 10);
    let letters = store.dead_letters(&Filter::default(), page).await.unwrap();
    assert_eq!(letters.iter().map(|letter| letter.age_ms).collect::<Vec<_>>(), [0, 0]);
    let findings = store.target().examine().await;
    assert!(findings.iter().all(|finding| finding.check != "examination"), "{findings:?}");
}
