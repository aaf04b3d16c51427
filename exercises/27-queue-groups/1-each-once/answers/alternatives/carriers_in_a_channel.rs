//! The free carriers are in a channel, and each comes back when its parcel is shipped.
let (back, mut free) = mpsc::channel(carriers.len());
for carrier in carriers {
    back.try_send(carrier).ok();
}
let mut working = JoinSet::new();
while let Some(parcel) = parcels.recv().await {
    let mut carrier = free.recv().await.expect("`back` is here");
    let back = back.clone();
    working.spawn(async move {
        carrier.ship(parcel).await;
        back.try_send(carrier).ok();
    });
}
working.join_all().await;
