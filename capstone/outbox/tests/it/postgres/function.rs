//! The function for other languages: every type of payload and headers, and a number that comes a second time.

use capstone_outbox::Message;
use capstone_outbox::postgres::{call, enqueue};
use tokio_postgres::Client;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::{ToSql, Type};

use super::enqueue::payloads;
use super::{connect, migrated};
use crate::support::message;

/// JSON of which bytea's escape format, or a conversion to jsonb and back, would change some bytes.
const JSON: [&str; 7] = [
    r#"{"path":"C:\\temp"}"#,
    r#"{"re":"\\d+"}"#,
    r#"{"quoted":"\""}"#,
    r#"{"line":"\n"}"#,
    r#"{"umlaut":"\u00fc"}"#,
    r#"{"raw":"ü€"}"#,
    r#"{ "b":1.0, "a" : 1,"a":2 }"#,
];

/// What lies there after the call, which is rolled back.
async fn stored(client: &mut Client, call: &str, parameters: &[&(dyn ToSql + Sync)]) -> (Vec<u8>, String) {
    let tx = client.transaction().await.unwrap();
    tx.query_one(call, parameters).await.unwrap_or_else(|error| panic!("{call}: {error:?}"));
    let row = tx.query_one("SELECT payload, headers::text FROM outbox", &[]).await.unwrap();
    (row.get(0), row.get(1))
}

#[tokio::test]
async fn other_languages_call_a_function() {
    let Some(address) = migrated().await else { return };
    let mut client = connect(&address).await;
    let tx = client.transaction().await.unwrap();
    let call = "SELECT outbox_enqueue('orders.created', 'k', '{\"cents\":1250}', '{\"a\":\"b\"}', $1)";
    let id = uuid::Uuid::now_v7();
    assert_eq!(tx.query_one(call, &[&id]).await.unwrap().get::<_, Option<i64>>(0), Some(1));
    assert_eq!(tx.query_one(call, &[&id]).await.unwrap().get::<_, Option<i64>>(0), None);
    tx.batch_execute("SELECT outbox_enqueue('orders.created', NULL, 'no key')").await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(payloads(&client).await, ["{\"cents\":1250}", "no key"]);
    for bad in
        ["'a', '', ''", "'a', NULL, '', '[]'", "NULL, 'k', ''", "'a', 'k', NULL", "'a', repeat('k', 513), ''"]
    {
        assert!(client.batch_execute(&format!("SELECT outbox_enqueue({bad})")).await.is_err(), "{bad}");
    }
}

#[tokio::test]
async fn the_function_stores_the_bytes_that_the_caller_wrote() {
    let Some(address) = migrated().await else { return };
    let mut client = connect(&address).await;
    for json in JSON {
        let as_written = (json.as_bytes().to_vec(), "{}".to_owned());
        for cast in ["", "::text", "::varchar", "::json"] {
            let literal = format!("SELECT outbox_enqueue('t', 'k', '{json}'{cast})");
            assert_eq!(stored(&mut client, &literal, &[]).await, as_written, "{literal}");
        }
        // A parameter whose type the client leaves open, as psycopg does with a str; and the two types that it may name.
        let open = "SELECT outbox_enqueue('t', 'k', $1)";
        assert_eq!(stored(&mut client, open, &[&json]).await, as_written);
        let text = "SELECT outbox_enqueue('t', 'k', $1::text)";
        assert_eq!(stored(&mut client, text, &[&json]).await, as_written);
        let bytes = "SELECT outbox_enqueue('t', 'k', $1::bytea)";
        assert_eq!(stored(&mut client, bytes, &[&json.as_bytes()]).await, as_written);

        let binary = format!("SELECT outbox_enqueue('t', 'k', '{json}'::jsonb)");
        let its_text: String =
            client.query_one(&format!("SELECT '{json}'::jsonb::text"), &[]).await.unwrap().get(0);
        assert_eq!(stored(&mut client, &binary, &[]).await, (its_text.into_bytes(), "{}".to_owned()));
    }
    let raw = &b"\\x00\xff\0"[..];
    let bytes = "SELECT outbox_enqueue('t', 'k', $1::bytea)";
    assert_eq!(stored(&mut client, bytes, &[&raw]).await.0, raw);
}

#[tokio::test]
async fn the_function_takes_headers_of_each_type_with_each_payload() {
    let Some(address) = migrated().await else { return };
    let mut client = connect(&address).await;
    for payload in ["'1'", "'1'::text", "'1'::json", "'1'::jsonb", "'1'::bytea"] {
        for headers in [
            "",
            ", '{\"a\":\"b\"}'",
            ", '{\"a\":\"b\"}'::text",
            ", '{\"a\":\"b\"}'::json",
            ", '{\"a\": \"b\"}'::jsonb",
        ] {
            let call = format!("SELECT outbox_enqueue('t', 'k', {payload}{headers})");
            let stored = stored(&mut client, &call, &[]).await;
            assert_eq!((stored.0, stored.1.contains('a')), (b"1".to_vec(), !headers.is_empty()), "{call}");
        }
        let named = format!(
            "SELECT outbox_enqueue(topic => 't', key => NULL, payload => {payload}, id => gen_random_uuid())"
        );
        assert_eq!(stored(&mut client, &named, &[]).await.1, "{}");
    }
    let open = "SELECT outbox_enqueue('t', 'k', $1, $2, $3)";
    let headers = r#"{"a":"\u0000"}"#;
    let enqueued = stored(&mut client, open, &[&"1", &headers, &uuid::Uuid::now_v7()]).await;
    assert_eq!(enqueued, (b"1".to_vec(), headers.to_owned()));
}

#[tokio::test]
async fn a_number_that_comes_a_second_time_is_an_error_that_says_what_to_do() {
    let Some(address) = migrated().await else { return };
    let mut client = connect(&address).await;
    client.batch_execute("SELECT outbox_enqueue('t', 'first', '1')").await.unwrap();
    let behind = "SELECT setval('outbox_seq_seq', 1, false)";
    client.batch_execute(behind).await.unwrap();
    let error = client.batch_execute("SELECT outbox_enqueue('t', 'second', '2')").await.unwrap_err();
    let error = error.as_db_error().unwrap();
    assert_eq!(
        (error.code(), error.message()),
        (
            &SqlState::UNIQUE_VIOLATION,
            "the number for this message is in use: the sequence outbox_seq_seq is behind the rows"
        )
    );

    client.batch_execute(behind).await.unwrap();
    let tx = client.transaction().await.unwrap();
    let said = enqueue(&tx, &message("second", "2")).await.unwrap_err().to_string();
    tx.rollback().await.unwrap();
    assert!(
        said.ends_with(&format!("is behind the rows, as after a restore: {}", error.hint().unwrap())),
        "{said}"
    );
    assert_eq!(payloads(&client).await, ["1"]);

    client.batch_execute(error.hint().unwrap()).await.unwrap();
    client.batch_execute("SELECT outbox_enqueue('t', 'second', '2')").await.unwrap();
    assert_eq!(payloads(&client).await, ["1", "2"]);
}

#[tokio::test]
async fn other_libraries_get_a_statement_and_its_parameters() {
    let Some(address) = migrated().await else { return };
    let mut client = connect(&address).await;
    let payload = &b"\\x00\xff\0"[..];
    for key in [None, Some("k")] {
        let message = Message::new("orders.created".parse().unwrap(), payload).with_header("a", "nul \0");
        let message = match key {
            Some(key) => message.with_key(key).unwrap(),
            None => message,
        };
        let call = call(&message);
        let values: [&(dyn ToSql + Sync); 5] =
            [&call.topic, &call.key, &call.payload, &call.headers, &call.id];
        // One that asks the server for the types of the parameters, and one that names them.
        let types = [Type::TEXT, Type::TEXT, Type::BYTEA, Type::TEXT, Type::TEXT];
        let tx = client.transaction().await.unwrap();
        let number = tx.query_one(call.sql, &values).await.unwrap().get::<_, Option<i64>>(0);
        assert!(number.is_some());
        let typed: Vec<_> = values.into_iter().zip(types).collect();
        let again = tx.query_typed(call.sql, &typed).await.unwrap();
        assert_eq!(again[0].get::<_, Option<i64>>(0), None, "the same id");
        let row =
            tx.query_one("SELECT topic, key, payload, headers::text, id FROM outbox", &[]).await.unwrap();
        assert_eq!((row.get(0), row.get(1), row.get(2)), ("orders.created", key, payload));
        assert_eq!((row.get(3), row.get::<_, uuid::Uuid>(4).to_string()), (r#"{"a":"nul \u0000"}"#, call.id));
    }
}
