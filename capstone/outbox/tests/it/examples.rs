//! The examples do what they say.

#[path = "../../examples/own_sink.rs"]
#[expect(dead_code, reason = "its `main` is for whoever runs it alone")]
mod own_sink;
#[cfg(all(unix, feature = "postgres"))]
#[path = "../../examples/postgres.rs"]
#[expect(dead_code, reason = "its `main` is for whoever runs it alone")]
mod postgres;
#[path = "../../examples/sqlite.rs"]
#[expect(dead_code, reason = "its `main` is for whoever runs it alone")]
mod sqlite;

use std::fs;

#[tokio::test]
async fn a_webhook_is_a_sink() {
    let own_sink::Outcome { mut lines, report } = own_sink::run().await.unwrap();
    let order_1 =
        ["order-1 1: 500 Internal Server Error", "order-1 1: 204 No Content", "order-1 2: 204 No Content"];
    assert_eq!(lines.iter().filter(|line| line.starts_with("order-1")).collect::<Vec<_>>(), order_1);
    lines.retain(|line| line.starts_with("order-2"));
    assert_eq!(lines, ["order-2 no number: 422 Unprocessable Content"]);
    assert_eq!((report.published, report.failed, report.parked), (2, 2, 1));
}

#[tokio::test]
async fn a_service_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("out.ndjson");
    sqlite::run(&folder.path().join("shop.db"), &file).await.unwrap();
    let lines = fs::read_to_string(file).unwrap();
    let story: Vec<serde_json::Value> =
        lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let story: Vec<_> =
        story.iter().map(|line| format!("{} {} {}", line["topic"], line["key"], line["payload"])).collect();
    assert_eq!(
        story,
        [r#""orders.created" "order-1" {"cents":1250,"order":1}"#, r#""orders.paid" "order-1" 1"#]
    );
}

#[cfg(all(unix, feature = "postgres"))]
#[tokio::test]
async fn a_service_on_postgres_orders_again_after_a_deadlock() {
    use crate::support::{Scripted, ms};

    let Some(address) = crate::postgres::database().await else { return };
    let sink = Scripted::new(|_, _| (ms(0), Ok(())));
    let attempts = postgres::run(&address, std::sync::Arc::clone(&sink)).await.unwrap();
    // Three, unless the one that begins again is faster than the other one wakes up: then they meet once more.
    assert!(
        attempts >= 3,
        "both orders took {attempts} attempts, and the first of one of them must end in a deadlock"
    );
    let mut orders: Vec<String> = sink.story().iter().map(|line| line[5..].to_owned()).collect();
    orders.sort();
    assert_eq!(
        orders,
        ["order-1 ok", "order-1 ok", "order-2 ok", "order-2 ok"],
        "a message for each product"
    );
}
