//! A backup is made while a service writes and a relay runs, and put back.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use capstone_outbox::Message;
use capstone_outbox::sqlite::{SqliteStore, enqueue};
use rusqlite::Connection;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::doctor::examine;
use crate::support::{Place, command, ended_child, lines, run, signal};

const PATIENCE: Duration = Duration::from_secs(120);

/// Commits an order and its message, one after the other and without a pause, until it is stopped.
async fn sell(store: Arc<SqliteStore>, stop: CancellationToken) -> i64 {
    for n in 1.. {
        let message = Message::new("orders.created".parse().unwrap(), n.to_string()).with_key("k").unwrap();
        let sold = store.transaction(move |tx| {
            tx.execute("INSERT INTO orders VALUES (?1)", [n])?;
            enqueue(tx, &message).map_err(|_| rusqlite::Error::InvalidQuery)
        });
        sold.await.unwrap();
        if stop.is_cancelled() {
            return n;
        }
    }
    unreachable!("it stops")
}

fn numbers(path: &Path, sql: &str) -> Vec<i64> {
    let connection = Connection::open(path).unwrap();
    let mut select = connection.prepare(sql).unwrap();
    select.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
}

fn payloads(path: &Path) -> Vec<i64> {
    let number =
        |line: &str| serde_json::from_str::<serde_json::Value>(line).unwrap()["payload"].as_i64().unwrap();
    fs::read_to_string(path).unwrap().lines().map(number).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_beside_a_writer_and_a_relay_is_whole_and_the_relay_goes_on_from_it() {
    let place = Place::new();
    let (db, path, copy) = (place.db(), place.path("shop.db"), place.path("backup.db"));
    run(&["migrate", "--db", &db]).await.done();
    Connection::open(&path).unwrap().execute_batch("CREATE TABLE orders (n INTEGER PRIMARY KEY)").unwrap();
    let (store, stop) = (Arc::new(SqliteStore::open(&path).unwrap()), CancellationToken::new());
    let shop = tokio::spawn(sell(store, stop.clone()));
    let out = place.path("out.ndjson");
    let sink = |path: &Path| format!("file:{}", path.display());
    let relay = command(&["relay", "--db", &db, "--sink", &sink(&out)]).spawn().unwrap();
    while lines(&out) < 20 {
        sleep(Duration::from_millis(5)).await;
    }
    let backup = ["backup", "--db", &db, "--to", copy.to_str().unwrap()];
    let told = timeout(PATIENCE, run(&backup)).await.expect("no writer keeps it from its end").done().stderr;
    assert!(told.contains("backup.db: a copy of sqlite:"), "{told}");
    run(&backup).await.failed_with(&["backup.db: there is such a file already"]);
    let delivered = lines(&out);
    while lines(&out) < delivered + 20 {
        sleep(Duration::from_millis(5)).await;
    }
    stop.cancel();
    let sold = shop.await.unwrap();
    signal(&relay, "-TERM").await;
    ended_child(relay).await.done();

    // The disk is lost; the backup is put in its place.
    for name in ["shop.db", "shop.db-wal", "shop.db-shm"] {
        let _ = fs::remove_file(place.path(name));
    }
    fs::rename(&copy, &path).unwrap();
    let orders = numbers(&path, "SELECT n FROM orders ORDER BY n");
    let kept = i64::try_from(orders.len()).unwrap();
    assert!(
        orders.iter().copied().eq(1..=kept) && kept < sold,
        "{kept} of {sold}: one moment, and an earlier one"
    );
    let waiting = numbers(&path, "SELECT CAST(CAST(payload AS TEXT) AS INTEGER) FROM outbox ORDER BY seq");
    assert!(
        waiting.iter().copied().eq(kept + 1 - waiting.len() as i64..=kept),
        "each order, and its message: {waiting:?}"
    );

    // A new order after the restore, and a relay that stays.
    place.enqueue("{\"topic\":\"orders.created\",\"key\":\"k\",\"payload\":0}\n").await.done();
    let again = place.path("again.ndjson");
    let relay = command(&["relay", "--db", &db, "--sink", &sink(&again)]).spawn().unwrap();
    let wait = async { while place.pending().await > 0 {} };
    timeout(PATIENCE, wait).await.expect("all is delivered");
    let examined = examine(&["--db", &db]).await;
    assert_eq!((examined.code, examined.complaints()), (0, vec![]));
    signal(&relay, "-TERM").await;
    ended_child(relay).await.done();
    assert!(
        payloads(&again).into_iter().eq(waiting.into_iter().chain([0])),
        "in order, and the new one last"
    );
    assert!(
        payloads(&out).into_iter().eq(1..=payloads(&out).len() as i64),
        "nothing was held up or came twice before"
    );
}

#[cfg(unix)]
#[tokio::test]
async fn whoever_may_not_read_the_database_may_not_read_its_copy() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::new();
    run(&["migrate", "--db", &place.db()]).await.done();
    let (original, copy) = (place.path("shop.db"), place.path("backup.db"));
    fs::set_permissions(&original, fs::Permissions::from_mode(0o600)).unwrap();
    run(&["backup", "--db", &place.db(), "--to", copy.to_str().unwrap()]).await.done();
    assert_eq!(fs::metadata(&copy).unwrap().permissions().mode() & 0o777, 0o600);
}

#[tokio::test]
async fn what_cannot_be_copied_leaves_nothing_behind() {
    let place = Place::new();
    let to = place.path("backup.db");
    let to = to.to_str().unwrap();
    run(&["backup", "--db", &place.db(), "--to", to]).await.failed_with(&["shop.db: no such file"]);
    fs::write(place.path("shop.db"), "a letter, not a database. ".repeat(50)).unwrap();
    run(&["backup", "--db", &place.db(), "--to", to]).await.failed_with(&["not an SQLite database"]);
    let nowhere = place.path("missing/backup.db");
    run(&["migrate", "--db", &format!("sqlite:{}", place.path("good.db").display())]).await.done();
    let good = format!("sqlite:{}", place.path("good.db").display());
    run(&["backup", "--db", &good, "--to", nowhere.to_str().unwrap()])
        .await
        .failed_with(&["missing/backup.db"]);
    let mut left: Vec<_> =
        fs::read_dir(place.path("")).unwrap().map(|file| file.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, ["good.db", "shop.db"]);
}
