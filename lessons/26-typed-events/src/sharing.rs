//! What handlers share: one client, and one configuration.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use shared::Journal;
use tokio::sync::OnceCell;
use tokio::time::sleep;

use crate::bus::{EventBus, Handler};
use crate::order::OrderPlaced;
use crate::report::Handled;
use crate::upload::Counted;

/// A client of a web service, as HTTP clients are: it connects when it is first used, and keeps the connection.
#[derive(Default)]
pub struct Client {
    connection: OnceCell<()>,
    connected: AtomicU32,
}

impl Client {
    /// Takes 80 ms to connect, for the first call, and 20 ms for each.
    pub async fn post(&self, order: u32, journal: &Journal) {
        let connect = async {
            sleep(Duration::from_millis(80)).await;
            self.connected.fetch_add(1, Ordering::Relaxed);
            journal.log("client", "connects");
        };
        self.connection.get_or_init(|| connect).await;
        sleep(Duration::from_millis(20)).await;
        journal.log("client", format_args!("posts order {order}"));
    }

    /// How often it has connected.
    pub fn connected(&self) -> u32 {
        self.connected.load(Ordering::Relaxed)
    }
}

// ANCHOR: static
/// Made when it is first used, and then the same for the whole program.
pub static CLIENT: LazyLock<Client> = LazyLock::new(Client::default);

pub fn webhook(journal: Journal) -> impl Handler<OrderPlaced, Handled> {
    move |placed: Arc<OrderPlaced>| {
        let journal = journal.clone();
        async move {
            CLIENT.post(placed.order, &journal).await;
            Ok(())
        }
    }
}
// ANCHOR_END: static

pub fn webhook_of(client: Arc<Client>, journal: Journal) -> impl Handler<OrderPlaced, Handled> {
    move |placed: Arc<OrderPlaced>| {
        let (client, journal) = (Arc::clone(&client), journal.clone());
        async move {
            client.post(placed.order, &journal).await;
            Ok(())
        }
    }
}

/// Three orders, and one client.
pub async fn one_client(journal: Journal) {
    let bus = EventBus::new();
    bus.on_fallible::<OrderPlaced>("webhook", webhook_of(Arc::default(), journal));
    bus.emit_batch_sequential(three_orders()).await;
}

/// Orders 1, 2 and 3.
pub fn three_orders() -> Vec<OrderPlaced> {
    (1..=3).map(|order| OrderPlaced { order, cents: 100 }).collect()
}

/// A configuration, and large. A clone of it is a copy of everything.
#[derive(Clone)]
pub struct Config {
    pub sender: &'static str,
    pub templates: Counted,
}

impl Config {
    pub(crate) fn confirms(&self, order: u32) -> String {
        format!("{} confirms order {order}, with {} bytes of templates", self.sender, self.templates.len())
    }
}

pub fn mail(config: Arc<Config>, journal: Journal) -> impl Handler<OrderPlaced, ()> {
    move |placed: Arc<OrderPlaced>| {
        let (config, journal) = (Arc::clone(&config), journal.clone()); // clones a pointer
        async move {
            sleep(Duration::from_millis(30)).await;
            journal.log("mail", config.confirms(placed.order));
        }
    }
}
