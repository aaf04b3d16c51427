//! Why a bus: an order service that calls three others, and the same four with a bus between them.

use std::time::Duration;

use shared::Journal;
use tokio::time::{Instant, sleep, sleep_until};

use crate::bus::{Bus, Subscription, bus};
use crate::message::Message;
use crate::wanted::Wanted;

/// The services that want to know of each order: who, what it does, and how long that takes.
pub const SERVICES: [Service; 3] = [
    Service { name: "billing", does: "charges", takes: Duration::from_millis(40) },
    Service { name: "mail", does: "confirms", takes: Duration::from_millis(70) },
    Service { name: "report", does: "counts", takes: Duration::from_millis(200) },
];
/// While it works on this order, the mail service is down.
pub const MAIL_IS_DOWN: u32 = 2;
/// When the second customer comes.
const SECOND_ORDER_AFTER: Duration = Duration::from_millis(400);

/// One of the services.
#[derive(Clone, Copy, Debug)]
pub struct Service {
    pub name: &'static str,
    pub does: &'static str,
    pub takes: Duration,
}

/// The service could not do it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failed;

impl Service {
    pub async fn call(self, order: u32, journal: &Journal) -> Result<(), Failed> {
        sleep(self.takes).await;
        if self.name == "mail" && order == MAIL_IS_DOWN {
            journal.log(self.name, "is down");
            return Err(Failed);
        }
        journal.log(self.name, format_args!("{} order {order}", self.does));
        Ok(())
    }
}

/// Two customers, one at 0 ms and one at 400 ms.
pub(crate) async fn two_customers(journal: &Journal, place_order: impl AsyncFn(u32) -> Result<(), Failed>) {
    let start = Instant::now();
    for order in [1, 2] {
        sleep_until(start + SECOND_ORDER_AFTER * (order - 1)).await;
        journal.log("customer", format_args!("places order {order}"));
        let outcome = if place_order(order).await.is_ok() { "is placed" } else { "has failed" };
        journal.log("customer", format_args!("is told: order {order} {outcome}"));
    }
}

/// Each service subscribes. The order service knows none of them.
pub async fn through_the_bus(journal: Journal) {
    let (bus, actor) = bus(8);
    let running = tokio::spawn(actor.run());
    let mut services = Vec::new();
    for service in SERVICES {
        let wanted = Wanted::to("orders.created").expect("a pattern");
        let orders = bus.subscribe(wanted).await.expect("the bus runs");
        services.push(tokio::spawn(serve(service, orders, journal.clone())));
    }
    two_customers(&journal, async |order| place_order(order, &bus).await).await;
    drop(bus);
    running.await.expect("the bus does not panic");
    for service in services {
        service.await.expect("a service does not panic");
    }
}

// ANCHOR: place-order
async fn place_order(order: u32, bus: &Bus) -> Result<(), Failed> {
    let queued = bus.publish(Message::new("orders.created", order)).await.map_err(|_| Failed)?;
    queued.receipt().await.map_err(|_| Failed)?;
    Ok(())
}

async fn serve(service: Service, mut orders: Subscription, journal: Journal) {
    while let Some(delivery) = orders.recv().await {
        // If it fails, that concerns this service alone.
        service.call(delivery.message.order, &journal).await.ok();
    }
}
// ANCHOR_END: place-order
