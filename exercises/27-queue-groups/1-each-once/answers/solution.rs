//! Exercise 27.1: several carriers share the parcels of a shop.

use std::sync::Arc;

pub use carrier::{Carrier, Parcel};
use tokio::sync::{Mutex, broadcast, mpsc};
use tokio::task::JoinSet;

/// Ships each parcel once. Returns when the channel has ended and all parcels are shipped.
pub async fn ship_all(mut parcels: mpsc::Receiver<Parcel>, carriers: Vec<Carrier>) {
    //~ begin
    let parcels = Arc::new(Mutex::new(parcels));
    let mut working = JoinSet::new();
    for mut carrier in carriers {
        let parcels = Arc::clone(&parcels);
        working.spawn(async move {
            loop {
                // The guard is dropped at the end of this statement.
                let next = parcels.lock().await.recv().await;
                let Some(parcel) = next else { break };
                carrier.ship(parcel).await;
            }
        });
    }
    working.join_all().await;
    //~ starter
    //~| // TODO: each carrier ships every parcel. A parcel is for one carrier: the next one that is free.
    //~| let announcements = broadcast::Sender::new(64);
    //~| let mut working = JoinSet::new();
    //~| for mut carrier in carriers {
    //~|     let mut announced = announcements.subscribe();
    //~|     working.spawn(async move {
    //~|         while let Ok(parcel) = announced.recv().await {
    //~|             carrier.ship(parcel).await;
    //~|         }
    //~|     });
    //~| }
    //~| while let Some(parcel) = parcels.recv().await {
    //~|     announcements.send(parcel).ok(); // fails when there is no carrier
    //~| }
    //~| drop(announcements);
    //~| working.join_all().await;
    //~ end
}

/// The carriers. Do not change them.
mod carrier {
    use std::sync::{Arc, Mutex};
    use std::time::Duration;

    use shared::Journal;
    use tokio::time::sleep;

    /// A parcel of the shop.
    #[derive(Clone, Debug)]
    pub struct Parcel {
        pub number: u32,
    }

    /// A carrier. Only the carrier knows how long it takes.
    pub struct Carrier {
        name: &'static str,
        takes: Duration,
        shipped: Arc<Mutex<Vec<u32>>>,
        journal: Journal,
    }

    impl Carrier {
        pub fn new(
            name: &'static str,
            takes_ms: u64,
            shipped: Arc<Mutex<Vec<u32>>>,
            journal: Journal,
        ) -> Self {
            Self { name, takes: Duration::from_millis(takes_ms), shipped, journal }
        }

        /// Ships a parcel. A carrier ships one at a time.
        pub async fn ship(&mut self, parcel: Parcel) {
            sleep(self.takes).await;
            self.journal.log(self.name, "has shipped a parcel");
            self.shipped.lock().expect("nothing panics under this lock").push(parcel.number);
        }
    }
}
