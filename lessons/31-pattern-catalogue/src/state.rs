//! Data that several tasks use: one task owns it, a lock guards it, or a channel has its newest value.

use std::sync::{Arc, Mutex};

use shared::Journal;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::work::ms;

// ANCHOR: actor
/// One task owns the number of lamps. A request is handled although its caller has given up.
pub async fn actor(journal: Journal) {
    let (mailbox, mut requests) = mpsc::channel::<oneshot::Sender<u32>>(8);
    let stock = tokio::spawn(async move {
        let mut lamps = 5;
        while let Some(answer) = requests.recv().await {
            sleep(ms(20)).await;
            lamps -= 1;
            answer.send(lamps).ok(); // the caller may be gone
        }
        lamps
    });
    let take = async |shop: &str, patience_ms| {
        let (answer, left) = oneshot::channel();
        mailbox.send(answer).await.expect("the actor has not ended");
        match timeout(ms(patience_ms), left).await {
            Ok(left) => journal.log(shop, format_args!("takes one of {}", left.expect("an answer") + 1)),
            Err(_elapsed) => journal.log(shop, "gives up"),
        }
    };
    tokio::join!(take("shop 1", 90), take("shop 2", 35), take("shop 3", 90));
    drop(mailbox);
    journal.log("main", format_args!("counts {} lamps", stock.await.expect("it does not panic")));
}
// ANCHOR_END: actor

// ANCHOR: shared-state
/// A lock of the standard library, held for one addition and across no await.
pub async fn shared_state(journal: Journal) {
    let sold = Arc::new(Mutex::new(0));
    let mut shops = JoinSet::new();
    for (shop, takes_ms, lamps) in [("shop 1", 70, 2), ("shop 2", 40, 1), ("shop 3", 95, 3)] {
        let (sold, journal) = (Arc::clone(&sold), journal.clone());
        shops.spawn(async move {
            sleep(ms(takes_ms)).await; // the customer pays; nothing is locked
            let total = {
                let mut sold = sold.lock().expect("an addition does not panic");
                *sold += lamps;
                *sold
            }; // unlocked
            journal.log(shop, format_args!("sells {lamps}, which makes {total}"));
        });
    }
    shops.join_all().await;
}
// ANCHOR_END: shared-state

// ANCHOR: hot-reload
/// Readers are notified when something has changed. A bad file changes nothing.
pub async fn hot_reload(journal: Journal) {
    let (config, mut changes) = watch::channel(100);
    let reload = async {
        for text in ["100", "1oo", "200"] {
            sleep(ms(40)).await; // reads the file
            match text.parse::<u32>() {
                Ok(new) => {
                    let is_new = |old: &mut u32| std::mem::replace(old, new) != new;
                    let notified = config.send_if_modified(is_new);
                    journal.log("reload", format_args!("reads {new}; a change: {notified}"));
                }
                Err(problem) => journal.log("reload", format_args!("keeps the old value: {problem}")),
            }
        }
        drop(config);
    };
    let relay = async {
        while changes.changed().await.is_ok() {
            journal.log("relay", format_args!("takes {} rows", *changes.borrow_and_update()));
        }
    };
    tokio::join!(reload, relay);
}
// ANCHOR_END: hot-reload
