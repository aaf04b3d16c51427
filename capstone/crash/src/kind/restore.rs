//! A copy of the database is made with messages waiting in it; later it takes the database's place, and everybody goes on.
//!
//! What was committed after the copy is gone, delivered or not. What was delivered after it comes again. The keys' order
//! holds all the same, from what was in the copy to what comes behind it.

use std::time::Duration;

use anyhow::Context;
use tokio::time::sleep;

use crate::relay::Relay;
use crate::scene::Scene;
use crate::setting::DatabaseKind;

const MESSAGES: usize = 100;
/// Times so many, of what waits in the copy.
const BACKLOG: usize = 30;
/// As often something new comes at once, and again with pauses.
const AFTERWARDS: usize = 10;
const PAUSE: Duration = Duration::from_millis(100);
const DELIVERED_MAX: Duration = Duration::from_secs(60);

pub(super) async fn round(scene: &mut Scene) -> anyhow::Result<()> {
    let relay = scene.relay("relay.log", &[])?;
    scene.writers.brief(&scene.place, MESSAGES).await?;
    scene.emptied_within(DELIVERED_MAX).await?;
    relay.freeze().await?;
    for _ in 0..BACKLOG {
        scene.writers.brief(&scene.place, MESSAGES).await?;
    }
    match scene.run.setting.database {
        DatabaseKind::Sqlite => on_sqlite(scene, relay).await,
        DatabaseKind::Postgres => on_postgres(scene, relay).await,
    }
}

/// Into the file of a relay that is stopped, and the next time into one that is open.
async fn on_sqlite(scene: &mut Scene, relay: Relay) -> anyhow::Result<()> {
    let is_live = !scene.run.rounds.is_multiple_of(2);
    let sqlite = scene.place.sqlite()?.clone();
    let copy = sqlite.back_up()?;
    relay.thaw().await?;
    scene.writers.brief(&scene.place, MESSAGES).await?;
    scene.emptied_within(DELIVERED_MAX).await?;
    if is_live {
        sqlite.write_back(&copy)?;
        return go_on(scene, Some(relay), "into the open file").await;
    }
    relay.stop().await?;
    scene.life_ended(true).await?;
    sqlite.replace(&copy)?;
    go_on(scene, None, "into the file of a stopped relay").await
}

/// Into a fresh server, which has given out fewer transaction ids.
async fn on_postgres(scene: &mut Scene, relay: Relay) -> anyhow::Result<()> {
    scene.place.postgres()?.grow_old().await?;
    for _ in 0..BACKLOG {
        scene.writers.brief(&scene.place, MESSAGES).await?;
    }
    let dump = scene.place.postgres()?.dump().await?;
    relay.thaw().await?;
    scene.writers.brief(&scene.place, MESSAGES).await?;
    relay.stop().await?;
    scene.life_ended(true).await?;
    scene.place.postgres()?.restore(dump).await?;
    go_on(scene, None, "into a fresh server").await
}

/// New messages come before a relay starts, unless one is there, and while it is at the backlog.
async fn go_on(scene: &mut Scene, relay: Option<Relay>, how: &str) -> anyhow::Result<()> {
    let before = scene.writers.ids();
    scene.history_undone(&before).await?;
    for _ in 0..AFTERWARDS {
        scene.writers.brief(&scene.place, MESSAGES).await?;
    }
    let relay = match relay {
        Some(relay) => relay,
        None => scene.relay("relay.log", &[])?,
    };
    for _ in 0..AFTERWARDS {
        scene.writers.brief(&scene.place, MESSAGES).await?;
        sleep(PAUSE).await;
    }
    let took = scene.emptied_within(DELIVERED_MAX).await;
    let took = took.with_context(|| format!("restored {how} ({})", relay.last_words()))?;
    scene.run.measure("slowest delivery after a restore, s", took.as_secs_f64());
    scene
        .all_delivered_within(Duration::ZERO)
        .await
        .with_context(|| format!("restored {how}, the outbox is empty"))?;
    relay.stop().await?;
    scene.life_ended(true).await
}
