//! Exercise 12.3: a display that shows what is true now.

use std::time::Duration;

use shared::Journal;
use tokio::sync::{mpsc, watch};
use tokio::time::sleep;

//~ begin
/// Copies ten files and has their number shown.
pub async fn copy_all(journal: Journal) {
    let (tx, rx) = watch::channel(0);
    let showing = tokio::spawn(display(rx, journal.clone()));
    for copied in 1..=10 {
        copy().await;
        tx.send_replace(copied); // overwrites what nobody has seen
    }
    journal.log("copier", "has copied 10 files");
    drop(tx); // the display ends when it has shown the last value
    showing.await.expect("the display does not panic");
}

/// Shows how many files are copied.
async fn display(mut progress: watch::Receiver<u32>, journal: Journal) {
    while progress.changed().await.is_ok() {
        let copied = *progress.borrow_and_update();
        draw(copied, &journal).await;
    }
}
//~ starter
//~| // TODO: whoever copies waits for whoever draws. Which kind of channel fits a value of which only the newest counts?
//~| /// Copies ten files and has their number shown.
//~| pub async fn copy_all(journal: Journal) {
//~|     let (tx, rx) = mpsc::channel(1);
//~|     let showing = tokio::spawn(display(rx, journal.clone()));
//~|     for copied in 1..=10 {
//~|         copy().await;
//~|         tx.send(copied).await.expect("the display outlives the sender");
//~|     }
//~|     journal.log("copier", "has copied 10 files");
//~|     drop(tx);
//~|     showing.await.expect("the display does not panic");
//~| }
//~|
//~| /// Shows how many files are copied.
//~| async fn display(mut progress: mpsc::Receiver<u32>, journal: Journal) {
//~|     while let Some(copied) = progress.recv().await {
//~|         draw(copied, &journal).await;
//~|     }
//~| }
//~ end

/// Takes 30 ms. Do not change it.
async fn copy() {
    sleep(Duration::from_millis(30)).await;
}

/// Takes 100 ms. Do not change it.
async fn draw(copied: u32, journal: &Journal) {
    journal.log("display", format_args!("shows {copied} of 10"));
    sleep(Duration::from_millis(100)).await;
}
