//! Waits for the tasks only. The marker still has rows in its queue.
//~ fails with: main was expected to log "is done" at 400 ms, but did so at 330 ms: 70 ms too early
stop.cancel();
poller.await.expect("the poller does not panic");
publishing.close();
let mut given_up = 0;
if timeout(patience, publishing.wait()).await.is_err() {
    given_up = publishing.len();
    abort.cancel();
    publishing.wait().await;
}
let marked = if marker.is_finished() { marker.await.unwrap_or(0) } else { 0 };
Report { marked, given_up }
