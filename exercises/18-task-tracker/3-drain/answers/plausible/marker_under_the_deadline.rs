//! Gives the marker no more time than the tasks, and cuts it off with rows in its queue.
//~ fails with: main was expected to log "is done" at 910 ms, but did so at 830 ms: 80 ms too early
stop.cancel();
poller.await.expect("the poller does not panic");
publishing.close();
let mut marker = marker;
let all = async {
    publishing.wait().await;
    (&mut marker).await.expect("the marker does not panic")
};
match timeout(patience, all).await {
    Ok(marked) => Report { marked, given_up: 0 },
    Err(_) => {
        let given_up = publishing.len();
        abort.cancel();
        marker.abort();
        Report { marked: marker.await.unwrap_or(0), given_up }
    }
}
