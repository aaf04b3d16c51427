//! What lesson 26 claims about the inside of handlers: limits, computations, fakes, what they share and what they hold.

use std::mem::size_of_val;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use lesson_26::gateway::{Declined, Gateway, billing};
use lesson_26::limits::{MINUTE, at_once, per_window};
use lesson_26::order::OrderPlaced;
use lesson_26::parcel::{Delivered, parcels};
use lesson_26::photos::{PhotoUploaded, thumbnail};
use lesson_26::points::{PointsEarned, per_customer, three_events};
use lesson_26::sharing::{CLIENT, Config, mail, three_orders, webhook};
use lesson_26::upload::{self, Memory};
use lesson_26::{EventBus, Handler, wrong};
use shared::Journal;
use tokio::runtime::Builder;
use tokio::sync::Notify;
use tokio::task::LocalSet;
use tokio::time::{Instant, sleep, timeout};
use tokio_test::{assert_pending, task};

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

fn order(order: u32) -> OrderPlaced {
    OrderPlaced { order, cents: 1250 }
}

#[derive(Default)]
struct Running {
    now: AtomicUsize,
    most: AtomicUsize,
}

#[tokio::test(start_paused = true)]
async fn at_most_ten_calls_at_once_but_all_emissions_wait() {
    let (bus, running, start) = (EventBus::new(), Arc::new(Running::default()), Instant::now());
    let seen = running.clone();
    bus.on_fallible::<Delivered>(
        "review",
        at_once(10, move |delivered: Arc<Delivered>| {
            let running = seen.clone();
            async move {
                running.most.fetch_max(running.now.fetch_add(1, Ordering::Relaxed) + 1, Ordering::Relaxed);
                sleep(delivered.takes).await;
                running.now.fetch_sub(1, Ordering::Relaxed);
                Ok(())
            }
        }),
    );
    // All 1,000 events are in memory, and 990 of them wait for a permit.
    bus.emit_batch_concurrent(parcels(&[100; 1000]), 1000).await;
    assert_eq!(running.most.load(Ordering::Relaxed), 10);
    assert_eq!(start.elapsed(), ms(10_000));
}

/// A handler that notes when its calls begin, and a bus that limits it to 100 calls a minute.
fn hundred_a_minute() -> (EventBus, Arc<Mutex<Vec<u64>>>) {
    let (bus, begun, start) = (EventBus::new(), Arc::<Mutex<Vec<u64>>>::default(), Instant::now());
    let seen = begun.clone();
    bus.on_fallible::<Delivered>(
        "review",
        per_window(100, MINUTE, move |_| {
            seen.lock().unwrap().push(start.elapsed().as_millis() as u64);
            async { Ok(()) }
        }),
    );
    (bus, begun)
}

#[tokio::test(start_paused = true)]
async fn of_250_calls_100_begin_each_minute() {
    let (bus, begun) = hundred_a_minute();
    bus.emit_batch_concurrent(parcels(&[0; 250]), 250).await;
    let begun = begun.lock().unwrap();
    let count = |at_ms| begun.iter().filter(|&&begun_ms| begun_ms == at_ms).count();
    assert_eq!((count(0), count(60_000), count(120_000)), (100, 100, 50));
}

#[tokio::test(start_paused = true)]
async fn in_no_window_of_a_minute_begin_more_than_100_calls() {
    let (bus, begun) = hundred_a_minute();
    for number in 0..400_u64 {
        sleep(ms(number * 37 % 911)).await; // on average more often than the limit allows
        bus.emit_batch_sequential(parcels(&[0])).await;
    }
    let begun = begun.lock().unwrap();
    assert_eq!(begun.len(), 400);
    assert!(begun.windows(101).all(|calls| calls[100] - calls[0] >= 60_000));
    assert!(begun.windows(101).any(|calls| calls[100] - calls[0] == 60_000), "the limit is used");
}

#[tokio::test(start_paused = true)]
async fn an_emission_that_gives_up_uses_no_turn() {
    let (bus, begun) = hundred_a_minute();
    bus.emit_batch_concurrent(parcels(&[0; 100]), 100).await;
    let gives_up = bus.emit_batch_concurrent(parcels(&[0; 20]), 20);
    assert!(timeout(ms(30_000), gives_up).await.is_err());
    bus.emit_batch_concurrent(parcels(&[0; 100]), 100).await;
    assert_eq!(begun.lock().unwrap()[100..], [60_000; 100]);
}

#[tokio::test(start_paused = true)]
async fn the_actors_end_when_the_bus_is_dropped() {
    let journal = Journal::new();
    let bus = EventBus::new();
    bus.on_fallible::<PointsEarned>("points", per_customer(journal));
    bus.emit_batch_sequential(three_events()).await;
    let alive = || tokio::runtime::Handle::current().metrics().num_alive_tasks();
    assert_eq!(alive(), 2, "one for each customer");
    drop(bus);
    sleep(ms(1)).await;
    assert_eq!(alive(), 0);
}

// ANCHOR: fake
/// Records each charge, and answers what it was told to, after a while.
struct FakeGateway {
    takes: Duration,
    answer: Result<(), Declined>,
    charges: Mutex<Vec<(u32, u32)>>,
}

impl Gateway for FakeGateway {
    async fn charge(&self, order: u32, cents: u32) -> Result<(), Declined> {
        self.charges.lock().unwrap().push((order, cents));
        sleep(self.takes).await;
        self.answer
    }
}

#[tokio::test(start_paused = true)]
async fn an_order_is_charged_exactly_once() {
    let (bus, gateway) = (EventBus::new(), fake(ms(150), Ok(())));
    bus.on_fallible::<OrderPlaced>("billing", billing(gateway.clone()));
    assert_eq!(bus.emit(order(7)).await.to_string(), "billing: ok");
    assert_eq!(*gateway.charges.lock().unwrap(), [(7, 1250)]); // once, this order, this amount
}
// ANCHOR_END: fake

fn fake(takes: Duration, answer: Result<(), Declined>) -> Arc<FakeGateway> {
    Arc::new(FakeGateway { takes, answer, charges: Mutex::default() })
}

#[tokio::test(start_paused = true)]
async fn a_declined_card_is_the_outcome_of_the_handler() {
    let (bus, gateway) = (EventBus::new(), fake(ms(150), Err(Declined)));
    bus.on_fallible::<OrderPlaced>("billing", billing(gateway));
    assert_eq!(bus.emit(order(7)).await.to_string(), "billing: card declined");
}

// ANCHOR: impatient
#[tokio::test(start_paused = true)]
async fn wrong_an_impatient_handler_charges_twice_and_only_a_slow_fake_shows_it() {
    for (takes, times) in [(ms(0), 1), (ms(150), 2)] {
        let (bus, gateway) = (EventBus::new(), fake(takes, Ok(())));
        bus.on_fallible::<OrderPlaced>("billing", wrong::impatient(gateway.clone()));
        assert_eq!(bus.emit(order(7)).await.to_string(), "billing: ok");
        assert_eq!(gateway.charges.lock().unwrap().len(), times);
    }
}
// ANCHOR_END: impatient

/// A computation, and another handler of the same event. They meet only if the handler runs during the computation.
#[derive(Default)]
struct Meeting {
    begun: Notify,
    other_has_run: Mutex<bool>,
    changed: Condvar,
    met: AtomicBool,
}

impl Meeting {
    /// Computes until the other handler has run, at most this long.
    fn compute(&self, patience: Duration) {
        self.begun.notify_one();
        let waiting = self.other_has_run.lock().unwrap();
        let (has_run, _) = self.changed.wait_timeout_while(waiting, patience, |has_run| !*has_run).unwrap();
        self.met.store(*has_run, Ordering::Relaxed);
    }

    async fn other_handler(&self) {
        self.begun.notified().await;
        *self.other_has_run.lock().unwrap() = true;
        self.changed.notify_all();
    }
}

/// A bus with the other handler of the meeting.
fn bus_with_the_other(meeting: &Arc<Meeting>) -> EventBus {
    let (bus, meeting) = (EventBus::new(), meeting.clone());
    bus.on::<PhotoUploaded>("mail", move |_| {
        let meeting = meeting.clone();
        async move { meeting.other_handler().await }
    });
    bus
}

const PHOTO: PhotoUploaded = PhotoUploaded { pixels: Vec::new() };
/// How long a computation waits for what cannot happen.
const SOON: Duration = Duration::from_millis(20);

#[tokio::test]
async fn during_a_computation_on_a_thread_of_its_own_other_handlers_run() {
    let meeting = Arc::new(Meeting::default());
    let (bus, computing) = (bus_with_the_other(&meeting), meeting.clone());
    let scale = move |_: &PhotoUploaded| computing.compute(Duration::from_secs(60));
    bus.on_fallible::<PhotoUploaded>("thumbnail", thumbnail(scale));
    assert_eq!(bus.emit(PHOTO).await.to_string(), "mail: ok, thumbnail: ok");
    assert!(meeting.met.load(Ordering::Relaxed));
}

#[tokio::test]
async fn wrong_during_a_computation_in_spawn_local_no_other_handler_runs() {
    let meeting = Arc::new(Meeting::default());
    let (bus, computing) = (bus_with_the_other(&meeting), meeting.clone());
    let scale = move |_: &PhotoUploaded| computing.compute(SOON);
    bus.on_fallible::<PhotoUploaded>("thumbnail", wrong::local_thumbnail(scale));
    let report = LocalSet::new().run_until(bus.emit(PHOTO)).await;
    assert_eq!(report.to_string(), "mail: ok, thumbnail: ok");
    assert!(!meeting.met.load(Ordering::Relaxed));
}

#[tokio::test]
async fn wrong_spawn_local_panics_outside_of_a_local_set() {
    let bus = EventBus::new();
    bus.on_fallible::<PhotoUploaded>("thumbnail", wrong::local_thumbnail(|_| ()));
    assert_eq!(
        bus.emit(PHOTO).await.to_string(),
        "thumbnail: panicked: `spawn_local` called from outside of a `task::LocalSet` or `runtime::LocalRuntime`"
    );
}

#[tokio::test]
async fn wrong_during_a_computation_in_the_handler_itself_no_other_handler_runs() {
    let meeting = Arc::new(Meeting::default());
    let (bus, computing) = (bus_with_the_other(&meeting), meeting.clone());
    bus.on::<PhotoUploaded>("thumbnail", move |_| {
        let computing = computing.clone();
        async move { computing.compute(SOON) }
    });
    assert_eq!(bus.emit(PHOTO).await.to_string(), "mail: ok, thumbnail: ok");
    assert!(!meeting.met.load(Ordering::Relaxed));
}

#[tokio::test]
async fn a_panic_in_a_computation_is_an_error_of_its_handler() {
    let bus = EventBus::new();
    bus.on_fallible::<PhotoUploaded>("thumbnail", thumbnail(|_| panic!("no pixels")));
    let report = bus.emit(PHOTO).await.to_string();
    assert!(report.contains("no pixels"), "{report}");
}

#[tokio::test(start_paused = true)]
async fn a_static_client_connects_once_for_a_hundred_events() {
    let bus = EventBus::new();
    bus.on_fallible::<OrderPlaced>("webhook", webhook(Journal::new()));
    bus.emit_batch_concurrent((1..=100).map(order).collect(), 100).await;
    assert_eq!(CLIENT.connected(), 1);
}

#[test]
fn wrong_a_task_that_a_static_has_spawned_ends_with_its_runtime() {
    let runtime = || Builder::new_current_thread().build().unwrap();
    assert!(runtime().block_on(async { wrong::PRINTER.send(7).await }).is_ok());
    assert!(runtime().block_on(async { wrong::PRINTER.send(8).await }).is_err());
}

/// How many bytes the templates need while three events are handled, of 2,048.
fn templates_in_memory<H: Handler<OrderPlaced, ()>>(handler: impl FnOnce(Config) -> H) -> usize {
    let (bus, memory) = (EventBus::new(), Memory::default());
    let config = Config { sender: "the shop", templates: memory.zeros(2048) };
    bus.on::<OrderPlaced>("mail", handler(config));
    let mut emitting = task::spawn(bus.emit_batch_concurrent(three_orders(), 3));
    assert_pending!(emitting.poll());
    memory.in_use()
}

#[tokio::test(start_paused = true)]
async fn calls_that_share_a_configuration_copy_nothing() {
    let in_use = templates_in_memory(|config| mail(Arc::new(config), Journal::new()));
    assert_eq!(in_use, 2048);
}

#[tokio::test(start_paused = true)]
async fn wrong_calls_that_clone_the_configuration_copy_it() {
    let in_use = templates_in_memory(|config| wrong::config_each(config, Journal::new()));
    assert_eq!(in_use, 4 * 2048); // the handler has one, and each of three calls
}

#[test]
fn an_array_that_lives_across_an_await_is_part_of_the_future() {
    assert!(size_of_val(&wrong::send_average()) > 64 * 1024);
    assert!(size_of_val(&upload::send_average()) < 1024);
}

#[tokio::test(start_paused = true)]
async fn both_averages_are_the_same() {
    assert_eq!((Box::pin(wrong::send_average()).await, upload::send_average().await), (7, 7));
}
