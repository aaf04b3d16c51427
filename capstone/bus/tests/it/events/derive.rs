//! `#[derive(Event)]`, used as an application would.

use std::fmt::Debug;

use capstone_bus::events::{Event, Events};

#[derive(Event)]
#[event(topic = "prices.changed")]
struct Changed<T: Debug>(T);

#[derive(Event)]
#[event(topic = "Zürich.größe-7.✓")]
enum Either {
    Left,
    Right,
}

#[tokio::test]
async fn derived_events_are_events_each_type_its_own() {
    let events = Events::new();
    events.on_fallible::<Changed<u8>>(async |changed| Err(format!("{:?}", changed.0).into()));
    events.on::<Either>(async |either| assert!(matches!(*either, Either::Left), "not right"));
    assert_eq!(super::outcomes(&events.emit(Changed(7_u8)).await), ["7"]);
    assert!(events.emit(Changed("seven")).await.handlers.is_empty());
    assert_eq!(super::outcomes(&events.emit(Either::Left).await), ["ok"]);
    assert_eq!(super::outcomes(&events.emit(Either::Right).await), ["panicked: not right"]);
    assert_eq!([Changed::<u8>::TOPIC, Either::TOPIC], ["prices.changed", "Zürich.größe-7.✓"]);
}
