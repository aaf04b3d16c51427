//! Waits for one carrier, and drops the others with the set.
//~ fails with: had been shipped 0 times
let parcels = Arc::new(Mutex::new(parcels));
let mut working = JoinSet::new();
for mut carrier in carriers {
    let parcels = Arc::clone(&parcels);
    working.spawn(async move {
        loop {
            let next = parcels.lock().await.recv().await;
            let Some(parcel) = next else { break };
            carrier.ship(parcel).await;
        }
    });
}
working.join_next().await;
