//! Waits for the tasks before the poller has ended, and the poller spawns one more.
//~ fails with: at 440 ms main was expected to log "is done", but never did
stop.cancel();
publishing.close();
let mut given_up = 0;
if timeout(patience, publishing.wait()).await.is_err() {
    given_up = publishing.len();
    abort.cancel();
}
poller.await.expect("the poller does not panic");
let marked = marker.await.expect("the marker does not panic");
Report { marked, given_up }
