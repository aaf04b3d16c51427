//! A pipeline: a handler parses a line, computes, and emits an event of another type.

use std::num::ParseIntError;

use shared::Journal;

use crate::bus::{Event, EventBus};

/// A line of text has arrived, with a number of pairs.
pub struct LineReceived {
    pub text: &'static str,
}

/// This many gloves are needed.
#[derive(Debug, PartialEq, Eq)]
pub struct GlovesNeeded {
    pub gloves: u32,
}

impl Event for LineReceived {}
impl Event for GlovesNeeded {}

// ANCHOR: pipeline
pub fn register(bus: &EventBus) {
    let weak = bus.downgrade(); // a clone of the bus would keep it alive for ever
    bus.on_fallible::<LineReceived>("pairs", move |line| {
        let bus = weak.upgrade();
        async move {
            let gloves = gloves(parse(line.text)?);
            let bus = bus.ok_or("the bus is gone")?;
            bus.emit(GlovesNeeded { gloves }).await.into_result()
        }
    });
}

fn parse(text: &str) -> Result<u32, ParseIntError> {
    text.trim().parse()
}

fn gloves(pairs: u32) -> u32 {
    pairs * 2
}
// ANCHOR_END: pipeline

/// One line that is right, and one that is wrong.
pub async fn two_lines(journal: Journal) {
    let bus = EventBus::new();
    register(&bus);
    let log = journal.clone();
    bus.on::<GlovesNeeded>("stock", move |needed| {
        log.log("stock", format_args!("reserves {} gloves", needed.gloves));
        async {}
    });
    for text in ["21", "a few"] {
        let report = bus.emit(LineReceived { text }).await;
        journal.log("shop", format_args!("\"{text}\": {report}"));
    }
}
