//! Two publishers on one topic: the shop and the coupons change the same order, and a board shows what it costs now.

use std::time::Duration;

use shared::Journal;
use tokio::time::sleep;

use crate::bus::{Bus, bus};
use crate::message::Message;
use crate::wanted::Wanted;

/// How long the shop and the coupons take to publish a change: the shop 40 ms, the coupons nothing.
pub const SHOP_IS_SLOW: [Duration; 2] = [Duration::from_millis(40), Duration::ZERO];

/// Shows the version that is highest, whenever it arrives. Returns the cents on the board at the end.
// ANCHOR: highest-version
pub async fn highest_version(publishing_takes: [Duration; 2], journal: Journal) -> u32 {
    board(publishing_takes, journal, |shown, message| {
        if message.version > shown.version {
            *shown = message.clone();
        }
    })
    .await
}
// ANCHOR_END: highest-version

/// The shop changes order 7 first, and the coupons 10 ms later. Each then takes its time to publish that.
pub async fn board(
    publishing_takes: [Duration; 2],
    journal: Journal,
    show: impl Fn(&mut Message, &Message),
) -> u32 {
    let (bus, actor) = bus(8);
    let running = tokio::spawn(actor.run());
    let wanted = Wanted::to("orders.changed").expect("a pattern");
    let mut changes = bus.subscribe(wanted).await.expect("the bus runs");
    let [shop_takes, coupons_take] = publishing_takes;
    let shop = change("shop", Duration::ZERO, 2500, 2, shop_takes, bus.clone(), &journal);
    let coupons = change("coupons", Duration::from_millis(10), 1500, 3, coupons_take, bus, &journal);
    let showing = async {
        let mut shown = Message::new("orders.changed", 7);
        while let Some(delivery) = changes.recv().await {
            show(&mut shown, &delivery.message);
            journal.log("board", format_args!("shows ${}", shown.cents / 100));
        }
        shown.cents
    };
    let (_, _, cents) = tokio::join!(shop, coupons, showing);
    running.await.expect("the bus does not panic");
    cents
}

async fn change(
    who: &str,
    after: Duration,
    cents: u32,
    version: u32,
    publishing_takes: Duration,
    bus: Bus,
    journal: &Journal,
) {
    sleep(after).await;
    journal.log(who, format_args!("changes order 7 to ${}: version {version}", cents / 100));
    sleep(publishing_takes).await;
    journal.log(who, format_args!("publishes version {version}"));
    let message = Message { cents, version, ..Message::new("orders.changed", 7) };
    let queued = bus.publish(message).await.expect("the bus runs");
    queued.receipt().await.expect("the bus runs");
}
