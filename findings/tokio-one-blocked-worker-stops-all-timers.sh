#!/usr/bin/env bash
# Tokio 1.54.1: on a runtime with four workers, one task that blocks its thread can stop every timer, although three workers
# are idle. The worker that waits for timers and sockets runs the task that a timer woke, and wakes no other worker to wait in
# its place. A guess would be that a quarter of the capacity is gone, and nothing else.
#
# Output seen:
#   blocked for 600 ms: 0 beats of a heartbeat of 50 ms
#   after a spawn from outside: the heartbeat beats again
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cargo new --quiet --vcs none finding
cd finding
cargo add --quiet tokio@=1.54.1 --features rt-multi-thread,time
cat >src/main.rs <<'RUST'
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_time().build().unwrap();
    let beats = Arc::new(AtomicU32::new(0));
    let counted = beats.clone();
    // Blocks its worker, which is the one that was waiting for timers: its own timer woke it.
    runtime.spawn(async {
        tokio::time::sleep(Duration::from_millis(20)).await;
        thread::sleep(Duration::from_millis(2_000));
    });
    runtime.spawn(async move {
        loop {
            tokio::time::sleep(Duration::from_millis(50)).await;
            counted.fetch_add(1, Ordering::Relaxed);
        }
    });
    thread::sleep(Duration::from_millis(30));
    let before = beats.load(Ordering::Relaxed);
    thread::sleep(Duration::from_millis(600));
    println!("blocked for 600 ms: {} beats of a heartbeat of 50 ms", beats.load(Ordering::Relaxed) - before);
    runtime.spawn(async {});
    thread::sleep(Duration::from_millis(300));
    let beats_again = beats.load(Ordering::Relaxed) > before;
    println!("after a spawn from outside: the heartbeat {}", if beats_again { "beats again" } else { "stands still" });
    runtime.shutdown_background();
}
RUST
expected='blocked for 600 ms: 0 beats of a heartbeat of 50 ms
after a spawn from outside: the heartbeat beats again'
# A busy machine may keep a second worker awake at that moment: one run of five is enough.
for _ in 1 2 3 4 5; do
    seen=$(cargo run --quiet)
    [ "$seen" = "$expected" ] && { echo "$seen"; exit 0; }
done
echo "changed: $seen" >&2
exit 1
