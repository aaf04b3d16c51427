//! The marker ends when the last task has ended and every row is marked, so the tracker is needed for the count only.
stop.cancel();
poller.await.expect("the poller does not panic");
let deadline = tokio::time::Instant::now() + patience;
let mut marker = marker;
publishing.close();
tokio::select! {
    () = publishing.wait() => {}
    () = tokio::time::sleep_until(deadline) => {}
    marked = &mut marker => {
        return Report { marked: marked.expect("the marker does not panic"), given_up: 0 };
    }
}
let given_up = publishing.len();
abort.cancel();
let marked = marker.await.expect("the marker does not panic");
Report { marked, given_up }
