//! Stops the marker together with the poller, although the tasks still need it. (The chapter's `one_token`.)
//~ fails with: at 270 ms marker was expected to log "marked row 1", but never did
marker.abort();
stop.cancel();
poller.await.expect("the poller does not panic");
publishing.close();
let mut given_up = 0;
if timeout(patience, publishing.wait()).await.is_err() {
    given_up = publishing.len();
    abort.cancel();
}
let marked = marker.await.unwrap_or(0);
Report { marked, given_up }
