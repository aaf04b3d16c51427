//! `enqueue --per-line` says how much of its input is committed, whatever stops it.

use rusqlite::Connection;

use crate::support::{Ended, Place, command, ended_child, run};

/// A database that takes no message of the topic `bad`.
async fn place() -> Place {
    let place = Place::new();
    run(&["migrate", "--db", &place.db()]).await.done();
    let trigger = "CREATE TRIGGER no BEFORE INSERT ON outbox WHEN NEW.topic = 'bad' BEGIN SELECT RAISE(ABORT, 'no'); END";
    Connection::open(place.path("shop.db")).unwrap().execute_batch(trigger).unwrap();
    place
}

fn line(topic: &str) -> String {
    format!("{{\"topic\":\"{topic}\",\"payload\":1}}\n")
}

/// The number behind `enqueued`.
fn told(ended: &Ended) -> u64 {
    let words = ended.stderr.strip_prefix("error: enqueued ").expect(&ended.stderr);
    words.split(',').next().unwrap().parse().unwrap()
}

#[tokio::test]
async fn all_before_a_line_that_the_database_refuses_is_committed_and_none_behind_it() {
    for before in [0, 4, 700] {
        let place = place().await;
        let input = place.path("in.ndjson");
        std::fs::write(&input, line("a").repeat(before) + &line("bad") + &line("a").repeat(700)).unwrap();
        let arguments = ["enqueue", "--per-line", "--db", &place.db(), "--file", input.to_str().unwrap()];
        let ended = run(&arguments).await;
        assert_eq!(place.pending().await, before as u64, "{}", ended.stderr);
        ended.failed_with(&[
            &format!("enqueued {before}, then stopped: "),
            &format!("in.ndjson, line {}: ", before + 1),
            "no",
        ]);
    }
}

#[tokio::test]
async fn what_could_not_be_acknowledged_is_counted_too() {
    let place = place().await;
    let input = place.path("in.ndjson");
    std::fs::write(&input, line("a").repeat(700)).unwrap();
    let db = place.db();
    let arguments =
        ["enqueue", "--per-line", "--acknowledge", "--db", &db, "--file", input.to_str().unwrap()];
    let mut enqueue = command(&arguments).spawn().unwrap();
    drop(enqueue.stdout.take());
    let ended = ended_child(enqueue).await;
    let (told, pending) = (told(&ended), place.pending().await);
    assert!(told == pending && pending > 0, "{told} of {pending}");
    ended.failed_with(&["then stopped: standard output: "]);
}
