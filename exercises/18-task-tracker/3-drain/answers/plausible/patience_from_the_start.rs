//! Counts `patience` from the call, so a query in progress uses up a part of it.
//~ fails with: main was expected to log "is done" at 440 ms, but did so at 425 ms: 15 ms too early
stop.cancel();
publishing.close();
let ended = timeout(patience, async {
    poller.await.expect("the poller does not panic");
    publishing.wait().await;
});
let mut given_up = 0;
if ended.await.is_err() {
    given_up = publishing.len();
    abort.cancel();
}
let marked = marker.await.expect("the marker does not panic");
Report { marked, given_up }
