//! Two tasks in a set, which aborts them when it is dropped.
let mut downloads = tokio::task::JoinSet::new();
for mirror in [one, other] {
    downloads.spawn(mirror.download());
}
tokio::time::timeout(PATIENCE, downloads.join_next()).await.ok().flatten()?.ok()
