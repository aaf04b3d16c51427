//! Exercise 12.3: a display that shows what is true now.

use std::time::Duration;

use shared::Journal;
use tokio::sync::{mpsc, watch};
use tokio::time::sleep;

/// How long things take.
#[derive(Debug, Clone)]
pub struct Durations {
    /// To copy each of the files.
    pub files: Vec<Duration>,
    /// To draw a count.
    pub drawing: Duration,
}

/// Copies the files one after another, and has their count displayed.
pub async fn copy_all(durations: Durations, journal: Journal) {
    //~ begin
    let (tx, rx) = watch::channel(0);
    let showing = tokio::spawn(display(rx, durations.drawing, journal.clone()));
    for (count, file) in (1..).zip(durations.files) {
        copy(count, file, &journal).await;
        tx.send_replace(count); // overwrites the count, whether or not it has been seen
    }
    drop(tx); // the display ends when it has drawn the last count
    showing.await.expect("the display does not panic");
    //~ starter
    //~| // TODO: the copying waits for the display. Which kind of channel fits a value of which only the newest counts?
    //~| let (tx, rx) = mpsc::channel(1);
    //~| let showing = tokio::spawn(display(rx, durations.drawing, journal.clone()));
    //~| for (count, file) in (1..).zip(durations.files) {
    //~|     copy(count, file, &journal).await;
    //~|     tx.send(count).await.expect("the display outlives the sender");
    //~| }
    //~| drop(tx);
    //~| showing.await.expect("the display does not panic");
    //~ end
}

/// Draws how many files are copied.
//~ begin
async fn display(mut counts: watch::Receiver<u32>, drawing: Duration, journal: Journal) {
    while counts.changed().await.is_ok() {
        let count = *counts.borrow_and_update();
        draw(count, drawing, &journal).await;
    }
}
//~ starter
//~| async fn display(mut counts: mpsc::Receiver<u32>, drawing: Duration, journal: Journal) {
//~|     while let Some(count) = counts.recv().await {
//~|         draw(count, drawing, &journal).await;
//~|     }
//~| }
//~ end

/// Copies a file. Do not change it.
async fn copy(count: u32, takes: Duration, journal: &Journal) {
    sleep(takes).await;
    journal.log("copier", format_args!("has copied {count}"));
}

/// Draws a count. Do not change it.
async fn draw(count: u32, takes: Duration, journal: &Journal) {
    journal.log("display", format_args!("draws {count}"));
    sleep(takes).await;
}
