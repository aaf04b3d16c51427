//! The four channels of Tokio. Each function shows who gets what, and what becomes of the rest.

use shared::Journal;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{broadcast, mpsc, oneshot, watch};
use tokio::time::sleep;

use crate::work::ms;

// ANCHOR: mpsc
/// A full channel makes its sender wait. The receiver ends with the last sender.
pub async fn mpsc(journal: Journal) {
    let (tx, mut rx) = mpsc::channel(1);
    let shop = async {
        for (event, takes_ms) in [(1, 40), (2, 70), (3, 30)] {
            tx.send((event, takes_ms)).await.expect("the relay outlives the shop");
            journal.log("shop", format_args!("has queued event {event}"));
        }
        drop(tx);
    };
    let relay = async {
        while let Some((event, takes_ms)) = rx.recv().await {
            sleep(ms(takes_ms)).await;
            journal.log("relay", format_args!("has published event {event}"));
        }
        journal.log("relay", "ends with its channel");
    };
    tokio::join!(shop, relay);
}
// ANCHOR_END: mpsc

// ANCHOR: oneshot
/// One answer, or the news that there will be none.
pub async fn oneshot(journal: Journal) {
    let (answer, stock) = oneshot::channel();
    let (unused, price) = oneshot::channel::<u32>();
    let service = tokio::spawn(async move {
        sleep(ms(60)).await;
        answer.send(7).expect("the shop is waiting");
        sleep(ms(50)).await;
        drop(unused);
    });
    let stock = stock.await.expect("the service answers");
    journal.log("shop", format_args!("has {stock} lamps"));
    if price.await.is_err() {
        journal.log("shop", "learns that there will be no price");
    }
    service.await.expect("the service does not panic");
}
// ANCHOR_END: oneshot

// ANCHOR: broadcast
/// Every subscriber gets every order, unless it lags behind the ring of two slots.
pub async fn broadcast(journal: Journal) {
    let (tx, audit) = broadcast::channel(2);
    let mail = tx.subscribe();
    let shop = async move {
        for order in 1..=4 {
            tx.send(order).expect("there are subscribers"); // never waits
            sleep(ms(20)).await;
        }
    };
    let subscriber = async |name: &str, takes_ms, mut orders: broadcast::Receiver<u32>| {
        loop {
            match orders.recv().await {
                Ok(order) => journal.log(name, format_args!("has order {order}")),
                Err(RecvError::Lagged(missed)) => journal.log(name, format_args!("has missed {missed}")),
                Err(RecvError::Closed) => break,
            }
            sleep(ms(takes_ms)).await;
        }
    };
    tokio::join!(shop, subscriber("audit", 5, audit), subscriber("mail", 70, mail));
}
// ANCHOR_END: broadcast

// ANCHOR: watch
/// The newest value. The values in between are never seen.
pub async fn watch(journal: Journal) {
    let (progress, mut changes) = watch::channel(0);
    let upload = async move {
        for percent in [10, 40, 70, 100] {
            progress.send_replace(percent); // never waits
            sleep(ms(20)).await;
        }
    };
    let display = async {
        while changes.changed().await.is_ok() {
            let percent = *changes.borrow_and_update();
            journal.log("display", format_args!("draws {percent} %"));
            sleep(ms(50)).await;
        }
        journal.log("display", "ends with its channel");
    };
    tokio::join!(upload, display);
}
// ANCHOR_END: watch
