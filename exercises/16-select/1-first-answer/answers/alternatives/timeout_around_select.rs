//! `timeout` is such a race too.
let first = async {
    tokio::select! {
        file = one.download() => file,
        file = other.download() => file,
    }
};
tokio::time::timeout(PATIENCE, first).await.ok()
