//! For any number of mirrors.
let downloads = [one, other].map(|mirror| Box::pin(mirror.download()));
match tokio::time::timeout(PATIENCE, futures::future::select_all(downloads)).await {
    Ok((file, _which, _slower)) => Some(file),
    Err(_elapsed) => None,
}
