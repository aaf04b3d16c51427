//! Nothing that the program says holds a password or a token, whatever goes wrong and however much it logs.

#[cfg(feature = "wire")]
use crate::support::Place;
use crate::support::{command, ended};

const SECRET: &str = "hunter2";

/// Everything that a command says, at the most talkative level, in both formats.
async fn said(arguments: &[&str], environment: &[(&str, &str)]) {
    let mut all = String::new();
    for format in ["text", "json"] {
        let mut command = command(arguments);
        command.env("CAPSTONE_LOG", "trace").env("CAPSTONE_LOG_FORMAT", format);
        command.envs(environment.iter().copied());
        let ended = ended(command.output().await.unwrap());
        all += &format!("{}{}", ended.stdout, ended.stderr);
    }
    assert!(!all.contains(SECRET), "{arguments:?}: {all}");
}

#[cfg(feature = "postgres")]
fn commands(db: &str) -> Vec<Vec<&str>> {
    let commands = [
        "migrate",
        "enqueue",
        "enqueue --per-line",
        "relay --until-empty --sink stdout",
        "relay --until-empty --sink stream",
        "status",
        "doctor",
        "dead list",
        "dead requeue --all",
        "keys list",
        "keys retry --parked",
        "pause",
        "resume",
        "stream list",
        "stream replay",
        "stream dead list outbox",
        "backup --to /nowhere/b.db",
        "config show",
        "demo",
    ];
    let with_db = |command: &'static str| {
        let mut words: Vec<&str> = command.split(' ').collect();
        if command != "config show" {
            words.extend(["--db", db]);
        }
        words
    };
    commands.into_iter().map(with_db).collect()
}

#[cfg(feature = "postgres")]
#[tokio::test]
async fn a_password_of_the_database_is_never_said() {
    let unreachable = format!("postgres://shop:{SECRET}@127.0.0.1:1/shop");
    for command in commands(&unreachable) {
        said(&command, &[("CAPSTONE_DB", &unreachable)]).await;
    }
    for wrong in ["?sslmode=disable", ":x/shop", "/shop?password=x&options=%"] {
        said(&["status", "--db", &format!("postgres://shop:{SECRET}@db.example{wrong}")], &[]).await;
    }
    said(&["serve", "--listen", "127.0.0.1:0", "--db", &unreachable], &[]).await;
    let Some(server) = capstone_postgres_server::Server::start() else { return };
    let db = server.address("postgres").replace("postgres@", &format!("postgres:{SECRET}@"));
    assert!(db.contains(SECRET), "{db}");
    for command in commands(&db) {
        said(&command, &[("CAPSTONE_DB", &db)]).await;
    }
}

#[cfg(feature = "wire")]
#[tokio::test]
async fn a_token_of_a_server_is_never_said() {
    let place = Place::new();
    place.enqueue("{\"topic\":\"a.b\",\"payload\":1}\n").await.done();
    let (db, token) = (place.db(), [("CAPSTONE_TOKEN", SECRET), ("CAPSTONE_HTTP_TOKEN", SECRET)]);
    for command in ["publish a.b", "request a.b", "subscribe a.b"] {
        let mut words: Vec<&str> = command.split(' ').collect();
        words.extend(["--server", "nats://127.0.0.1:1"]);
        said(&words, &token).await;
    }
    for address in ["nats://127.0.0.1:1", "tls://127.0.0.1:1"] {
        for command in [["relay", "--until-empty"], ["doctor", "--json"]] {
            said(&[&command[..], &["--db", &db, "--sink", address]].concat(), &token).await;
        }
    }
    for address in [format!("nats://u:{SECRET}@127.0.0.1:1"), format!("tls://u:{SECRET}@127.0.0.1:1")] {
        said(&["relay", "--db", &db, "--sink", &address, "--until-empty"], &[]).await;
        said(&["publish", "a.b", "--server", &address], &[]).await;
    }
    said(&["serve", "--listen", "256.0.0.1:0"], &token).await;
    said(&["serve", "--listen", "127.0.0.1:0", "--http", "here"], &token).await;
    said(&["config", "show"], &token).await;
    said(&["publish", "a.b", "--token", &SECRET.repeat(100)], &[]).await;
}
