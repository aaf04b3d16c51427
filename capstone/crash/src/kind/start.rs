//! Relays are stopped and killed while they start, again and again; then one has to deliver everything, and soon.
//!
//! On PostgreSQL the database is slow in every other round, so that a relay is ended while it takes its lanes. Several
//! relays on one SQLite file find it by different names, and must all the same see each other.

use std::collections::HashSet;
use std::time::Duration;

use anyhow::{Context, ensure};
use fastrand::Rng;
use futures::future::try_join_all;
use tokio::time::{Instant, sleep};

use crate::plan::End;
use crate::program::{self, Ended};
use crate::relay::Relay;
use crate::scene::Scene;

/// Starts of each relay in a round.
const STARTS: usize = 10;
/// From the start to the end, at most.
const LIFE_MAX_MS: u64 = 300;
/// A relay that starts alone has delivered everything after that: nobody is left who owns a lane.
const DELIVERED_MAX: Duration = Duration::from_secs(10);
const MESSAGES: usize = 60;
/// Enough that something is in flight all the time.
const MESSAGES_AT_PEACE: usize = 1_000;
/// While several live and nobody is ended.
const PEACE: Duration = Duration::from_secs(2);

pub(super) async fn round(scene: &mut Scene) -> anyhow::Result<()> {
    scene.place.be_slow(scene.random.bool()).await?;
    scene.writers.brief(&scene.place, MESSAGES).await?;
    let relays = scene.run.setting.relays;
    for _ in 0..STARTS {
        // Chosen before they start: what follows from the seed must not depend on who ends first.
        let ends: Vec<End> = (0..relays).map(|_| end(&mut scene.random)).collect();
        let ended =
            try_join_all(ends.into_iter().enumerate().map(|(number, end)| life(scene, number, end))).await?;
        ended.iter().for_each(|&ended| scene.run.count("relay", ended));
        scene.life_ended(ended.iter().all(|&ended| ended == Ended::Done)).await?;
    }
    scene.place.be_slow(false).await?;
    alone(scene).await?;
    if relays > 1 { together(scene, relays).await } else { Ok(()) }
}

fn end(random: &mut Rng) -> End {
    let after = Duration::from_millis(random.u64(..=LIFE_MAX_MS));
    if random.bool() { End::Stop(after) } else { End::Kill(after) }
}

async fn life(scene: &Scene, number: usize, end: End) -> anyhow::Result<Ended> {
    let (folder, db, sink) = (&scene.place.folder, scene.place.db_by(number), scene.destination.sink());
    let log = format!("relay-{number}.log");
    let mut child = scene.program.command(folder, &log, &["relay", "--db", &db, "--sink", &sink])?.spawn()?;
    let ended = program::see_end(&mut child, end).await;
    let said = || std::fs::read_to_string(folder.join(&log)).unwrap_or_default();
    let ended = ended.with_context(|| format!("relay {number}, {end:?}: {}", said()))?;
    ensure!(ended != Ended::Refused, "relay {number} ended by itself: {}", said());
    Ok(ended)
}

async fn alone(scene: &mut Scene) -> anyhow::Result<()> {
    let relay = scene.relay("alone.log", &[])?;
    scene.writers.brief(&scene.place, MESSAGES).await?;
    let took = scene.settled_within(DELIVERED_MAX).await;
    let took = took.with_context(|| format!("one relay, alone ({})", relay.last_words()))?;
    scene.run.measure("slowest delivery after all relays had ended, s", took.as_secs_f64());
    relay.stop().await?;
    scene.life_ended(true).await
}

/// Nobody is ended: so a lane that cannot be shared stays where it is, and nothing comes twice.
async fn together(scene: &mut Scene, count: usize) -> anyhow::Result<()> {
    let before = scene.destination.deliveries().await?.len();
    let sink = scene.destination.sink();
    let start = |number| {
        let (db, log) = (scene.place.db_by(number), format!("relay-{number}.log"));
        Relay::start(&scene.program, &scene.place.folder, &log, &["relay", "--db", &db, "--sink", &sink])
    };
    scene.writers.brief(&scene.place, MESSAGES).await?;
    let relays: Vec<Relay> = (0..count).map(start).collect::<anyhow::Result<_>>()?;
    scene.settled_within(DELIVERED_MAX).await.with_context(|| format!("{count} relays at peace"))?;
    let turnover = scene.place.turnover()?;
    let until = Instant::now() + PEACE;
    while Instant::now() < until {
        scene.writers.brief(&scene.place, MESSAGES_AT_PEACE).await?;
        sleep(Duration::from_millis(100)).await;
    }
    scene.settled_within(DELIVERED_MAX).await.with_context(|| format!("{count} relays at peace"))?;
    let changes = scene.place.turnover()? - turnover;
    for relay in relays {
        relay.stop().await?;
    }
    ensure!(changes == 0, "with {count} relays at peace the lane has changed hands {changes} times");
    scene.life_ended(true).await?;
    let delivered = scene.destination.deliveries().await?;
    let since = &delivered[before..];
    let ids: HashSet<&str> = since.iter().map(|delivery| delivery.id.as_str()).collect();
    let repeats = since.len() - ids.len();
    ensure!(repeats == 0, "{count} relays at peace delivered {repeats} of {} messages again", ids.len());
    Ok(())
}
