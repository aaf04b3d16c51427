//! Awaits the marker beside the tasks: it ends after them anyway.
stop.cancel();
poller.await.expect("the poller does not panic");
publishing.close();
let publishing = async {
    let in_time = timeout(patience, publishing.wait()).await.is_ok();
    let given_up = publishing.len();
    if !in_time {
        abort.cancel();
    }
    given_up
};
let (given_up, marked) = tokio::join!(publishing, marker);
Report { marked: marked.expect("the marker does not panic"), given_up }
