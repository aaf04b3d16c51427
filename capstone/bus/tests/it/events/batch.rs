//! Batches: their order, and how many events are under way.

use capstone_bus::Bus;
use capstone_bus::events::Strategy;

use super::{Journal, Tick, outcomes};

#[tokio::test(start_paused = true)]
async fn a_sequential_batch_is_one_event_after_another() {
    let (bus, journal) = (Bus::new(), Journal::start());
    bus.on(journal.handler("a", 10));
    let reports = bus.emit_batch_sequential((1..=3).map(Tick)).await;
    assert_eq!(reports.len(), 3);
    let expected = ["0 a1 begins", "10 a1 ends", "10 a2 begins", "20 a2 ends", "20 a3 begins", "30 a3 ends"];
    assert_eq!(journal.told(), expected);
}

#[tokio::test(start_paused = true)]
async fn a_concurrent_batch_fills_each_place_at_once_and_reports_in_order() {
    let (bus, journal) = (Bus::new(), Journal::start());
    // The first event takes longest, and fails: its report is the first all the same.
    bus.on_fallible::<Tick>({
        let journal = journal.clone();
        move |tick| {
            let journal = journal.clone();
            async move {
                journal.note(format!("{} begins", tick.0));
                tokio::time::sleep(crate::support::ms(if tick.0 == 1 { 25 } else { 10 })).await;
                journal.note(format!("{} ends", tick.0));
                if tick.0 == 1 { Err("first".into()) } else { Ok(()) }
            }
        }
    });
    let asked = journal.clone();
    let events = (1..=4).map(move |number| {
        asked.note(format!("{number} asked for"));
        Tick(number)
    });
    let reports = bus.emit_batch_concurrent(events, 2).await;
    let expected = [
        "0 1 asked for",
        "0 2 asked for",
        "0 1 begins",
        "0 2 begins",
        "10 2 ends",
        "10 3 asked for",
        "10 3 begins",
        "20 3 ends",
        "20 4 asked for",
        "20 4 begins",
        "25 1 ends",
        "30 4 ends",
    ];
    assert_eq!(journal.told(), expected);
    let told: Vec<_> = reports.iter().flat_map(outcomes).collect();
    assert_eq!(told, ["first", "ok", "ok", "ok"]);
}

#[tokio::test(start_paused = true)]
async fn an_event_that_failed_does_not_end_its_batch() {
    let (bus, journal) = (Bus::new(), Journal::start());
    bus.handler().priority(1).on_fallible(journal.fails("a"));
    bus.on(journal.notes("b"));
    let stops = bus.events().with_strategy(Strategy::StopOnError);
    stops.emit_batch_sequential([Tick(1), Tick(2)]).await;
    stops.emit_batch_concurrent([Tick(3), Tick(4)], 1).await;
    assert_eq!(journal.told(), ["0 a1", "0 a2", "0 a3", "0 a4"]);
    assert!(stops.emit_batch_sequential(Vec::<Tick>::new()).await.is_empty());
}

#[tokio::test]
#[should_panic(expected = "would never end")]
async fn a_batch_needs_room_for_one() {
    Bus::new().emit_batch_concurrent([Tick(1)], 0).await;
}
