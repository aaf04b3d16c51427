//! A service that knows prices, and the till of a shop that asks it.

use std::time::Duration;

use shared::Journal;
use tokio::time::sleep;

use crate::bus::{Bus, Message, Subscription};
use crate::request::RequestError;

/// Where prices are asked for.
pub const PRICES: &str = "prices.get";
/// How long the till waits for a price.
pub const PATIENCE: Duration = Duration::from_millis(100);
/// How long after a customer the next one comes.
pub const NEXT_CUSTOMER: Duration = Duration::from_millis(20);
/// What three customers buy.
pub const ARTICLES: [&str; 3] = ["lamp", "sofa", "chair"];

/// What a request returns.
pub type Answer = Result<Message, RequestError>;

/// Looks up a price: 130 ms for a lamp, 60 ms for a sofa, 45 ms for a chair.
pub async fn look_up(article: &str) -> &'static str {
    let (takes_ms, price) = match article {
        "lamp" => (130, "$40"),
        "sofa" => (60, "$900"),
        _ => (45, "$75"),
    };
    sleep(Duration::from_millis(takes_ms)).await;
    price
}

/// Answers one request after another, and never ends.
// ANCHOR: service
pub async fn service(bus: Bus, mut requests: Subscription, journal: Journal) {
    loop {
        let request = requests.recv().await;
        let price = look_up(&request.payload).await;
        let late = if bus.respond(&request, price) { "" } else { ", too late: nobody waits" };
        journal.log("prices", format_args!("answers {price} for the {}{late}", request.payload));
    }
}
// ANCHOR_END: service

/// A bus on which the service answers. It is subscribed before its task runs, so it misses no request.
// ANCHOR: start
pub fn start(journal: &Journal) -> Bus {
    let bus = Bus::default();
    let requests = bus.subscribe(PRICES);
    tokio::spawn(service(bus.clone(), requests, journal.clone()));
    bus
}
// ANCHOR_END: start

/// Three customers at a till.
// ANCHOR: till
pub async fn till(bus: Bus, journal: Journal) {
    for article in ARTICLES {
        journal.log("till", format_args!("asks for the {article}"));
        match bus.request(PRICES, article, PATIENCE).await {
            Ok(answer) => journal.log("till", format_args!("the {article} costs {}", answer.payload)),
            Err(error) => journal.log("till", format_args!("the {article}: {error}")),
        }
        sleep(NEXT_CUSTOMER).await;
    }
}
// ANCHOR_END: till

/// One request, made by `ask`.
pub async fn one_request(bus: Bus, journal: Journal, ask: impl AsyncFn(&Bus) -> Answer) {
    journal.log("till", "asks for the lamp");
    match ask(&bus).await {
        Ok(answer) => journal.log("till", format_args!("the lamp costs {}", answer.payload)),
        Err(error) => journal.log("till", format_args!("the lamp: {error}")),
    }
}

/// Three pages of the shop ask for a price, one after another. The customer leaves after 30 ms, which drops the request.
// ANCHOR: leave
pub async fn customers_leave(bus: Bus, journal: Journal, ask: impl AsyncFn(&Bus) -> Answer) {
    for page in ["page 1", "page 2", "page 3"] {
        journal.log(page, "asks for the lamp");
        tokio::select! {
            answer = ask(&bus) => drop(answer),
            () = sleep(Duration::from_millis(30)) => journal.log(page, "the customer leaves"),
        }
        sleep(Duration::from_millis(10)).await;
    }
    journal.log("main", format_args!("nobody waits; inboxes on the bus: {}", bus.inboxes()));
}
// ANCHOR_END: leave
