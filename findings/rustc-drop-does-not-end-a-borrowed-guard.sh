#!/usr/bin/env bash
# rustc 1.95 (and other versions with the same analysis), Tokio 1.54.1: a guard that is dropped with `drop` before an await still
# makes the future not `Send`, once a method or a field was reached through the guard. Only the end of its block, or a clone
# taken out of it, satisfies `tokio::spawn`. A guess would be that a value moved into `drop` is gone.
#
# Output seen:
#   with drop before the await: rejected, future cannot be sent between threads safely
#   with a block around the guard: compiles
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cargo new --quiet --vcs none finding
cd finding
cargo add --quiet tokio@=1.54.1 --features rt,sync,time

program() {
    cat <<RUST
use std::time::Duration;
use tokio::sync::watch;

pub struct Config {
    pub pause: Duration,
}

pub fn reader(config: watch::Receiver<Config>) {
    tokio::spawn(async move {
        $1
        tokio::time::sleep(pause).await;
    });
}
RUST
}
rm src/main.rs
program 'let guard = config.borrow(); let pause = guard.pause; drop(guard);' >src/lib.rs
if said=$(cargo check --quiet 2>&1); then first="compiles"; else
    first="rejected, $(grep -o 'future cannot be sent between threads safely' <<<"$said" | head -n 1)"
fi
program 'let pause = { let guard = config.borrow(); guard.pause };' >src/lib.rs
if cargo check --quiet 2>/dev/null; then second="compiles"; else second="rejected"; fi
seen="with drop before the await: $first
with a block around the guard: $second"
expected='with drop before the await: rejected, future cannot be sent between threads safely
with a block around the guard: compiles'
echo "$seen"
[ "$seen" = "$expected" ] || { echo "changed" >&2; exit 1; }
