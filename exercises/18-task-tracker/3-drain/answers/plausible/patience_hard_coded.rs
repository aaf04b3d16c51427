//! Reads the patience off the test instead of the parameter.
//~ fails with: main was expected to log "is done" at 440 ms, but did so at 700 ms
stop.cancel();
poller.await.expect("the poller does not panic");
publishing.close();
let mut given_up = 0;
if timeout(Duration::from_millis(430), publishing.wait()).await.is_err() {
    given_up = publishing.len();
    abort.cancel();
}
let marked = marker.await.expect("the marker does not panic");
Report { marked, given_up }
