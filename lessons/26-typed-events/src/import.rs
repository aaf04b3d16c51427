//! A handler that consumes a stream, and stops at the first row that is wrong.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures::stream::{self, Stream, StreamExt};
use shared::Journal;
use tokio::time::sleep;

use crate::bus::{Event, EventBus};
use crate::report::{Handled, HandlerError};

/// A file of prices has been uploaded.
pub struct PricesUploaded {
    pub lines: Vec<&'static str>,
}

impl Event for PricesUploaded {}

/// The rows before the first `Err` are imported, and those after it are not even read.
// ANCHOR: import
pub async fn import(file: Arc<PricesUploaded>, journal: Journal) -> Handled {
    let mut rows = pin!(rows(&file, &journal));
    while let Some(row) = rows.next().await {
        let (item, cents) = row?;
        journal.log("import", format_args!("sets the price of a {item} to {cents} cents"));
    }
    Ok(())
}
// ANCHOR_END: import

/// Reads a line every 30 ms.
fn rows<'a>(
    file: &'a PricesUploaded,
    journal: &'a Journal,
) -> impl Stream<Item = Result<(&'static str, u32), HandlerError>> + 'a {
    stream::iter(&file.lines).then(move |line| async move {
        sleep(Duration::from_millis(30)).await;
        journal.log("file", format_args!("is read: \"{line}\""));
        parse(line)
    })
}

fn parse(line: &'static str) -> Result<(&'static str, u32), HandlerError> {
    let (item, cents) = line.split_once('=').ok_or_else(|| format!("no price in \"{line}\""))?;
    Ok((item, cents.parse()?))
}

/// The third of four rows is wrong.
pub async fn first_error(journal: Journal) {
    let bus = EventBus::new();
    let log = journal.clone();
    bus.on_fallible::<PricesUploaded>("import", move |file| import(file, log.clone()));
    let lines = vec!["lamp=1250", "chair=4900", "table=much", "desk=9900"];
    let report = bus.emit(PricesUploaded { lines }).await;
    journal.log("shop", report);
}
