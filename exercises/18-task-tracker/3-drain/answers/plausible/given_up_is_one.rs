//! Reports one task, however many there are.
//~ fails with: everything happened as it should, but the report (left) does not say so
stop.cancel();
poller.await.expect("the poller does not panic");
publishing.close();
let mut given_up = 0;
if timeout(patience, publishing.wait()).await.is_err() {
    given_up = 1;
    abort.cancel();
    publishing.wait().await;
}
let marked = marker.await.expect("the marker does not panic");
Report { marked, given_up }
