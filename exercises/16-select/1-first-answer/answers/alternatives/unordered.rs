//! A set of futures without tasks.
use futures::StreamExt;
use futures::stream::FuturesUnordered;

let mut downloads: FuturesUnordered<_> = [one, other].into_iter().map(Mirror::download).collect();
tokio::select! {
    biased;
    file = downloads.next() => file,
    () = sleep(PATIENCE) => None,
}
