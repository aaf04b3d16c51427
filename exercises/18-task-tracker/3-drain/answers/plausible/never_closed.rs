//! `wait` is still waiting for `close` when all tasks have ended. (The chapter's `never_closed`.)
//~ fails with: main was expected to log "is done" at 255 ms, but did so at 685 ms
stop.cancel();
poller.await.expect("the poller does not panic");
let mut given_up = 0;
if timeout(patience, publishing.wait()).await.is_err() {
    given_up = publishing.len();
    abort.cancel();
}
let marked = marker.await.expect("the marker does not panic");
Report { marked, given_up }
