//! Invents a limit. A slow disk takes longer.
//~ fails with: at 1000 ms caller 1 logged "no answer for backup.tar", which was not expected

//~ region as solved
//~ region as solved
//~ region
        let (answer, answered) = oneshot::channel();
        let request = Request { file: file.to_owned(), answer };
        self.requests.send(request).await.ok()?;
        tokio::time::timeout(Duration::from_secs(1), answered).await.ok()?.ok()
