//! One database is one file, whatever paths lead to it, and an open store notices when its file is another one.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::time::Duration;

use capstone_outbox::sqlite::{SqliteStore, TransactionError, enqueue};
use capstone_outbox::store::{Owner, Store};
use capstone_outbox::{StoreError, doctor};
use rusqlite::Connection;
use tempfile::TempDir;
use tokio::time::{sleep, timeout};

use crate::support::message;

const HOUR: Duration = Duration::from_secs(3_600);

fn migrated() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.db");
    SqliteStore::migrate(&path).unwrap();
    (folder, path)
}

async fn has_lane(store: &SqliteStore, owner: &str) -> bool {
    !store.acquire(&Owner::new(owner), 1, HOUR).await.unwrap().is_empty()
}

async fn complaints(path: &Path) -> Vec<&'static str> {
    let findings = SqliteStore::examine(path).await;
    findings
        .into_iter()
        .filter(|finding| finding.level != doctor::Level::Ok)
        .map(|finding| finding.check)
        .collect()
}

#[tokio::test]
async fn two_paths_to_one_file_are_one_owner() {
    let (folder, path) = migrated();
    let at = |name: &str| folder.path().join(name);
    symlink("shop.db", at("current.db")).unwrap();
    symlink(".", at("data")).unwrap();
    for other in ["current.db", "data/shop.db", "missing/../shop.db", "./data/./current.db"] {
        let first = SqliteStore::open(&path).unwrap();
        assert!(has_lane(&first, "first").await);
        let second = SqliteStore::open(at(other)).unwrap();
        assert!(!has_lane(&second, "second").await, "{other}: the first is not dead");
        assert_eq!(complaints(&at(other)).await, [""; 0], "{other}: nor for the doctor");
        drop(first);
        assert!(has_lane(&second, "second").await, "{other}: now it is");
        second.leave(&Owner::new("second")).await.unwrap();
    }
    let mut files: Vec<_> =
        fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap().file_name()).collect();
    files.sort();
    assert_eq!(files, ["current.db", "data", "shop.db", "shop.db-relay"], "and one lock");
}

#[tokio::test]
async fn a_new_file_behind_a_link_is_made_where_the_link_leads() {
    let folder = tempfile::tempdir().unwrap();
    let (link, path) = (folder.path().join("current.db"), folder.path().join("shop.db"));
    symlink("shop.db", &link).unwrap();
    let first = SqliteStore::open(&link).unwrap();
    let second = SqliteStore::open(&path).unwrap();
    assert!(has_lane(&first, "first").await && !has_lane(&second, "second").await);
}

#[tokio::test]
async fn a_file_with_two_names_is_refused_and_found() {
    let (folder, path) = migrated();
    let other = folder.path().join("other.db");
    fs::hard_link(&path, &other).unwrap();
    for name in [&path, &other] {
        for error in [SqliteStore::open(name).err(), SqliteStore::migrate(name).err()] {
            let error = error.expect("refused");
            assert!(matches!(error, StoreError::Unusable { .. }), "{error}");
            assert!(error.to_string().contains("has 2 names (hard links)"), "{error}");
        }
    }
    let findings = SqliteStore::examine(&path).await;
    let names = findings.iter().find(|finding| finding.check == "names").unwrap();
    assert_eq!(names.level, doctor::Level::Problem);
    fs::remove_file(&other).unwrap();
    SqliteStore::open(&path).unwrap();
}

/// What a relay is told, and a service, within seconds.
async fn noticed(store: &SqliteStore) -> String {
    let owner = Owner::new("a");
    let wait = async {
        loop {
            match store.renew(&owner, HOUR).await {
                Ok(_) => sleep(Duration::from_millis(20)).await,
                Err(StoreError::Unusable { reason, .. }) => break reason,
                Err(error) => panic!("{error}"),
            }
        }
    };
    let reason = timeout(Duration::from_secs(20), wait).await.expect("within a second or two");
    let refused = store.transaction(|tx| enqueue(tx, &message("k", "1"))).await;
    assert!(
        matches!(&refused, Err(TransactionError::Store(StoreError::Unusable { reason: same, .. })) if *same == reason),
        "{refused:?}"
    );
    reason
}

fn waiting(path: &Path) -> i64 {
    let connection = Connection::open(path).unwrap();
    connection.query_row("SELECT count(*) FROM outbox", [], |row| row.get(0)).unwrap()
}

#[tokio::test]
async fn a_file_that_is_replaced_ends_the_store_and_the_new_one_is_left_alone() {
    let (folder, path) = migrated();
    let copy = folder.path().join("copy.db");
    fs::copy(&path, &copy).unwrap();
    let store = SqliteStore::open(&path).unwrap();
    store.transaction(|tx| enqueue(tx, &message("k", "old"))).await.unwrap();
    fs::rename(&copy, &path).unwrap();
    for log in ["shop.db-wal", "shop.db-shm"] {
        fs::remove_file(folder.path().join(log)).unwrap();
    }
    let new = SqliteStore::open(&path).unwrap();
    let put = |payload: &'static str| new.transaction(move |tx| enqueue(tx, &message("k", payload)));
    put("new").await.unwrap();
    put("newer").await.unwrap();
    assert!(
        noticed(&store)
            .await
            .starts_with("the file was replaced by another while it was open: stop every process")
    );
    drop(store);
    assert_eq!(new.status().await.unwrap().pending, 2);
    drop(new);
    assert_eq!(waiting(&path), 2);
}

#[tokio::test]
async fn a_file_that_is_removed_ends_the_store() {
    let (_folder, path) = migrated();
    let store = SqliteStore::open(&path).unwrap();
    fs::remove_file(&path).unwrap();
    assert!(noticed(&store).await.starts_with("the file was removed or renamed while it was open"));
}

#[tokio::test]
async fn a_log_that_is_removed_ends_the_store_and_what_it_held_is_saved() {
    for log in ["shop.db-wal", "shop.db-shm"] {
        let (folder, path) = migrated();
        let store = SqliteStore::open(&path).unwrap();
        store.transaction(|tx| enqueue(tx, &message("k", "1"))).await.unwrap();
        fs::remove_file(folder.path().join(log)).unwrap();
        let words = noticed(&store).await;
        assert!(
            words.starts_with(&format!("its {} file was removed", log.trim_start_matches("shop.db"))),
            "{words}"
        );
        // Opened by others while the store is still there, and after it.
        assert_eq!(waiting(&path), 1, "{log}");
        drop(store);
        assert_eq!(waiting(&path), 1, "{log}");
    }
}
