//! Rows by foreign hands: numbers that come a second time, and texts, numbers and moments that no library of ours would write.
//!
//! One row never stops the others; each is delivered, or given up with its bytes, or of a parked key and still there.

use std::time::Duration;

use anyhow::{Context, ensure};

use crate::foreign::ForeignRow;
use crate::scene::Scene;

const MESSAGES: usize = 50;
const POISON: usize = 3;
/// They wait while the numbers begin again. None has a key: the order of its numbers could not be that of the commits.
const WAITING: usize = 10;
const DELIVERED_MAX: Duration = Duration::from_secs(15);

pub(super) async fn round(scene: &mut Scene) -> anyhow::Result<()> {
    if scene.random.bool() {
        rows(scene).await?;
        numbers_again(scene).await
    } else {
        numbers_again(scene).await?;
        rows(scene).await
    }
}

/// The outbox counts from 1 again, under a living relay: with nothing in it, and with something.
async fn numbers_again(scene: &mut Scene) -> anyhow::Result<()> {
    let relay = scene.relay("relay.log", &[])?;
    for is_waiting in [false, true] {
        scene.writers.brief(&scene.place, MESSAGES).await?;
        scene.writers.poison(&scene.place, POISON).await?;
        scene.all_delivered_within(DELIVERED_MAX).await?;
        scene.settled_within(DELIVERED_MAX).await?;
        if is_waiting {
            relay.freeze().await?;
            scene.writers.keyless(&scene.place, WAITING).await?;
        }
        let deed = scene.place.count_again(&mut scene.random).await?;
        for _ in 0..MESSAGES {
            scene.writers.brief(&scene.place, 1).await.context(deed)?;
        }
        scene.writers.poison(&scene.place, POISON).await?;
        if is_waiting {
            relay.thaw().await?;
        }
        let delivered = scene.all_delivered_within(DELIVERED_MAX).await;
        delivered.with_context(|| format!("{deed}, under a relay ({})", relay.last_words()))?;
        scene.settled_within(DELIVERED_MAX).await.context(deed)?;
    }
    relay.stop().await?;
    scene.life_ended(true).await
}

/// Good rows before and behind them, which are delivered.
async fn rows(scene: &mut Scene) -> anyhow::Result<()> {
    let mut rows = ForeignRow::all(scene.run.setting.database, scene.run.rounds);
    scene.random.shuffle(&mut rows);
    scene.writers.brief(&scene.place, MESSAGES).await?;
    for row in &rows {
        scene.writers.foreign(&scene.place, row).await?;
    }
    scene.writers.brief(&scene.place, MESSAGES).await?;
    let db = scene.place.db();
    let status = scene.program.done(&scene.place.folder, &["status", "--db", &db]).await;
    if let Err(error) = status {
        scene.run.problems.push(format!("{error:#}").trim().to_owned());
    }

    let relay = scene.relay("relay.log", &[])?;
    let delivered = scene.all_delivered_within(DELIVERED_MAX).await;
    delivered.with_context(|| format!("others, beside foreign rows ({})", relay.last_words()))?;
    scene
        .settled_within(DELIVERED_MAX)
        .await
        .with_context(|| format!("foreign rows ({})", relay.last_words()))?;
    relay.stop().await?;
    scene.life_ended(true).await?;
    for row in &rows {
        check_letter(scene, row).await?;
    }
    Ok(())
}

/// A dead letter is the row that was written.
async fn check_letter(scene: &Scene, row: &ForeignRow) -> anyhow::Result<()> {
    let Some(letter) = scene.place.dead_letter(row.id).await? else { return Ok(()) };
    let headers = row.headers.clone().unwrap_or_else(|| b"{}".to_vec());
    let written = [Some(row.topic.clone()), row.key.clone(), Some(headers), Some(row.payload.clone())];
    ensure!(letter == written, "{}: its dead letter has other bytes: {letter:?} for {written:?}", row.what);
    Ok(())
}
