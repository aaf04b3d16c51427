//! Waits without a limit. (The chapter's `no_deadline`.)
//~ fails with: at 440 ms main was expected to log "is done", but never did
stop.cancel();
poller.await.expect("the poller does not panic");
publishing.close();
publishing.wait().await;
let marked = marker.await.expect("the marker does not panic");
Report { marked, given_up: 0 }
