//! The loop may be dropped at any moment: the batch is outside of it, and `recv` is cancel safe.
let collecting = async {
    while batch.len() < FULL {
        let Some(event) = events.recv().await else { break };
        batch.push(event);
    }
};
let _closed_by_time = tokio::time::timeout(OPEN, collecting).await;
