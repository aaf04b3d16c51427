//! Our sinks keep the promises that `capstone_outbox::testing` asks of anybody's.

use std::path::PathBuf;
use std::sync::Mutex;

use capstone_bus::{Bus, Subscription};
use capstone_outbox::sink::{BusSink, FileSink};
use capstone_outbox::testing::sink::{Received, Subject};
use futures::FutureExt;
use tempfile::TempDir;
use tokio::task::unconstrained;

struct File {
    sink: FileSink,
    path: PathBuf,
    _folder: TempDir,
}

impl File {
    fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.ndjson");
        Self { sink: FileSink::open(&path).unwrap(), path, _folder: folder }
    }
}

impl Subject for File {
    type Sink = FileSink;

    fn sink(&self) -> &FileSink {
        &self.sink
    }

    async fn received(&self) -> Vec<Received> {
        let text = tokio::fs::read_to_string(&self.path).await.unwrap();
        // A reader refuses what has no valid topic or headers.
        let messages = text.lines().filter_map(|line| capstone_outbox::json::parse(line).ok());
        messages.map(|message| Received::from(&message)).collect()
    }
}

struct OnTheBus {
    sink: BusSink,
    subscription: tokio::sync::Mutex<Subscription>,
    received: Mutex<Vec<Received>>,
}

impl OnTheBus {
    fn open() -> Self {
        let bus = Bus::new();
        let subscription = bus.subscription(">").capacity(10_000).open().unwrap();
        Self { sink: BusSink::new(bus), subscription: subscription.into(), received: Mutex::default() }
    }
}

impl Subject for OnTheBus {
    type Sink = BusSink;

    fn sink(&self) -> &BusSink {
        &self.sink
    }

    async fn received(&self) -> Vec<Received> {
        let mut subscription = self.subscription.lock().await;
        // What is there is there at once; the runtime must not interrupt that.
        while let Some(Some(delivery)) = unconstrained(subscription.recv()).now_or_never() {
            let headers: Vec<(String, String)> =
                delivery.headers().iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
            self.received.lock().unwrap().push(without_ours(headers, &delivery.payload));
        }
        self.received.lock().unwrap().clone()
    }
}

/// Id and key are headers of the sink's own.
fn without_ours(headers: Vec<(String, String)>, payload: &[u8]) -> Received {
    let ours = |name: &str| headers.iter().find(|(found, _)| found == name).map(|(_, value)| value.clone());
    let (id, key) = (ours("outbox-id").unwrap().parse().unwrap(), ours("outbox-key"));
    let is_ours = |name: &str| ["outbox-id", "outbox-seq", "outbox-key", "Nats-Msg-Id"].contains(&name);
    let headers = headers.into_iter().filter(|(name, _)| !is_ours(name)).collect();
    Received::new(id, key, headers, payload.to_vec())
}

#[cfg(feature = "nats")]
mod on_a_server {
    use super::*;
    use crate::nats::Server;
    use capstone_outbox::sink::NatsSink;

    pub(super) struct Nats {
        sink: NatsSink,
        server: Server,
    }

    impl Nats {
        /// `None` where there is no nats-server.
        pub(super) async fn open() -> Option<Self> {
            let server = Server::start().await?;
            Some(Self { sink: server.with_orders().await, server })
        }
    }

    impl Subject for Nats {
        type Sink = NatsSink;

        fn sink(&self) -> &NatsSink {
            &self.sink
        }

        async fn received(&self) -> Vec<Received> {
            let received = self.server.stored().await.into_iter().map(|message| {
                let headers = message.headers.unwrap_or_default();
                let headers = headers.iter().flat_map(|(name, values)| {
                    values.iter().map(|value| (name.to_string(), value.to_string())).collect::<Vec<_>>()
                });
                without_ours(headers.collect(), &message.payload)
            });
            received.collect()
        }
    }
}

macro_rules! promises {
    ($($promise:ident),+ $(,)?) => {
        mod file {
            $(#[tokio::test] async fn $promise() {
                capstone_outbox::testing::sink::$promise(async || super::File::open()).await;
            })+
        }
        mod bus {
            $(#[tokio::test] async fn $promise() {
                capstone_outbox::testing::sink::$promise(async || super::OnTheBus::open()).await;
            })+
        }
        #[cfg(feature = "nats")]
        mod nats {
            $(#[tokio::test] async fn $promise() {
                let Some(subject) = super::on_a_server::Nats::open().await else { return };
                capstone_outbox::testing::sink::$promise(async || subject).await;
            })+
        }
    };
}

promises!(
    what_is_taken_has_arrived_as_it_was,
    messages_of_a_key_arrive_in_their_order,
    many_at_once_arrive_once_each,
    a_repeat_has_the_same_id,
    what_can_never_be_sent_is_said_so_and_stops_nothing,
    a_publish_that_is_dropped_harms_no_other,
);

#[tokio::test]
async fn all_promises_are_these() {
    capstone_outbox::testing::sink::all(async || File::open()).await;
}
