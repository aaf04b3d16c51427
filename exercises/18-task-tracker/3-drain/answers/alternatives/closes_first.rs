//! A closed tracker still accepts the poller's last task, so `close` may come first.
publishing.close();
stop.cancel();
poller.await.expect("the poller does not panic");
let mut given_up = 0;
if timeout(patience, publishing.wait()).await.is_err() {
    given_up = publishing.len();
    abort.cancel();
}
publishing.wait().await;
let marked = marker.await.expect("the marker does not panic");
Report { marked, given_up }
