//! A task whose handle loses goes on, as in the chapter: `select!` drops the handle, not the task.
//~ fails with: at 130 ms Rome was expected to log "is dropped", but never did
let (one, other) = (tokio::spawn(one.download()), tokio::spawn(other.download()));
tokio::select! {
    file = one => file.ok(),
    file = other => file.ok(),
    () = sleep(PATIENCE) => None,
}
