//! A `select!` with a sleep is a timeout too.
stop.cancel();
poller.await.expect("the poller does not panic");
publishing.close();
let given_up = tokio::select! {
    () = publishing.wait() => 0,
    () = sleep(patience) => publishing.len(),
};
abort.cancel();
let marked = marker.await.expect("the marker does not panic");
Report { marked, given_up }
