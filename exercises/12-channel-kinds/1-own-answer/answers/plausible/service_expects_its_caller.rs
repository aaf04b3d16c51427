//! The service panics when the caller is gone, and then no caller gets an answer.
//~ fails with: at 250 ms caller 2 logged "no answer for cat.png", which was not expected

//~ region as solved
//~ region
    let (requests, mut rx) = mpsc::channel(3);
    let service = tokio::spawn(async move {
        while let Some(Request { file, answer }) = rx.recv().await {
            if let Some(size) = disk.size_of(&file).await {
                answer.send(size).expect("the caller waits");
            }
        }
    });
    (service, Client { requests })
//~ region as solved
