//! The tests of exercise 23.3. Your file and the solution are tested by this one copy.

use std::sync::Arc;
use std::time::Duration;

use shared::{HOUR, Journal, assert_journal};
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};
use tokio_test::task;

use super::sut::{Storage, Upload, store_all};

/// An upload: its id, its megabytes, and how many milliseconds it takes to store it.
type Row = (u32, u32, u64);

#[derive(Clone)]
struct Disk {
    rows: Arc<Vec<Row>>,
    journal: Journal,
}

impl Disk {
    fn new(rows: &[Row]) -> Self {
        Self { rows: Arc::new(rows.to_vec()), journal: Journal::new() }
    }
}

impl Storage for Disk {
    async fn store(&self, Upload { id, megabytes }: Upload) {
        let takes_ms = self.rows.iter().find(|row| row.0 == id).expect("an upload of this test").2;
        self.journal.log(format_args!("upload {id}"), format_args!("begins, {megabytes} MB"));
        sleep(Duration::from_millis(takes_ms)).await;
        self.journal.log(format_args!("upload {id}"), "is stored");
    }
}

/// Sends the uploads, as fast as they are received. The channel has one slot, so an upload is sent when the one before it
/// has been received. Returns what happened.
async fn stored(rows: &[Row]) -> Journal {
    let disk = Disk::new(rows);
    let (tx, rx) = mpsc::channel(1);
    let sending = tokio::spawn({
        let (rows, journal) = (disk.rows.clone(), disk.journal.clone());
        async move {
            for &(id, megabytes, _) in rows.iter() {
                let Ok(slot) = tx.reserve().await else { return };
                journal.log("source", format_args!("sends upload {id}"));
                slot.send(Upload { id, megabytes });
            }
        }
    });
    let ended = timeout(HOUR, store_all(rx, disk.clone())).await;
    disk.journal.log("store_all", if ended.is_ok() { "returns" } else { "has not returned" });
    sleep(HOUR).await; // what is left behind is logged now
    sending.abort();
    check_memory(rows, &disk.journal);
    disk.journal
}

/// Panics if more than 10 MB were being stored at the same time, unless that was a single upload.
#[track_caller]
fn check_memory(rows: &[Row], journal: &Journal) {
    let mut in_memory: Vec<Row> = Vec::new();
    for entry in journal.entries() {
        let Some(row) = rows.iter().find(|row| entry.task == format!("upload {}", row.0)) else { continue };
        if entry.what == "is stored" {
            in_memory.retain(|it| it.0 != row.0);
            continue;
        }
        in_memory.push(*row);
        let megabytes: u32 = in_memory.iter().map(|it| it.1).sum();
        let ids: Vec<u32> = in_memory.iter().map(|it| it.0).collect();
        assert!(
            megabytes <= 10 || ids.len() == 1,
            "at {} ms uploads {ids:?} are being stored, {megabytes} MB together: at most 10 MB are allowed, or a single upload",
            entry.at_ms
        );
    }
}

#[tokio::test(start_paused = true)]
async fn an_upload_begins_when_there_is_memory_for_it_and_none_overtakes() {
    let rows = [(4, 6, 130), (1, 3, 310), (7, 4, 70), (2, 1, 50), (9, 3, 110), (3, 2, 45)];
    assert_journal!(
        stored(&rows).await,
        [
            (0, "source", "sends upload 4"),
            (0, "source", "sends upload 1"),
            (0, "source", "sends upload 7"),
            (0, "source", "sends upload 2"),
            (0, "upload 4", "begins, 6 MB"),
            (0, "upload 1", "begins, 3 MB"),
            (130, "upload 4", "is stored"),
            (130, "upload 7", "begins, 4 MB"), // upload 2 is behind it, and would have fitted before
            (130, "upload 2", "begins, 1 MB"),
            (130, "source", "sends upload 9"),
            (130, "source", "sends upload 3"),
            (180, "upload 2", "is stored"),
            (180, "upload 9", "begins, 3 MB"), // now 10 MB are in use
            (200, "upload 7", "is stored"),
            (200, "upload 3", "begins, 2 MB"),
            (245, "upload 3", "is stored"),
            (290, "upload 9", "is stored"),
            (310, "upload 1", "is stored"),
            (310, "store_all", "returns"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn an_upload_that_is_larger_than_the_memory_is_stored_alone() {
    let rows = [(5, 2, 170), (8, 25, 90), (3, 1, 30), (6, 11, 60), (2, 10, 40)];
    assert_journal!(
        stored(&rows).await,
        [
            (0, "source", "sends upload 5"),
            (0, "source", "sends upload 8"),
            (0, "source", "sends upload 3"),
            (0, "upload 5", "begins, 2 MB"),
            (170, "upload 5", "is stored"),
            (170, "upload 8", "begins, 25 MB"),
            (170, "source", "sends upload 6"),
            (260, "upload 8", "is stored"),
            (260, "upload 3", "begins, 1 MB"),
            (260, "source", "sends upload 2"),
            (290, "upload 3", "is stored"),
            (290, "upload 6", "begins, 11 MB"),
            (350, "upload 6", "is stored"),
            (350, "upload 2", "begins, 10 MB"),
            (390, "upload 2", "is stored"),
            (390, "store_all", "returns"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn ten_small_ones_at_the_same_time() {
    let rows: Vec<Row> = (1..=11).rev().map(|id| (id, 1, 100 + u64::from(id) * 7)).collect();
    let journal = stored(&rows).await;
    let began = |id: u32| {
        let entries = journal.entries();
        let entry = entries.iter().find(|it| it.task == format!("upload {id}"));
        entry.unwrap_or_else(|| panic!("upload {id} has not been stored")).at_ms
    };
    for id in 2..=11 {
        assert_eq!(began(id), 0, "upload {id} of 1 MB has to begin at 0 ms: there is memory for ten");
    }
    assert_eq!(began(1), 114, "the eleventh begins when the first of the ten has been stored");
}

#[tokio::test(start_paused = true)]
async fn it_sleeps_while_there_is_no_memory() {
    let disk = Disk::new(&[(3, 8, 910), (1, 4, 730)]);
    let (tx, rx) = mpsc::channel(2);
    for (id, megabytes) in [(3, 8), (1, 4)] {
        tx.send(Upload { id, megabytes }).await.unwrap();
    }
    let mut storing = task::spawn(store_all(rx, disk));
    assert!(storing.poll_until_idle().is_pending(), "store_all has returned before the uploads were stored");
    sleep(Duration::from_millis(300)).await;
    assert!(
        !storing.is_woken(),
        "store_all was woken within 300 ms, although no memory has become free: it checks again and again instead of waiting"
    );
}
