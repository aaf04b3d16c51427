//! The primary stops while a flush is under way, a standby that lacks its last commits takes its place, and the application
//! goes on at once: its sequence gives numbers out again that the relay has in its hands.
//!
//! What only the old primary had is gone, delivered or not. Everything that the new one has must be delivered.

use std::time::Duration;

use anyhow::Context;
use tokio::time::sleep;

use crate::relay::Relay;
use crate::scene::Scene;

/// Enough that numbers are given out again, although the standby's sequence begins some dozens further on.
const LOST: usize = 200;
const AFTERWARDS: usize = 400;
/// How long nobody can write, at most.
const GAP_MAX_MS: u64 = 3_000;
/// Leases are renewed every second.
const RENEWED: Duration = Duration::from_secs(2);
/// From the thaw until everything is delivered: a lease's time, and a good deal more.
const DELIVERED_MAX: Duration = Duration::from_secs(30);

pub(super) async fn round(scene: &mut Scene) -> anyhow::Result<()> {
    // One that starts later has its lanes only on the primary; one that stands still finds the application ahead of it.
    let [starts_late, stands_still] = [(); 2].map(|()| scene.random.bool());
    let gap = Duration::from_millis(scene.random.u64(..GAP_MAX_MS));
    scene.place.postgres()?.get_standby().await?;
    let relay = if starts_late {
        scene.place.postgres()?.cut_off_standby().await?;
        // Its lanes have changed hands twice since the standby last heard of them.
        started(scene).await?.stop().await?;
        scene.life_ended(true).await?;
        started(scene).await?
    } else {
        let relay = started(scene).await?;
        scene.place.postgres()?.cut_off_standby().await?;
        relay
    };
    scene.place.postgres()?.hold_flushes().await?;
    // Of this the standby knows nothing, and the flush of what was delivered does not end.
    scene.writers.brief(&scene.place, LOST).await?;
    scene.all_delivered_within(DELIVERED_MAX).await?;

    if stands_still {
        relay.freeze().await?;
    }
    scene.place.postgres()?.fail_over(gap).await?;
    scene.writers.brief(&scene.place, AFTERWARDS).await?;
    scene.history_undone().await?;
    if stands_still {
        relay.thaw().await?;
    }
    let went_on = goes_on(scene).await;
    let took = went_on.with_context(|| {
        let start = if starts_late { "after" } else { "before" };
        let still = if stands_still { "stood still" } else { "ran" };
        let words = relay.last_words();
        format!(
            "a relay that started {start} the standby was cut off, and {still} during the failover ({words})"
        )
    })?;
    scene.run.measure("slowest delivery after a failover, s", took.as_secs_f64());
    relay.stop().await?;
    scene.life_ended(true).await
}

/// At once, and still so when the relay has asked the new primary for its lanes.
async fn goes_on(scene: &mut Scene) -> anyhow::Result<Duration> {
    let took = scene.emptied_within(DELIVERED_MAX).await?;
    scene.all_delivered_within(Duration::ZERO).await.context("the outbox is empty")?;
    sleep(RENEWED).await;
    scene.writers.brief(&scene.place, AFTERWARDS).await?;
    Ok(took.max(scene.emptied_within(DELIVERED_MAX).await?))
}

/// A relay that has lanes, and has delivered something.
async fn started(scene: &mut Scene) -> anyhow::Result<Relay> {
    let relay = scene.relay("relay.log", &[])?;
    scene.writers.brief(&scene.place, LOST / 2).await?;
    scene.emptied_within(DELIVERED_MAX).await?;
    Ok(relay)
}
