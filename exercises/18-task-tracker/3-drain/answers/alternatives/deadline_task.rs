//! A task cancels `abort` at the deadline, unless it is stopped before.
stop.cancel();
poller.await.expect("the poller does not panic");
publishing.close();
let deadline = tokio::spawn({
    let (publishing, abort) = (publishing.clone(), abort.clone());
    async move {
        sleep(patience).await;
        let left = publishing.len();
        abort.cancel();
        left
    }
});
publishing.wait().await;
deadline.abort();
let given_up = deadline.await.unwrap_or(0); // stopped before the deadline
let marked = marker.await.expect("the marker does not panic");
Report { marked, given_up }
