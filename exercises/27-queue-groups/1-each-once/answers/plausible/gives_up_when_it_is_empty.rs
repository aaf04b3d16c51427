//! Takes an empty channel for one that has ended.
//~ fails with: at 330 ms Lark was expected to log "has shipped a parcel", but Owl logged it, at 740 ms
let parcels = Arc::new(std::sync::Mutex::new(parcels));
let mut working = JoinSet::new();
for mut carrier in carriers {
    let parcels = Arc::clone(&parcels);
    working.spawn(async move {
        loop {
            let next = parcels.lock().unwrap().try_recv();
            let Ok(parcel) = next else { break };
            carrier.ship(parcel).await;
        }
    });
}
working.join_all().await;
