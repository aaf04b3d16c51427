//! The trap of lesson 21: the guard lives for the whole body of the loop, so the carriers ship one after another.
//~ fails with: was expected to log "has shipped a parcel"
let parcels = Arc::new(Mutex::new(parcels));
let mut working = JoinSet::new();
for mut carrier in carriers {
    let parcels = Arc::clone(&parcels);
    working.spawn(async move {
        while let Some(parcel) = parcels.lock().await.recv().await {
            carrier.ship(parcel).await;
        }
    });
}
working.join_all().await;
