//! Each carrier hears of every parcel and ships those with its number. The slow one has as many as the others.
//~ fails with: had been shipped 0 times
let announcements = broadcast::Sender::<Parcel>::new(64);
let (count, mut working) = (carriers.len(), JoinSet::new());
for (at, mut carrier) in carriers.into_iter().enumerate() {
    let mut announced = announcements.subscribe();
    working.spawn(async move {
        while let Ok(parcel) = announced.recv().await {
            if parcel.number as usize % count == at {
                carrier.ship(parcel).await;
            }
        }
    });
}
while let Some(parcel) = parcels.recv().await {
    announcements.send(parcel).ok();
}
drop(announcements);
working.join_all().await;
