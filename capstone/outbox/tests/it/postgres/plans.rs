//! Which way PostgreSQL takes to the rows.

use super::{connect, migrated, open};

#[tokio::test]
async fn the_fetch_uses_its_partial_index_whatever_the_statistics_say() {
    let Some(address) = migrated().await else { return };
    let client = connect(&address).await;
    let store = open(&address).await;
    // What a queue looks like to the planner that was last seen empty, and then one that was last seen full.
    client.batch_execute("ANALYZE outbox").await.unwrap();
    let fill = "INSERT INTO outbox (id, topic, key, payload)
                SELECT gen_random_uuid(), 'a', CASE WHEN n % 3 > 0 THEN 'k' || n % 1000 END, '' FROM generate_series(1, 200000) AS n";
    client.batch_execute(fill).await.unwrap();
    for statistics in ["empty", "full"] {
        let plan = store.explain().await.unwrap();
        let scans: Vec<&str> =
            plan.lines().filter_map(|line| Some(line.split_once("->")?.1.trim())).collect();
        let scans: Vec<&str> = scans.into_iter().filter(|line| line.contains(" on outbox")).collect();
        let of_rows = |line: &&&str| !line.contains("outbox_trouble_pkey");
        let scans: Vec<&str> =
            scans.iter().filter(of_rows).map(|line| line.split(" on ").next().unwrap()).collect();
        let index = |name: &str| format!("Index Scan using outbox_{name}");
        let across_and_by_lane = ["pkey", "ready"];
        let below = ["xact", "xact", "ready"];
        let of_keys = ["ready", "trouble_due", "trouble_due", "held", "id"];
        let expected: Vec<&str> = [&across_and_by_lane[..], &below, &of_keys].concat();
        assert_eq!(scans, expected.into_iter().map(index).collect::<Vec<_>>(), "{statistics}: {plan}");
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
