//! Two computations: one after the other as branches of `join!`, at the same time on threads.

use tokio::task::spawn_blocking;

/// Runs both computations at the same time, each on a thread that may be blocked. Neither is stopped when this is dropped.
// ANCHOR: on-threads
pub async fn on_threads(compute: impl Fn(&str) + Clone + Send + 'static) {
    let also = compute.clone();
    let (first, second) = tokio::join!(
        spawn_blocking(move || compute("sum 1")), // both have started when `join!` polls the handles
        spawn_blocking(move || also("sum 2")),
    );
    first.and(second).expect("no computation panics");
}
// ANCHOR_END: on-threads
