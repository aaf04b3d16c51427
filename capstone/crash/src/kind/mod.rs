//! The kinds of campaigns: what each does to the program in a round.

mod failover;
mod foreign;
mod hang;
mod many;
mod restore;
mod start;

use fastrand::Rng;
use indicatif::ProgressBar;
use tokio::time::Instant;

use crate::campaign::Campaign;
use crate::outcome::Outcome;
use crate::program::Program;
use crate::scene::Scene;
use crate::setting::{Kind, Setting};

/// Does what the kind is about, so often, and says what came of it.
pub(crate) async fn run(
    program: Program,
    setting: Setting,
    count: u64,
    seed: u64,
) -> anyhow::Result<Outcome> {
    if setting.kind == Kind::Kill {
        return Campaign::begin(program, setting, seed).await?.run(count).await;
    }
    let mut scene = Scene::set(program, setting, seed, Rng::with_seed(seed)).await?;
    let (begun, bar) = (Instant::now(), capstone::progress::bar(count, "rounds"));
    let done = rounds(&mut scene, count, &bar).await;
    let drained = scene.drain().await;
    scene.end(done.and(drained), begun, &bar).await
}

async fn rounds(scene: &mut Scene, count: u64, bar: &ProgressBar) -> anyhow::Result<()> {
    while scene.run.rounds < count {
        match scene.run.setting.kind {
            Kind::Kill => {}
            Kind::Start => start::round(scene).await?,
            Kind::Failover => failover::round(scene).await?,
            Kind::Foreign => foreign::round(scene).await?,
            Kind::Hang => hang::round(scene).await?,
            Kind::Many => many::round(scene).await?,
            Kind::Restore => restore::round(scene).await?,
        }
        scene.run.rounds += 1;
        bar.set_position(scene.run.rounds);
    }
    Ok(())
}
