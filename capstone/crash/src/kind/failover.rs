//! The primary stops while a flush is under way, a standby that lacks its last commits takes its place, and the application
//! goes on at once: its sequence gives numbers out again that the relay has in its hands.
//!
//! What only the old primary had is gone, delivered or not. Everything that the new one has must be delivered.

use std::time::Duration;

use anyhow::Context;
use tokio::time::sleep;

use crate::program::Ended;
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

/// What the relay does while the primary stops and the standby takes its place.
#[derive(Clone, Copy, Debug)]
enum Meanwhile {
    /// It tries again and again, and may be on the new primary before the application is.
    Tries,
    /// It stands still, and finds the application ahead of it.
    StandsStill,
    /// It is killed, and another one begins afterwards.
    Dies,
}

impl Meanwhile {
    fn words(self) -> &'static str {
        match self {
            Self::Tries => "tried on",
            Self::StandsStill => "stood still",
            Self::Dies => "was followed by another",
        }
    }
}

pub(super) async fn round(scene: &mut Scene) -> anyhow::Result<()> {
    let all = [Meanwhile::Tries, Meanwhile::StandsStill, Meanwhile::Dies];
    let (starts_late, meanwhile) = (scene.random.bool(), all[scene.random.usize(..all.len())]);
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

    let relay = fail_over(scene, relay, meanwhile, gap).await?;
    let went_on = goes_on(scene).await;
    let took = went_on.with_context(|| {
        let start = if starts_late { "after" } else { "before" };
        let words = relay.last_words();
        format!("a relay that started {start} the standby was cut off, and {} ({words})", meanwhile.words())
    })?;
    scene.run.measure("slowest delivery after a failover, s", took.as_secs_f64());
    relay.stop().await?;
    scene.life_ended(true).await
}

/// Returns with the relay on the new primary, or on its way there, and the application ahead of it if it can be.
async fn fail_over(
    scene: &mut Scene,
    relay: Relay,
    meanwhile: Meanwhile,
    gap: Duration,
) -> anyhow::Result<Relay> {
    let left = match meanwhile {
        Meanwhile::Tries => Some(relay),
        Meanwhile::StandsStill => {
            relay.freeze().await?;
            Some(relay)
        }
        Meanwhile::Dies => {
            relay.kill().await?;
            scene.run.count("relay", Ended::Killed);
            scene.life_ended(false).await?;
            None
        }
    };
    let before = scene.writers.ids();
    scene.place.postgres()?.fail_over(gap).await?;
    scene.writers.brief(&scene.place, AFTERWARDS).await?;
    scene.history_undone(&before).await?;
    let Some(relay) = left else { return scene.relay("relay.log", &[]) };
    if matches!(meanwhile, Meanwhile::StandsStill) {
        relay.thaw().await?;
    }
    Ok(relay)
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
