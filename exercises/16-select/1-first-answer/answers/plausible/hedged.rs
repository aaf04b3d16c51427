//! Gives the first mirror a head start of 50 ms, which often saves the second download.
//~ fails with: Rome was expected to log "is asked" at 0 ms, but did so at 50 ms
tokio::select! {
    file = one.download() => Some(file),
    file = async {
        sleep(Duration::from_millis(50)).await;
        other.download().await
    } => Some(file),
    () = sleep(PATIENCE) => None,
}
