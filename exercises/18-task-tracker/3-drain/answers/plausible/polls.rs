//! Checks the tracker every millisecond.
//~ fails with: shut_down was woken within 300 ms
stop.cancel();
poller.await.expect("the poller does not panic");
publishing.close();
let deadline = tokio::time::Instant::now() + patience;
while !publishing.is_empty() && tokio::time::Instant::now() < deadline {
    sleep(Duration::from_millis(1)).await;
}
let given_up = publishing.len();
abort.cancel();
let marked = marker.await.expect("the marker does not panic");
Report { marked, given_up }
