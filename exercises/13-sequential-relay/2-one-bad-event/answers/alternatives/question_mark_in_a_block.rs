//! The `?` stays: it ends an async block, not the function.

    for id in events {
        let publishing = async {
            broker.publish(id).await?;
            summary.published.push(id);
            Ok(())
        };
        if let Err(rejected) = publishing.await {
            summary.failed.push((id, rejected));
        }
    }
