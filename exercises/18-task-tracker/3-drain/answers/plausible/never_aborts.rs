//! Counts the tasks that it gives up, and leaves them running. The marker waits for their senders.
//~ fails with: at 440 ms main was expected to log "is done", but never did
stop.cancel();
poller.await.expect("the poller does not panic");
publishing.close();
let mut given_up = 0;
if timeout(patience, publishing.wait()).await.is_err() {
    given_up = publishing.len();
}
let marked = marker.await.expect("the marker does not panic");
Report { marked, given_up }
