//! [`Door`]: who may come in, when there are many.
//!
//! Counts by what connections hold and drop, so that none is forgotten however it ends.

use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;
use std::sync::{Arc, Weak};

use tokio_util::sync::CancellationToken;

use super::Limits;

/// One listener's.
///
/// # Why does the newest stranger displace the oldest, and not stay out?
///
/// Whoever opens silent sockets as fast as they time out would keep everybody else out. A client that says who it is needs
/// one round trip, and is the oldest only if so many have come meanwhile.
#[derive(Debug)]
pub(super) struct Door {
    limits: Limits,
    /// Connections that have not said who they are, the oldest first.
    strangers: VecDeque<Weak<CancellationToken>>,
    /// One more holder than connections from there.
    by_ip: HashMap<IpAddr, Arc<()>>,
}

/// A connection that was let in.
#[derive(Debug)]
pub(super) struct Guest {
    pub(super) stranger: Stranger,
    /// Held to the end of the connection.
    pub(super) place: Place,
}

/// Held until the client has said who it is.
#[derive(Debug)]
pub(super) struct Stranger(Arc<CancellationToken>);

/// Counts for the address.
#[derive(Debug)]
pub(super) struct Place(#[expect(dead_code, reason = "only its drop matters")] Arc<()>);

impl Stranger {
    /// Ready when it has to make room for another one.
    pub(super) async fn displaced(&self) {
        self.0.cancelled().await;
    }
}

impl Door {
    pub(super) fn new(limits: Limits) -> Self {
        Self { limits, strangers: VecDeque::new(), by_ip: HashMap::new() }
    }

    /// Lets one more in beside so many that are open, or says why not.
    pub(super) fn enter(&mut self, ip: IpAddr, open: usize) -> Result<Guest, &'static str> {
        self.by_ip.retain(|_, place| Arc::strong_count(place) > 1);
        self.strangers.retain(|stranger| stranger.strong_count() > 0);
        if open >= self.limits.connections_max {
            return Err("maximum connections exceeded");
        }
        let place = Arc::clone(self.by_ip.entry(ip.to_canonical()).or_default());
        // This one and the door's own are no connections that were there before.
        if Arc::strong_count(&place) - 2 >= self.limits.connections_per_ip_max {
            return Err("maximum connections from this address exceeded");
        }
        if self.strangers.len() >= self.limits.unauthenticated_max
            && let Some(oldest) = self.strangers.pop_front().and_then(|oldest| oldest.upgrade())
        {
            oldest.cancel();
        }
        let stranger = Arc::new(CancellationToken::new());
        self.strangers.push_back(Arc::downgrade(&stranger));
        Ok(Guest { stranger: Stranger(stranger), place: Place(place) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn enter(door: &mut Door, ip: &str, open: usize) -> Result<Guest, &'static str> {
        door.enter(ip.parse().expect("an address"), open)
    }

    #[test]
    fn of_strangers_the_oldest_goes_and_nobody_else() {
        let mut door = Door::new(Limits { unauthenticated_max: 2, ..Limits::default() });
        let mut guests: Vec<_> = (0..5).map(|open| enter(&mut door, "::1", open).expect("room")).collect();
        let displaced = |guests: &[Guest]| -> Vec<_> {
            guests.iter().map(|guest| guest.stranger.0.is_cancelled()).collect()
        };
        assert_eq!(displaced(&guests), [true, true, true, false, false]);

        // The fourth says who it is.
        drop(guests.remove(3).stranger);
        guests.push(enter(&mut door, "::1", 5).expect("room"));
        assert_eq!(displaced(&guests[3..]), [false, false]);
        guests.push(enter(&mut door, "::1", 6).expect("room"));
        assert_eq!(displaced(&guests[3..]), [true, false, false]);
    }

    #[test]
    fn an_address_has_its_connections_however_it_is_written_and_until_they_end() {
        let mut door = Door::new(Limits { connections_per_ip_max: 2, ..Limits::default() });
        let places = ["10.0.0.1", "::ffff:10.0.0.1"].map(|ip| enter(&mut door, ip, 0).expect("room").place);
        let refused = enter(&mut door, "10.0.0.1", 2).expect_err("it has two");
        assert_eq!(refused, "maximum connections from this address exceeded");
        let other = enter(&mut door, "10.0.0.2", 2).expect("another address");
        drop(places);
        enter(&mut door, "10.0.0.1", 1).expect("they have ended");
        drop(other);
        enter(&mut door, "::1", 0).expect("room");
        assert_eq!(door.by_ip.len(), 1, "who has no connection is forgotten");
    }
}
