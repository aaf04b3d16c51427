//! Takes the whole `patience`, although the tasks may end before.
//~ fails with: main was expected to log "is done" at 255 ms, but did so at 685 ms
stop.cancel();
poller.await.expect("the poller does not panic");
publishing.close();
tokio::time::sleep(patience).await;
let given_up = publishing.len();
abort.cancel();
let marked = marker.await.expect("the marker does not panic");
Report { marked, given_up }
