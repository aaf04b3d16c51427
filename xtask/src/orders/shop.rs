//! The shop: which event comes next. Several orders are under way at any time; each takes its own steps in its order.

use serde::Serialize;

use super::SplitMix;
use super::names::{CHANNELS, CUSTOMERS, FILES, GOODS, NOTES};

/// How many orders are under way before a new one has to wait.
const UNDER_WAY: usize = 40;
const CUSTOMER_COUNT: u64 = 90;

/// One event, before it is given an id and a time.
pub(super) struct Event {
    pub topic: &'static str,
    pub key: Option<String>,
    pub source: &'static str,
    pub trace: u64,
    pub step: Step,
}

/// What an event says. The fields keep this order in the file.
#[derive(Serialize, Default)]
pub(super) struct Step {
    #[serde(skip_serializing_if = "Option::is_none")]
    order: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    customer: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    item: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    quantity: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    amount_cents: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bytes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    channel: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<&'static str>,
}

/// An order and the topics that are still before it, the next one last.
struct Order {
    number: u64,
    customer: &'static str,
    goods: (&'static str, u64),
    quantity: u64,
    trace: u64,
    ahead: Vec<&'static str>,
}

#[derive(Default)]
pub(super) struct Shop {
    orders: Vec<Order>,
    opened: u64,
}

impl Shop {
    pub(super) fn next(&mut self, random: &mut SplitMix) -> Event {
        match random.below(100) {
            0..8 => upload(random),
            8..16 => notification(random),
            16..30 => self.open(random),
            _ if self.orders.is_empty() => self.open(random),
            _ => self.go_on(random),
        }
    }

    fn open(&mut self, random: &mut SplitMix) -> Event {
        if self.orders.len() >= UNDER_WAY {
            return self.go_on(random);
        }
        self.opened += 1;
        let order = Order {
            number: 1000 + self.opened,
            customer: random.pick(&CUSTOMERS),
            goods: random.pick(&GOODS),
            quantity: 1 + random.below(4),
            trace: random.next(),
            ahead: way(random),
        };
        let note = Some(random.pick(&NOTES)).filter(|note| !note.is_empty());
        let mut event = order.event("orders.created");
        event.step.note = note;
        self.orders.push(order);
        event
    }

    /// One order, any of those under way, takes its next step.
    fn go_on(&mut self, random: &mut SplitMix) -> Event {
        let at = random.below(self.orders.len() as u64) as usize;
        let order = &mut self.orders[at];
        let topic = order.ahead.pop().expect("an order without steps has left the list");
        let event = order.event(topic);
        if order.ahead.is_empty() {
            self.orders.swap_remove(at);
        }
        event
    }
}

impl Order {
    fn event(&self, topic: &'static str) -> Event {
        let mut step = Step { order: Some(self.number), ..Step::default() };
        match topic {
            "orders.created" => {
                step.customer = Some(self.customer);
                step.item = Some(self.goods.0);
                step.quantity = Some(self.quantity);
                step.amount_cents = Some(self.goods.1 * self.quantity);
            }
            "orders.paid" => step.amount_cents = Some(self.goods.1 * self.quantity),
            _ if topic.starts_with("payments.") => step.amount_cents = Some(self.goods.1 * self.quantity),
            _ => {}
        }
        let source = if topic.starts_with("payments.") { "payment-service" } else { "order-service" };
        Event { topic, key: Some(format!("order-{}", self.number)), source, trace: self.trace, step }
    }
}

/// The steps after the creation, the last one first. Most orders arrive; some are cancelled, some come back.
fn way(random: &mut SplitMix) -> Vec<&'static str> {
    let paid = ["payments.authorized", "payments.captured", "orders.paid"];
    let sent = ["orders.packed", "orders.shipped", "orders.delivered"];
    let mut steps: Vec<&'static str> = match random.below(20) {
        0 => vec!["orders.cancelled"],
        1 => vec!["payments.authorized", "payments.failed", "orders.cancelled"],
        2 | 3 => [&["payments.authorized", "payments.failed"][..], &paid, &sent].concat(),
        4 => [&paid[..], &sent, &["orders.returned", "payments.refunded"]].concat(),
        _ => [&paid[..], &sent].concat(),
    };
    if random.below(4) == 0 {
        steps.insert(0, "orders.updated");
    }
    steps.reverse();
    steps
}

fn upload(random: &mut SplitMix) -> Event {
    let topic = random.pick(&["uploads.started", "uploads.completed", "uploads.completed", "uploads.failed"]);
    let key = format!("customer-{}", 1 + random.below(CUSTOMER_COUNT));
    let step = Step {
        file: Some(random.pick(&FILES)),
        bytes: Some(1024 + random.below(5_000_000)),
        ..Step::default()
    };
    Event { topic, key: Some(key), source: "upload-service", trace: random.next(), step }
}

/// Nobody waits for notifications in order: they have no key.
fn notification(random: &mut SplitMix) -> Event {
    let topic = random.pick(&["notifications.sent", "notifications.sent", "notifications.opened"]);
    let step = Step {
        customer: Some(random.pick(&CUSTOMERS)),
        channel: Some(random.pick(&CHANNELS)),
        ..Step::default()
    };
    Event { topic, key: None, source: "notification-service", trace: random.next(), step }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn an_order_is_created_first_and_pays_before_it_is_shipped() {
        let (mut shop, mut random) = (Shop::default(), SplitMix::new(3));
        let mut ways: BTreeMap<String, Vec<&str>> = BTreeMap::new();
        for _ in 0..2000 {
            let event = shop.next(&mut random);
            if let Some(key) = event.key.filter(|key| key.starts_with("order-")) {
                ways.entry(key).or_default().push(event.topic);
            }
        }
        for (key, way) in ways {
            assert_eq!(way[0], "orders.created", "{key}");
            let at = |topic| way.iter().position(|step| *step == topic);
            if let Some(shipped) = at("orders.shipped") {
                assert!(at("orders.paid").is_some_and(|paid| paid < shipped), "{key}: {way:?}");
            }
        }
        assert!(shop.orders.len() <= UNDER_WAY);
    }
}
