//! The same ideas gone wrong. The tests prove what each does: it is late, it leaks, it loses, it repeats, it blocks.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use shared::Journal;
use tokio::sync::mpsc;
use tokio::task::spawn_local;
use tokio::time::{sleep, timeout};

use crate::bus::{Event, EventBus, Handler};
use crate::gateway::Gateway;
use crate::order::{self, OrderPlaced};
use crate::photos::PhotoUploaded;
use crate::pipeline::{GlovesNeeded, LineReceived};
use crate::points::{PointsEarned, WRITING_TAKES, three_events};
use crate::report::{Handled, HandlerError};
use crate::sharing::{Client, Config, three_orders};
use crate::upload::{Memory, send};

/// Late, and incomplete: each handler waits for the previous one, and the first error ends the loop.
// ANCHOR: one-after-another
pub async fn emit_one_after_another<E: Event>(bus: &EventBus, event: E) -> Result<(), HandlerError> {
    let event = Arc::new(event);
    for (_name, handler) in bus.handlers_of::<E>() {
        handler(event.clone()).await?;
    }
    Ok(())
}
// ANCHOR_END: one-after-another

/// The order and the handlers of `order::all_at_once`.
pub async fn one_after_another(journal: Journal) {
    let bus = EventBus::new();
    order::register(&bus, &journal);
    journal.log("shop", "emits order 7");
    if let Err(error) = emit_one_after_another(&bus, OrderPlaced { order: 7, cents: 1250 }).await {
        journal.log("shop", error);
    }
}

/// Leaks: the bus owns the handler, and the handler owns the bus. Neither is ever dropped.
// ANCHOR: owns-its-bus
pub fn owns_its_bus(bus: &EventBus) {
    let own = bus.clone();
    bus.on_fallible::<LineReceived>("pairs", move |line| {
        let bus = own.clone();
        async move {
            let pairs: u32 = line.text.parse()?;
            bus.emit(GlovesNeeded { gloves: pairs * 2 }).await.into_result()
        }
    });
}
// ANCHOR_END: owns-its-bus

/// Loses points: two calls for one customer overlap, and both read the same number.
// ANCHOR: overlapping
pub fn overlapping(journal: Journal) -> impl Handler<PointsEarned, ()> {
    let accounts: Arc<Mutex<HashMap<u32, u32>>> = Arc::default();
    move |earned: Arc<PointsEarned>| {
        let (accounts, journal) = (accounts.clone(), journal.clone());
        async move {
            let old = accounts.lock().expect("no panic").get(&earned.customer).copied().unwrap_or(0);
            sleep(WRITING_TAKES).await; // meanwhile another call reads the same `old`
            let new = old + earned.points;
            accounts.lock().expect("no panic").insert(earned.customer, new);
            journal.log(format_args!("customer {}", earned.customer), format_args!("has {new} points"));
        }
    }
}
// ANCHOR_END: overlapping

/// The events of `points::actors`.
pub async fn overlap(journal: Journal) {
    let bus = EventBus::new();
    bus.on::<PointsEarned>("points", overlapping(journal));
    bus.emit_batch_concurrent(three_events(), 3).await;
}

/// Charges twice: when the gateway does not answer within 100 ms, it asks again. The first request may have succeeded.
// ANCHOR: impatient
pub fn impatient(gateway: Arc<impl Gateway>) -> impl Handler<OrderPlaced, Handled> {
    move |placed: Arc<OrderPlaced>| {
        let gateway = gateway.clone();
        async move {
            let charge = || gateway.charge(placed.order, placed.cents);
            match timeout(Duration::from_millis(100), charge()).await {
                Ok(charged) => Ok(charged?),
                Err(_elapsed) => Ok(charge().await?),
            }
        }
    }
}
// ANCHOR_END: impatient

/// Blocks: the computation runs on the thread of the other handlers, and no task there can make progress. Outside of a
/// `LocalSet` it panics.
// ANCHOR: local-thumbnail
pub fn local_thumbnail(
    scale: impl Fn(&PhotoUploaded) + Clone + Send + Sync + 'static,
) -> impl Handler<PhotoUploaded, Handled> {
    move |photo: Arc<PhotoUploaded>| {
        let scale = scale.clone();
        async move { Ok(spawn_local(async move { scale(&photo) }).await?) }
    }
}
// ANCHOR_END: local-thumbnail

/// Connects for each event: each call makes a client of its own.
pub fn client_each(journal: Journal) -> impl Handler<OrderPlaced, Handled> {
    move |placed: Arc<OrderPlaced>| {
        let journal = journal.clone();
        async move {
            let client = Client::default();
            client.post(placed.order, &journal).await;
            Ok(())
        }
    }
}

/// The events of `sharing::one_client`.
pub async fn three_clients(journal: Journal) {
    let bus = EventBus::new();
    bus.on_fallible::<OrderPlaced>("webhook", client_each(journal));
    bus.emit_batch_sequential(three_orders()).await;
}

/// Copies the configuration for each event: a clone of a `Config` is another `Config`.
pub fn config_each(config: Config, journal: Journal) -> impl Handler<OrderPlaced, ()> {
    move |placed: Arc<OrderPlaced>| {
        let (config, journal) = (config.clone(), journal.clone());
        async move {
            sleep(Duration::from_millis(30)).await;
            journal.log("mail", config.confirms(placed.order));
        }
    }
}

/// Breaks in the second runtime, such as that of the second test: its task was spawned in the first, and ended with it.
pub static PRINTER: LazyLock<mpsc::Sender<u32>> = LazyLock::new(|| {
    let (orders, mut received) = mpsc::channel(8);
    tokio::spawn(async move { while received.recv().await.is_some() {} });
    orders
});

/// Frees nothing: a chunk borrows from the file, which is in memory as a whole until the function ends.
// ANCHOR: borrowed-chunks
pub async fn borrowed_chunks(memory: Memory, journal: Journal) {
    let file = memory.zeros(4096);
    for chunk in file.chunks(1024) {
        send(chunk, &memory, &journal).await;
        // Here `chunk` is dropped, which is a pointer and a length.
    }
}
// ANCHOR_END: borrowed-chunks

/// Large: the array lives across the await, so it is part of the future.
pub async fn send_average() -> u64 {
    let pixels = [7_u8; 64 * 1024];
    let average = pixels.iter().map(|&pixel| u64::from(pixel)).sum::<u64>() / pixels.len() as u64;
    sleep(Duration::from_millis(20)).await; // sends the average
    average
}
