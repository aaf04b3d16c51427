//! The carriers work in the caller's task, each with a loop of its own.
let parcels = Mutex::new(parcels);
let working = carriers.into_iter().map(async |mut carrier| {
    loop {
        let next = parcels.lock().await.recv().await;
        let Some(parcel) = next else { break };
        carrier.ship(parcel).await;
    }
});
futures::future::join_all(working).await;
