//! Many keys fail beside healthy ones, because no stream takes their subject.
//!
//! The healthy ones arrive as if they were alone, the relay's memory does not grow with the others, and these arrive as
//! soon as the stream takes their subject.

use std::time::Duration;

use anyhow::Context;
use tokio::time::{Instant, sleep};

use crate::relay::Relay;
use crate::scene::Scene;

const FEW: usize = 20_000;
const MANY: usize = 60_000;
const HEALTHY: usize = 1_000;
/// Nobody is given up, and nobody waits for longer than that.
const SETTINGS: [&str; 2] = ["retry.attempts_max=1000000", "retry.cap=20s"];
/// Until each has been tried, or all healthy ones are delivered; then it goes on, whether that is so or not.
const TRIED_MAX: Duration = Duration::from_secs(60);
const LOOK: Duration = Duration::from_millis(50);
const DELIVERED_MAX: Duration = Duration::from_secs(120);
/// Times as long as the healthy ones take alone; what is less than a second is the machine's.
const SLOWER_MAX: f64 = 5.0;
/// Between few and many. What a key in trouble costs would show: a third of a KiB each is 13 MiB. SQLite's cache of pages and the allocator
/// settle by then.
const GROWTH_MAX_KIB: u64 = 4 * 1_024;

pub(super) async fn round(scene: &mut Scene) -> anyhow::Result<()> {
    scene.destination.nats()?.take(&[]).await?;
    let relay = scene.relay("relay.log", &SETTINGS)?;
    let (alone, _) = healthy(scene).await?;
    let (_, memory_of_few) = fail(scene, &relay, FEW).await?;
    let (tried, memory) = fail(scene, &relay, MANY - FEW).await?;
    let (beside, left) = healthy(scene).await?;

    let [alone_s, beside_s, tried_s] = [alone, beside, tried].map(|took| took.as_secs_f64());
    let measures = [
        ("until every failing key had been tried, s", tried_s),
        ("healthy messages alone, s", alone_s),
        ("healthy messages beside failing keys, s", beside_s),
        ("the relay's memory with few failing keys, MiB", memory_of_few as f64 / 1_024.0),
        ("the relay's memory with many, MiB", memory as f64 / 1_024.0),
    ];
    measures.into_iter().for_each(|(what, value)| scene.run.measure(what, value));
    let problems = &mut scene.run.problems;
    if left > 0 || beside_s > SLOWER_MAX * alone_s.max(1.0) {
        let count = HEALTHY as u64 - left;
        problems.push(format!(
            "{count} of {HEALTHY} healthy messages delivered in {beside_s:.1} s beside {MANY} keys that fail; alone all in {alone_s:.1} s"
        ));
    }
    let growth = memory.saturating_sub(memory_of_few);
    if growth > GROWTH_MAX_KIB {
        problems.push(format!("the relay's memory grew by {growth} KiB from {FEW} failing keys to {MANY}"));
    }

    scene.destination.nats()?.take(&["strays.>"]).await?;
    let took = scene.emptied_within(DELIVERED_MAX).await;
    let took = took.with_context(|| format!("the stream takes them now ({})", relay.last_words()))?;
    scene.run.measure("failing keys since a stream takes them, s", took.as_secs_f64());
    relay.stop().await?;
    scene.life_ended(true).await
}

/// How long it takes until healthy messages have been delivered, and how many of them are left after the longest time.
async fn healthy(scene: &mut Scene) -> anyhow::Result<(Duration, u64)> {
    let begun = Instant::now();
    for _ in 0..10 {
        scene.writers.brief(&scene.place, HEALTHY / 10).await?;
    }
    loop {
        let ((left, _), took) = (scene.place.healthy_and_untried().await?, begun.elapsed());
        if left == 0 || took > TRIED_MAX {
            return Ok((took, left));
        }
        sleep(LOOK).await;
    }
}

/// How long it took until as many keys as these had failed, and the relay's memory then.
async fn fail(scene: &mut Scene, relay: &Relay, count: usize) -> anyhow::Result<(Duration, u64)> {
    let begun = Instant::now();
    scene.writers.strays(&scene.place, count).await?;
    while begun.elapsed() < TRIED_MAX && scene.place.healthy_and_untried().await?.1 > 0 {
        sleep(LOOK).await;
    }
    Ok((begun.elapsed(), relay.memory_max_kib()?))
}
