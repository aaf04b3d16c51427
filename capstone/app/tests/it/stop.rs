//! What ends a relay besides SIGTERM: a terminal that is closed, a reader who has gone.

use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;
use tokio::time::{sleep, timeout};

use crate::support::{Place, command, ended_child, lines, run, signal};

const GOOD: &str = "{\"topic\":\"a.b\",\"payload\":1}\n";

async fn until(mut is_so: impl FnMut() -> bool) {
    let wait = async {
        while !is_so() {
            sleep(Duration::from_millis(1)).await;
        }
    };
    timeout(Duration::from_secs(60), wait).await.expect("in time");
}

/// Not under `nohup`, also when the tests are.
fn with_terminal(arguments: &[&str]) -> Command {
    let relay = command(arguments);
    if cfg!(not(target_os = "linux")) {
        return relay;
    }
    let mut env = Command::new("env");
    env.arg("--default-signal=HUP").arg(relay.as_std().get_program()).args(relay.as_std().get_args());
    for (name, value) in relay.as_std().get_envs() {
        match value {
            Some(value) => env.env(name, value),
            None => env.env_remove(name),
        };
    }
    env.kill_on_drop(true).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    env
}

/// A shell says it to its jobs, and the kernel to whoever is left: it may come twice, and means "at once" neither time.
#[tokio::test]
async fn a_closed_terminal_stops_a_relay_cleanly() {
    let place = Place::with_examples().await;
    let out = place.path("out.ndjson");
    let sink = format!("file:{}", out.display());
    let mut relay = with_terminal(&["relay", "--db", &place.db(), "--sink", &sink]).spawn().unwrap();
    // Nobody reads what it says any more.
    drop(relay.stderr.take());
    until(|| lines(&out) > 0).await;
    signal(&relay, "-HUP").await;
    signal(&relay, "-HUP").await;
    assert_eq!(ended_child(relay).await.code, 0);
    place.relay_to("out.ndjson").await.done();
    assert_eq!(lines(&out), 4_000, "none came twice");
}

#[tokio::test]
async fn after_a_closed_terminal_a_first_stop_is_still_a_drain() {
    let place = Place::with_examples().await;
    let mut relay = with_terminal(&["relay", "--db", &place.db(), "--sink", "stdout"]).spawn().unwrap();
    // One line is read and the rest is not: the drain waits for a pipe that is full.
    let mut stdout = BufReader::new(relay.stdout.take().unwrap()).lines();
    let mut stderr = BufReader::new(relay.stderr.take().unwrap()).lines();
    stdout.next_line().await.unwrap().expect("a message");
    signal(&relay, "-HUP").await;
    assert!(stderr.next_line().await.unwrap().expect("a word").starts_with("stopping: "));
    signal(&relay, "-TERM").await;
    assert!(stderr.next_line().await.unwrap().expect("a word").starts_with("stopping: "));
    signal(&relay, "-TERM").await;
    assert_eq!(relay.wait().await.unwrap().code(), Some(130));
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn nohup_keeps_a_relay_alive() {
    let place = Place::new();
    run(&["migrate", "--db", &place.db()]).await.done();
    let out = place.path("out.ndjson");
    let relay = command(&["relay", "--db", &place.db(), "--sink", &format!("file:{}", out.display())]);
    let mut nohup = Command::new("sh");
    nohup.args(["-c", "trap '' HUP; exec \"$0\" \"$@\""]).arg(relay.as_std().get_program());
    nohup.args(relay.as_std().get_args()).kill_on_drop(true).stdin(Stdio::null()).stderr(Stdio::piped());
    let nohup = nohup.spawn().unwrap();
    for expected in 1..=3 {
        place.enqueue(GOOD).await.done();
        until(|| lines(&out) == expected).await;
        signal(&nohup, "-HUP").await;
    }
    signal(&nohup, "-TERM").await;
    let ended = ended_child(nohup).await.done();
    assert!(ended.stderr.ends_with("relayed 3\n"), "{}", ended.stderr);
}
