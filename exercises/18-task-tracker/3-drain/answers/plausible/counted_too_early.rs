//! Counts before the tasks have had their time, and so includes those that end in it.
//~ fails with: everything happened as it should, but the report (left) does not say so
stop.cancel();
poller.await.expect("the poller does not panic");
publishing.close();
let mut given_up = publishing.len();
match timeout(patience, publishing.wait()).await {
    Ok(()) => given_up = 0,
    Err(_) => abort.cancel(),
}
let marked = marker.await.expect("the marker does not panic");
Report { marked, given_up }
