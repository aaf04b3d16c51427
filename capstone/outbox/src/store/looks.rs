//! When a relay last looked at each of its lanes. A store says with each renewal which it has not looked at for long: so whoever
//! examines the store sees a relay that is alive, and does not read.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;

use tokio::time::Instant;

use super::Lane;

/// A relay that is well looks at least three times as often, or has no room.
const UNREAD: Duration = Duration::from_secs(30);

#[derive(Default)]
pub(crate) struct Looks {
    /// Short sections without await.
    last: Mutex<HashMap<Lane, Instant>>,
}

impl Looks {
    /// These lanes have just been taken or read, or there is no room for what is in them.
    pub(crate) fn note(&self, lanes: impl IntoIterator<Item = Lane>) {
        let now = Instant::now();
        self.last
            .lock()
            .expect("nothing panics while it is held")
            .extend(lanes.into_iter().map(|lane| (lane, now)));
    }

    /// Those of a relay's lanes that it has not looked at for long.
    pub(crate) fn unread(&self, lanes: impl IntoIterator<Item = Lane>) -> Vec<Lane> {
        let now = Instant::now();
        let mut last = self.last.lock().expect("nothing panics while it is held");
        lanes.into_iter().filter(|lane| now - *last.entry(*lane).or_insert(now) >= UNREAD).collect()
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_lane_is_unread_from_half_a_minute_after_it_was_seen_first_or_looked_at_last() {
        let looks = Looks::default();
        let lanes = [Lane(0), Lane(1), Lane(2)];
        looks.note([Lane(0), Lane(1)]);
        advance(UNREAD / 2).await;
        assert_eq!(looks.unread(lanes), []);
        looks.note([Lane(1)]);
        advance(UNREAD / 2).await;
        assert_eq!(looks.unread(lanes), [Lane(0)]);
        advance(UNREAD / 2).await;
        assert_eq!(looks.unread(lanes), lanes);
        looks.note(lanes);
        assert_eq!(looks.unread(lanes), []);
    }
}
