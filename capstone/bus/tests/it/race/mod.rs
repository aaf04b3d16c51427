//! The race campaign: publishers, subscribers, members that come and go, and futures that are dropped at any poll, all at
//! once and on real threads. What everybody did comes from a seed; what the threads made of it does not.
//!
//! Nothing is lost or repeated, each publisher's order is kept, and every counter is what happened.

use std::time::Duration;

use tokio::runtime::Builder;
use tokio::time::timeout;

use plan::Plan;

mod consumer;
mod floor;
mod plan;
mod publisher;
mod verdict;

/// Far more than a round takes. One that is not over by then hangs.
const HANGS_AFTER: Duration = Duration::from_secs(100);

/// Plays rounds until so many operations were carried out, at least one of every kind. Says how many they were.
fn play(operations: u64, seed: u64) -> (u64, u64) {
    let runtime = Builder::new_multi_thread().worker_threads(4).enable_all().build().expect("a runtime");
    let (mut rounds, mut done) = (0, 0);
    while rounds < Plan::KINDS || done < operations {
        let plan = Plan::of(seed, rounds);
        let over = runtime.block_on(async { timeout(HANGS_AFTER, plan.play()).await });
        let tally = over.unwrap_or_else(|_| panic!("somebody waits for ever: {plan:?}"));
        tally.check(&plan);
        done += tally.operations();
        rounds += 1;
    }
    (rounds, done)
}

#[test]
fn nothing_is_lost_or_repeated_and_every_counter_is_what_happened() {
    let (rounds, done) = play(500_000, fastrand::u64(..));
    println!("{done} operations in {rounds} rounds");
}

/// `just race COUNT SEED`
#[test]
#[ignore = "takes minutes: just race 10000000 42"]
fn campaign() {
    let number = |name| std::env::var(name).ok().and_then(|text| text.replace('_', "").parse().ok());
    let (operations, seed) = (number("COUNT").unwrap_or(10_000_000), number("SEED").unwrap_or(42));
    let (rounds, done) = play(operations, seed);
    println!("{done} operations in {rounds} rounds with seed {seed}: nothing lost, repeated or miscounted");
}
