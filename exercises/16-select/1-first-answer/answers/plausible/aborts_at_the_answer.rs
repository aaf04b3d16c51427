//! Aborts both tasks before it returns. When the customer leaves, nobody aborts them.
//~ fails with: at 70 ms Oslo was expected to log "is dropped", but never did
let (mut one, mut other) = (tokio::spawn(one.download()), tokio::spawn(other.download()));
let file = tokio::select! {
    file = &mut one => file.ok(),
    file = &mut other => file.ok(),
    () = sleep(PATIENCE) => None,
};
one.abort();
other.abort();
file
