//! Which way PostgreSQL takes to the rows.

use super::{connect, migrated, open};

/// Which index each scan of rows uses, in the order of the plan.
fn scans(plan: &str) -> Vec<&str> {
    let scans = plan.lines().filter_map(|line| Some(line.split_once("->")?.1.trim()));
    let scans = scans.filter(|line| line.contains("Scan"));
    let scans = scans.filter_map(|line| line.split_once(" on outbox")).map(|(scan, _)| scan);
    scans.filter(|scan| !scan.contains("outbox_trouble_pkey")).collect()
}

/// What is read has one way each. What is written is looked up by number or by id, a row each: no other index does.
#[track_caller]
fn check(plan: &str, seen: &str) {
    let index = |name: &&str| format!("Index Scan using outbox_{name}");
    let across_and_by_lane = ["pkey", "ready"];
    let below = ["xact", "ready"];
    let of_keys = ["ready", "trouble_due", "trouble_due", "held", "id"];
    let expected = [&across_and_by_lane[..], &below, &of_keys].concat();
    let (scans, written) = (scans(plan), ["pkey", "id"].each_ref().map(index));
    assert_eq!(scans.len(), expected.len() + 2, "{seen}: {plan}");
    let (read, flushed) = scans.split_at(expected.len());
    assert_eq!(read, expected.iter().map(index).collect::<Vec<_>>(), "{seen}: {plan}");
    assert!(flushed.iter().all(|scan| written.iter().any(|index| index == scan)), "{seen}: {plan}");
}

#[tokio::test]
async fn the_fetch_uses_its_partial_index_whatever_the_statistics_say() {
    let Some(address) = migrated().await else { return };
    let client = connect(&address).await;
    let store = open(&address).await;
    // A plan is made once, when a relay begins, and kept however many rows come.
    for rows in [0, 1, 10, 100, 1_000, 10_000] {
        let fill = format!(
            "INSERT INTO outbox (id, topic, key, payload)
             SELECT gen_random_uuid(), 'a', CASE WHEN n % 3 > 0 THEN 'k' || n % 1000 END, '' FROM generate_series(1, {rows}) AS n"
        );
        for seen in ["", "VACUUM ANALYZE outbox"] {
            client.batch_execute("TRUNCATE outbox").await.unwrap();
            client.batch_execute(seen).await.unwrap();
            client.batch_execute(&fill).await.unwrap();
            check(&store.explain().await.unwrap(), &format!("{rows} rows after \"{seen}\""));
        }
    }
    // What a queue looks like to the planner that was last seen empty, and then one that was last seen full.
    client.batch_execute("TRUNCATE outbox; ANALYZE outbox").await.unwrap();
    let fill = "INSERT INTO outbox (id, topic, key, payload)
                SELECT gen_random_uuid(), 'a', CASE WHEN n % 3 > 0 THEN 'k' || n % 1000 END, '' FROM generate_series(1, 200000) AS n";
    client.batch_execute(fill).await.unwrap();
    for statistics in ["empty", "full"] {
        let plan = store.explain().await.unwrap();
        check(&plan, statistics);
        let bounds = plan.lines().filter(|line| line.contains("Index Cond: ((ROW(lane, seq) > "));
        assert_eq!(bounds.count(), 3, "{statistics}: {plan}");
        assert!(!plan.contains("Join Filter"), "no row is compared with every lane: {statistics}: {plan}");
        assert_eq!(plan.matches("Sort Key: outbox_trouble.retry_at").count(), 1, "{statistics}: {plan}");
        assert_eq!(
            plan.matches("Sort").count(),
            2,
            "{statistics}: rows are read until the budget is used up: {plan}"
        );
        client.batch_execute("ANALYZE outbox").await.unwrap();
    }
}
