//! The same into PostgreSQL, where many writers are at work at once.

use std::io;

use anyhow::Context;
use capstone_outbox::postgres::{self, Target};
use indicatif::ProgressBar;
use tokio::sync::mpsc;

use super::{Done, Lines, Place, ReadLine, Reason, Tally, open_file, read_ahead, send_lines};
use capstone_outbox::Message;

/// Messages in one statement.
const BATCH: usize = 500;

/// One transaction. More than one batch locks whole lanes: the server has no room for the locks of very many keys.
pub(super) async fn all_or_nothing(target: &Target, name: &str, bar: &ProgressBar) -> anyhow::Result<Tally> {
    let mut client = target.client().await?;
    let (reading, mut lines) = send_lines(Lines::new(name, open_file(name)?));
    let (mut tally, mut batch) = (Tally::default(), vec![]);
    let tx = client.transaction().await?;
    loop {
        let is_last = fill(&mut batch, &mut lines).await.context("nothing was enqueued")?;
        let Some((place, _)) = batch.first() else { break };
        let place = place.clone();
        let messages: Vec<Message> = batch.drain(..).map(|(_, message)| message).collect();
        let enqueued = if is_last && tally == Tally::default() {
            postgres::enqueue_many(&tx, &messages).await
        } else {
            postgres::enqueue_bulk(&tx, &messages).await
        };
        let enqueued = enqueued.map_err(|error| place.failure(Reason::from(error)));
        enqueued.context("nothing was enqueued")?.into_iter().for_each(|one| tally.add(one));
        bar.inc(messages.len() as u64);
        if is_last {
            break;
        }
    }
    tx.commit().await.context("nothing was enqueued, unless the connection was lost just now")?;
    reading.await?;
    Ok(tally)
}

/// A transaction a line.
pub(super) async fn per_line(
    target: &Target,
    name: &str,
    acknowledge: Option<io::Stdout>,
    bar: &ProgressBar,
) -> anyhow::Result<Tally> {
    let mut client = target.client().await?;
    let (reading, mut lines) = read_ahead(name)?;
    let mut done = Done { tally: Tally::default(), acknowledge, bar };
    while let Some(line) = lines.recv().await {
        let one = async {
            let (place, message) = line?;
            let tx = client.transaction().await.with_context(|| place.to_string())?;
            let enqueued = postgres::enqueue(&tx, &message).await;
            let enqueued = enqueued.map_err(|error| place.failure(Reason::from(error)))?;
            tx.commit().await.map_err(|error| place.failure(Reason::Commit(error)))?;
            anyhow::Ok((message.id(), enqueued))
        };
        let one = one.await.with_context(|| done.stopped())?;
        done.add(&[one])?;
    }
    reading.await?;
    Ok(done.tally)
}

/// Fills the batch; `true` when the lines have come to their end.
async fn fill(
    batch: &mut Vec<(Place, Message)>,
    lines: &mut mpsc::Receiver<ReadLine>,
) -> Result<bool, super::LineFailure> {
    while batch.len() < BATCH {
        match lines.recv().await {
            Some(line) => batch.push(line?),
            None => return Ok(true),
        }
    }
    Ok(false)
}
