//! Two computations: as branches of `join!` they run one after the other, on threads at the same time.

use tokio::task::spawn_blocking;

/// Runs both computations at the same time, each on a thread that may be blocked.
// ANCHOR: on-threads
pub async fn on_threads(compute: impl Fn(&str) + Clone + Send + 'static) {
    let also = compute.clone();
    let (first, second) = tokio::join!(
        spawn_blocking(move || compute("sum 1")), // both run now
        spawn_blocking(move || also("sum 2")),
    );
    first.and(second).expect("no computation panics");
}
// ANCHOR_END: on-threads
