//! The service need not finish what nobody waits for.

//~ region as solved
//~ region
    let (requests, mut rx) = mpsc::channel(3);
    let service = tokio::spawn(async move {
        while let Some(Request { file, mut answer }) = rx.recv().await {
            tokio::select! {
                size = disk.size_of(&file) => {
                    if let Some(size) = size {
                        answer.send(size).ok();
                    }
                }
                () = answer.closed() => {}
            }
        }
    });
    (service, Client { requests })
//~ region as solved
