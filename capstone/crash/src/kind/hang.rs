//! The broker stands still with open connections (`SIGSTOP`) for longer than all attempts take, and goes on.
//!
//! It refused nothing: so nothing is given up, no key is parked, and everything is delivered without anybody's help.

use std::time::Duration;

use anyhow::{Context, ensure};
use tokio::time::sleep;

use crate::scene::Scene;

/// One round in so many is with the relay's own settings.
const DEFAULTS: u64 = 5;
/// Otherwise all attempts are made in two seconds.
const SHORT: [&str; 4] =
    ["relay.publish_timeout=500ms", "retry.attempts_max=3", "retry.base=50ms", "retry.cap=200ms"];
const SHORT_HANG_MS: std::ops::Range<u64> = 4_000..7_000;
const LONG_HANG: Duration = Duration::from_secs(60);
const MESSAGES: usize = 100;
/// From the thaw on.
const DELIVERED_MAX: Duration = Duration::from_secs(60);

pub(super) async fn round(scene: &mut Scene) -> anyhow::Result<()> {
    let is_short = !(scene.run.rounds + 1).is_multiple_of(DEFAULTS);
    let (settings, hang) = if is_short {
        (&SHORT[..], Duration::from_millis(scene.random.u64(SHORT_HANG_MS)))
    } else {
        (&[][..], LONG_HANG)
    };
    let mut relay = scene.relay("relay.log", settings)?;
    scene.writers.brief(&scene.place, MESSAGES).await?;
    scene.all_delivered_within(DELIVERED_MAX).await?;

    scene.destination.nats()?.freeze().await?;
    scene.writers.brief(&scene.place, MESSAGES).await?;
    sleep(hang).await;
    relay.must_live()?;
    scene.destination.nats()?.thaw().await?;
    let left = scene.place.left().await?;
    let (dead, parked) = (left.dead.len(), left.parked.len());
    ensure!(
        dead + parked == 0,
        "{dead} given up and {parked} keys parked while the broker stood still for {hang:?}"
    );
    scene.writers.brief(&scene.place, MESSAGES).await?;
    let took = scene.all_delivered_within(DELIVERED_MAX).await;
    let took =
        took.with_context(|| format!("after the broker stood still for {hang:?} ({})", relay.last_words()))?;
    scene.run.measure("slowest delivery after the broker went on, s", took.as_secs_f64());
    relay.stop().await?;
    scene.life_ended(true).await
}
