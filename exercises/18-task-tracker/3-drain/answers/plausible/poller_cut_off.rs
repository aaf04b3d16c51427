//! Aborts the poller instead of waiting for it, and cuts off its query.
//~ fails with: at 190 ms poller was expected to log "ends", but never did
stop.cancel();
poller.abort();
publishing.close();
let mut given_up = 0;
if timeout(patience, publishing.wait()).await.is_err() {
    given_up = publishing.len();
    abort.cancel();
}
let marked = marker.await.expect("the marker does not panic");
Report { marked, given_up }
