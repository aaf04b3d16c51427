//! If no task is left, `len` is 0 and `abort` drops nothing. The marker ends after the tasks, so awaiting it is enough.
stop.cancel();
poller.await.expect("the poller does not panic");
publishing.close();
timeout(patience, publishing.wait()).await.ok();
let given_up = publishing.len();
abort.cancel();
let marked = marker.await.expect("the marker does not panic");
Report { marked, given_up }
