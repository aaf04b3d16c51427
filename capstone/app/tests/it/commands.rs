//! Each command as a user would run it.

use serde_json::Value;

use crate::support::{EXAMPLES, EXAMPLES_COUNT, Place, lines, run, run_with};

#[tokio::test]
async fn a_message_goes_in_and_comes_out() {
    let place = Place::new();
    let line = r#"{"id":"019b8d2b-9027-7d5d-8cf6-35ee9e9e2fa4","topic":"orders.created","key":"order-1","headers":{"trace":"t"},"payload":{"cents":1250}}"#;
    place.enqueue(line).await.done();
    let relayed = run(&["relay", "--db", &place.db(), "--sink", "stdout", "--until-empty"]).await.done();
    let out: Value = serde_json::from_str(&relayed.stdout).unwrap();
    let mut expected: Value = serde_json::from_str(line).unwrap();
    expected["seq"] = 1.into();
    assert_eq!(out, expected);
    assert_eq!(relayed.stderr, "relayed 1\n");

    // What comes out goes in again: this is how messages move from one outbox to another.
    let second = Place::new();
    assert_eq!(second.enqueue(&relayed.stdout).await.done().stderr, "enqueued 1\n");
}

#[tokio::test]
async fn the_same_id_is_skipped_and_that_is_no_error() {
    let place = Place::new();
    let enqueue = ["enqueue", "--db", &place.db(), "--file", EXAMPLES];
    assert_eq!(run(&enqueue).await.done().stderr, format!("enqueued {EXAMPLES_COUNT}\n"));
    let again = run(&enqueue).await.done();
    assert!(again.stderr.starts_with(&format!("enqueued 0, skipped {EXAMPLES_COUNT}: ")), "{}", again.stderr);
    assert_eq!(place.pending().await, EXAMPLES_COUNT);
}

#[tokio::test]
async fn per_line_commits_each_line() {
    let place = Place::new();
    let ended = run(&["enqueue", "--per-line", "--db", &place.db(), "--file", EXAMPLES]).await.done();
    assert_eq!(ended.stderr, format!("enqueued {EXAMPLES_COUNT}\n"));
    place.relay_to("out.ndjson").await.done();
    assert_eq!(lines(&place.path("out.ndjson")), 4_000);
}

#[tokio::test]
async fn migrate_is_safe_to_repeat() {
    let place = Place::new();
    let migrate = ["migrate", "--db", &place.db()];
    assert!(run(&migrate).await.done().stderr.ends_with("the tables are now up to date\n"));
    assert!(run(&migrate).await.done().stderr.ends_with("the tables were up to date\n"));
}

#[tokio::test]
async fn migrate_prints_what_another_tool_may_run() {
    let place = Place::new();
    let print = ["migrate", "--print", "--db", &place.db()];
    let script = run(&print).await.done().stdout;
    assert!(!place.path("shop.db").exists(), "it changes nothing");
    assert_eq!(run(&[&print[..], &["--from", "0"]].concat()).await.done().stdout, script);
    rusqlite::Connection::open(place.path("shop.db")).unwrap().execute_batch(&script).unwrap();
    assert_eq!(run(&print).await.done().stdout, "", "nothing is missing");
    place.enqueue("{\"topic\":\"a\",\"payload\":1}\n").await.done();
    let without = run(&["migrate", "--from", "0", "--db", &place.db()]).await;
    assert_eq!(without.code, 2, "{}", without.stderr);
}

#[tokio::test]
async fn status_for_people_and_for_programs() {
    let place = Place::new();
    place.enqueue("{\"topic\":\"a\",\"payload\":1}\n").await.done();
    let people = run(&["status", "--db", &place.db()]).await.done().stdout;
    assert!(people.starts_with("pending  1  oldest "), "{people}");
    assert!(people.ends_with("held     0\ndead     0\nrelay    none\n"), "{people}");
    assert_eq!(place.pending().await, 1);
}

#[tokio::test]
async fn a_relay_carries_into_a_stream_which_is_listed_and_replayed() {
    let place = Place::with_examples().await;
    let relay = ["relay", "--db", &place.db(), "--sink", "stream:orders", "--until-empty"];
    assert_eq!(run(&relay).await.done().stderr, format!("relayed {EXAMPLES_COUNT}\n"));
    assert_eq!(place.pending().await, 0);
    let people = run(&["stream", "list", "--db", &place.db()]).await.done().stdout;
    assert!(people.starts_with("orders  messages 4000 (1 to 4000)  bytes "), "{people}");
    let json = run(&["stream", "list", "--json", "--db", &place.db()]).await.done().stdout;
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(
        (&json["name"], &json["messages"], &json["dead"]),
        (&"orders".into(), &4_000.into(), &0.into())
    );

    let replay = async |more: &[&str]| {
        let db = place.db();
        let mut arguments = vec!["stream", "replay", "orders", "--db", &db];
        arguments.extend(more);
        run(&arguments).await.done().stdout
    };
    assert_eq!(replay(&[]).await.lines().count(), 4_000);
    assert_eq!(replay(&["--from", "3999"]).await.lines().count(), 2);
    assert_eq!(replay(&["--from", "new"]).await, "");
    assert_eq!(replay(&["--since", "3600"]).await.lines().count(), 4_000);
    let last: Value = serde_json::from_str(&replay(&["--from", "last"]).await).unwrap();
    assert_eq!(last["seq"], 4_000);
    let created = replay(&["--filter", "orders.created"]).await;
    assert!(
        created.lines().count() > 0
            && created.lines().all(|line| line.contains(r#""topic":"orders.created""#))
    );
    let missing = run(&["stream", "replay", "--db", &place.db()]).await;
    missing.failed_with(&["stream \"outbox\" does not exist"]);
}

#[tokio::test]
async fn topics_are_matched_by_argument_and_by_line() {
    let one = |pattern, topic| async move { run(&["topic", "match", pattern, topic]).await };
    assert_eq!(one("orders.*", "orders.created").await.done().stdout, "true\n");
    assert_eq!(one("orders.>", "orders").await.done().stdout, "false\n");
    one("orders.*", "a..b").await.failed_with(&["topic \"a..b\"", "token 2 is empty"]);

    let lines = "a.*\ta.b\na.>\ta\n>\t$SYS.x\na..b\ta\nno tab\n";
    let answers = run_with(&["topic", "match"], lines).await.done().stdout;
    let answers: Vec<&str> = answers.lines().collect();
    assert_eq!(answers[..3], ["true", "false", "false"]);
    assert!(answers[3].starts_with("error: pattern \"a..b\""));
    assert_eq!(answers[4], "error: expected a pattern, a tab and a topic");
}

#[tokio::test]
async fn wrong_usage_exits_with_2() {
    for arguments in [
        &["fly"][..],
        &["relay", "--db", "sqlite:a.db"],
        &["relay", "--db", "sqlite:a.db", "--sink", "kafka://x"],
        &["status"],
        &["enqueue", "--db", "mysql:a"],
        &["demo", "--messages", "0"],
        &["topic", "match", "only-a-pattern"],
    ] {
        let ended = run(arguments).await;
        assert_eq!(ended.code, 2, "{arguments:?}: {}", ended.stderr);
    }
}

#[tokio::test]
async fn a_password_in_an_address_is_never_repeated() {
    let ended = run(&["status", "--db", "postgres://user:hunter2@host/db?sslmode=disable"]).await;
    assert_eq!(ended.code, 2);
    assert!(!ended.stderr.contains("hunter2"), "{}", ended.stderr);
}

#[tokio::test]
async fn help_shows_a_first_round_trip() {
    let help = run(&["--help"]).await.done().stdout;
    for word in ["capstone enqueue --db", "capstone relay --db", "Exit codes: 0 done, 1 failed"] {
        assert!(help.contains(word), "{word}");
    }
}

#[tokio::test]
async fn enqueue_acknowledges_what_is_committed() {
    let place = Place::new();
    let ids = ["019b8d2b-9027-7d5d-8cf6-35ee9e9e2fa4", "019b8d2b-9385-7a07-b05e-ca1a2972b860"];
    let line = |id| format!("{{\"topic\":\"a\",\"payload\":1,\"id\":\"{id}\"}}\n");
    let lines = line(ids[0]) + &line(ids[1]) + "no message\n";
    let arguments = ["enqueue", "--db", &place.db(), "--per-line", "--acknowledge"];
    let ended = run_with(&arguments, &lines).await;
    assert_eq!((ended.code, ended.stdout), (1, format!("{}\n{}\n", ids[0], ids[1])), "{}", ended.stderr);
    assert_eq!(place.pending().await, 2);
}
