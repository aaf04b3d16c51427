//! [`Door`]: who may come in, when there are many.
//!
//! Counts by what connections hold and drop, so that none is forgotten however it ends.

use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;
use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, timeout_at};
use tokio_util::sync::CancellationToken;

use super::Limits;

/// How long a stranger has to say who it is, when others wait for its place. A client needs a round trip, and what is
/// left is for a process that opens thousands of connections before it looks at the first.
const GRACE: Duration = Duration::from_millis(250);
/// Addresses are looked through for those without a connection when there are at least so many.
const SWEPT_FROM: usize = 64;

/// One listener's.
///
/// # What tells a fleet from silent sockets?
///
/// That it speaks. Thousands of clients that come at once are let in one after another, and each makes its place free as
/// soon as it has said who it is. A silent socket keeps its place only until somebody else waits for it: so whoever opens
/// them keeps nobody out, and nobody is refused for having come in a crowd.
#[derive(Debug)]
pub(super) struct Door {
    limits: Limits,
    /// Those that have not said who they are, and perhaps some that have; the oldest first.
    strangers: VecDeque<Waiting>,
    /// Told whenever a stranger is one no more.
    left: Arc<Notify>,
    /// One more holder than connections from there.
    by_ip: HashMap<IpAddr, Arc<()>>,
    /// So many addresses make a look through them worth while.
    sweep_at: usize,
}

#[derive(Debug)]
struct Waiting {
    since: Instant,
    /// Gone when it is no stranger any more.
    displaced: Weak<CancellationToken>,
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
pub(super) struct Stranger {
    displaced: Arc<CancellationToken>,
    left: Arc<Notify>,
}

/// Counts for the address.
#[derive(Debug)]
pub(super) struct Place(#[expect(dead_code, reason = "only its drop matters")] Arc<()>);

impl Stranger {
    /// Ready when it has to make room for another one.
    pub(super) async fn displaced(&self) {
        self.displaced.cancelled().await;
    }
}

impl Drop for Stranger {
    fn drop(&mut self) {
        self.left.notify_one();
    }
}

impl Door {
    pub(super) fn new(limits: Limits) -> Self {
        let by_ip = HashMap::new();
        Self { limits, strangers: VecDeque::new(), left: Arc::default(), by_ip, sweep_at: SWEPT_FROM }
    }

    /// Ready when one more may [enter](Self::enter). Until then whoever comes is kept by the operating system.
    ///
    /// Cancel safe: it only looks.
    pub(super) async fn opens(&mut self) {
        while !self.has_room() {
            let Some(oldest) = self.strangers.front() else { return };
            let patience = oldest.since + GRACE;
            if patience <= Instant::now() {
                return;
            }
            // Whichever it is, there is something to look at.
            let _ = timeout_at(patience, self.left.notified()).await;
        }
    }

    /// Lets one more in beside so many that are open, or says why not. A stranger that has had its time makes room.
    pub(super) fn enter(&mut self, ip: IpAddr, open: usize) -> Result<Guest, &'static str> {
        self.sweep();
        let place = Arc::clone(self.by_ip.entry(ip.to_canonical()).or_default());
        // This one and the door's own are no connections that were there before.
        if Arc::strong_count(&place) - 2 >= self.limits.connections_per_ip_max {
            return Err("maximum connections from this address exceeded");
        }
        let is_full = open >= self.limits.connections_max;
        let one_goes = (is_full || !self.has_room()) && self.displace();
        if is_full && !one_goes {
            return Err("maximum connections exceeded");
        }
        let displaced = Arc::new(CancellationToken::new());
        self.strangers.push_back(Waiting { since: Instant::now(), displaced: Arc::downgrade(&displaced) });
        Ok(Guest { stranger: Stranger { displaced, left: Arc::clone(&self.left) }, place: Place(place) })
    }

    /// Whether one more stranger may be here. Looks at all of them only when so many have come that it may be too many.
    fn has_room(&mut self) -> bool {
        let max = self.limits.unauthenticated_max.min((self.limits.connections_max / 2).max(1));
        if self.strangers.len() >= max {
            self.strangers.retain(|stranger| stranger.displaced.strong_count() > 0);
        }
        self.strangers.len() < max
    }

    /// Sends away the oldest stranger, if it has had its time.
    pub(super) fn displace(&mut self) -> bool {
        while let Some(oldest) = self.strangers.front() {
            match oldest.displaced.upgrade() {
                Some(_) if oldest.since.elapsed() < GRACE => return false,
                found => {
                    self.strangers.pop_front();
                    if let Some(stranger) = found {
                        stranger.cancel();
                        return true;
                    }
                }
            }
        }
        false
    }

    fn sweep(&mut self) {
        if self.by_ip.len() >= self.sweep_at {
            self.by_ip.retain(|_, place| Arc::strong_count(place) > 1);
            self.sweep_at = (2 * self.by_ip.len()).max(SWEPT_FROM);
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;

    #[track_caller]
    fn enter(door: &mut Door, ip: &str, open: usize) -> Result<Guest, &'static str> {
        door.enter(ip.parse().expect("an address"), open)
    }

    fn displaced(guests: &[Guest]) -> Vec<bool> {
        guests.iter().map(|guest| guest.stranger.displaced.is_cancelled()).collect()
    }

    #[tokio::test(start_paused = true)]
    async fn a_stranger_has_its_time_and_then_the_oldest_goes_and_nobody_else() {
        let mut door = Door::new(Limits { unauthenticated_max: 2, ..Limits::default() });
        let begin = Instant::now();
        let mut guests = Vec::new();
        for open in 0..5 {
            door.opens().await;
            guests.push(enter(&mut door, "::1", open).expect("room"));
        }
        assert_eq!(displaced(&guests), [true, true, true, false, false]);
        assert_eq!(begin.elapsed(), 2 * GRACE, "two at a time, each for its time");

        // The fourth says who it is: the next need not wait, and nobody goes.
        drop(guests.remove(3).stranger);
        door.opens().now_or_never().expect("there is room");
        guests.push(enter(&mut door, "::1", 5).expect("room"));
        assert_eq!(displaced(&guests[3..]), [false, false]);
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_waits_is_let_in_as_soon_as_a_stranger_speaks() {
        let mut door = Door::new(Limits { unauthenticated_max: 1, ..Limits::default() });
        let begin = Instant::now();
        let guest = enter(&mut door, "::1", 0).expect("room");
        let speaks = async {
            tokio::time::sleep(Duration::from_millis(10)).await;
            drop(guest.stranger);
        };
        tokio::join!(door.opens(), speaks);
        assert_eq!(begin.elapsed(), Duration::from_millis(10));
    }

    #[tokio::test(start_paused = true)]
    async fn a_full_house_has_room_where_a_stranger_has_had_its_time() {
        let mut door = Door::new(Limits { connections_max: 2, ..Limits::default() });
        let silent = enter(&mut door, "::1", 0).expect("room");
        let full = enter(&mut door, "::1", 2).expect_err("nobody has had its time");
        assert_eq!(full, "maximum connections exceeded");
        tokio::time::advance(GRACE).await;
        let guest = enter(&mut door, "::1", 2).expect("the silent one goes");
        assert!(silent.stranger.displaced.is_cancelled());
        drop(guest.stranger);
        tokio::time::advance(GRACE).await;
        enter(&mut door, "::1", 2).expect_err("everybody has said who it is");
    }

    #[tokio::test(start_paused = true)]
    async fn thousands_who_come_at_once_are_let_in_at_once() {
        let mut door = Door::new(Limits::default());
        let mut guests = Vec::new();
        for open in 0..2_000 {
            door.opens().now_or_never().expect("there is room");
            guests.push(enter(&mut door, "::1", open).expect("room"));
        }
        assert!(!displaced(&guests).contains(&true));
    }

    #[tokio::test(start_paused = true)]
    async fn strangers_are_never_more_than_half() {
        let mut door = Door::new(Limits { connections_max: 10, ..Limits::default() });
        let mut guests = Vec::new();
        while door.opens().now_or_never().is_some() {
            guests.push(enter(&mut door, "::1", guests.len()).expect("room"));
        }
        assert_eq!(guests.len(), 5);
    }

    #[tokio::test]
    async fn an_address_has_its_connections_however_it_is_written_and_until_they_end() {
        let mut door = Door::new(Limits { connections_per_ip_max: 2, ..Limits::default() });
        let places = ["10.0.0.1", "::ffff:10.0.0.1"].map(|ip| enter(&mut door, ip, 0).expect("room").place);
        let refused = enter(&mut door, "10.0.0.1", 2).expect_err("it has two");
        assert_eq!(refused, "maximum connections from this address exceeded");
        let other = enter(&mut door, "10.0.0.2", 2).expect("another address");
        drop(places);
        enter(&mut door, "10.0.0.1", 1).expect("they have ended");
        drop(other);
        for last in 0..=255 {
            enter(&mut door, &format!("10.0.1.{last}"), 0).expect("room");
            assert!(door.by_ip.len() <= 2 * SWEPT_FROM, "who has no connection is forgotten");
        }
    }
}
