//! Gives a parcel to each carrier, and waits for all of them before the next round.
//~ fails with: Wren was expected to log "has shipped a parcel" at 180 ms
let mut carriers = carriers;
let mut round = Vec::new();
while parcels.recv_many(&mut round, carriers.len()).await > 0 {
    let shipping = carriers.iter_mut().zip(round.drain(..)).map(|(carrier, parcel)| carrier.ship(parcel));
    futures::future::join_all(shipping).await;
}
