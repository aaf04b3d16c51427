//! How a round's processes are to end: first every fail point once, then whatever the seed says.

use std::time::Duration;

use capstone_outbox::failpoint::Point;
use fastrand::Rng;

use crate::setting::{DatabaseKind, SinkKind};

/// How a process ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// `SIGKILL` after a while.
    Kill(Duration),
    /// By itself, when it passes a place for the n-th time.
    Point(Point, u64),
    /// `SIGTERM` after a while: a clean stop.
    Stop(Duration),
    /// `SIGTERM` after a while, and then at a place of the way out.
    StopAt(Duration, Point),
}

/// What to kill in a round, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Round {
    pub(crate) relay: End,
    /// Of one writer; the others end by themselves.
    pub(crate) writer: Option<End>,
}

/// The places that a writer passes. On SQLite the relay passes the groups' too, for its own writes.
fn of_writers(database: DatabaseKind) -> &'static [Point] {
    match database {
        DatabaseKind::Sqlite => {
            &[Point::Enqueued, Point::GroupBegun, Point::GroupBeforeCommit, Point::GroupCommitted]
        }
        DatabaseKind::Postgres => &[Point::Enqueued],
    }
}

/// Longest life of a relay that is killed at random. On PostgreSQL it takes longer to begin, and to pass a row that commits
/// late.
fn life_max_ms(database: DatabaseKind) -> u64 {
    match database {
        DatabaseKind::Sqlite => 200,
        DatabaseKind::Postgres => 800,
    }
}

pub(crate) struct Plan {
    random: Rng,
    /// Rounds that are still to come before chance decides.
    first: Vec<Round>,
    relay: Vec<Point>,
    writer: &'static [Point],
    life_max_ms: u64,
    /// How many rounds it takes to be at every place once.
    pub(crate) rounds_min: u64,
}

impl Plan {
    pub(crate) fn new(database: DatabaseKind, sink: SinkKind, mut random: Rng) -> Self {
        let relay: Vec<Point> = Point::ALL
            .into_iter()
            .map(|(point, _)| point)
            .filter(|&point| is_of_relay(point, database, sink))
            .collect();
        let (writer, life_max_ms) = (of_writers(database), life_max_ms(database));
        let mut first: Vec<Round> = relay
            .iter()
            .map(|&point| Round { relay: at(point, &mut random, life_max_ms), writer: None })
            .collect();
        // Every place of a writer while a relay lives, that is killed at random.
        first.extend(writer.iter().map(|&point| {
            let writer = Some(End::Point(point, 1));
            Round { relay: kill(&mut random, life_max_ms), writer }
        }));
        random.shuffle(&mut first);
        let rounds_min = first.len() as u64;
        Self { random, first, relay, writer, life_max_ms, rounds_min }
    }

    pub(crate) fn next(&mut self) -> Round {
        self.first.pop().unwrap_or_else(|| self.by_chance())
    }

    /// Where a relay that nobody stops is to freeze, and at which passing.
    pub(crate) fn place_to_freeze(&mut self) -> (Point, u64) {
        loop {
            let point = self.relay[self.random.usize(..self.relay.len())];
            if let End::Point(point, count) = at(point, &mut self.random, self.life_max_ms) {
                return (point, count);
            }
        }
    }

    fn by_chance(&mut self) -> Round {
        let (random, life_max_ms) = (&mut self.random, self.life_max_ms);
        let relay = match random.u32(..100) {
            0..50 => kill(random, life_max_ms),
            50..95 => at(self.relay[random.usize(..self.relay.len())], random, life_max_ms),
            _ => End::Stop(Duration::from_millis(random.u64(..life_max_ms))),
        };
        let writer = match random.u32(..100) {
            0..20 => Some(End::Kill(Duration::from_millis(random.u64(..60)))),
            20..40 => Some(End::Point(self.writer[random.usize(..self.writer.len())], random.u64(1..=10))),
            _ => None,
        };
        Round { relay, writer }
    }
}

fn kill(random: &mut Rng, life_max_ms: u64) -> End {
    End::Kill(Duration::from_millis(random.u64(..life_max_ms)))
}

fn at(point: Point, random: &mut Rng, life_max_ms: u64) -> End {
    match point {
        Point::LeaseTaken | Point::SettleHeld | Point::SettleBuried => End::Point(point, 1),
        // The first time there is nothing to renew yet.
        Point::LeaseRenewed => End::Point(point, 2),
        Point::LeaseBeforeRelease | Point::LeaseReleased => {
            End::StopAt(Duration::from_millis(random.u64(50..life_max_ms)), point)
        }
        Point::BeforePublish | Point::Published | Point::NatsSent | Point::NatsAcknowledged => {
            End::Point(point, random.u64(1..=60))
        }
        _ => End::Point(point, random.u64(1..=2)),
    }
}

fn is_of_relay(point: Point, database: DatabaseKind, sink: SinkKind) -> bool {
    match point {
        Point::Enqueued => false,
        // What PostgreSQL takes, the file sink can publish: there is no trouble to write down.
        Point::SettleDeleted | Point::SettleHeld | Point::SettleBuried => {
            database == DatabaseKind::Sqlite || sink == SinkKind::Nats
        }
        Point::GroupBegun | Point::GroupBeforeCommit | Point::GroupCommitted => {
            database == DatabaseKind::Sqlite
        }
        Point::FileBeforeWrite | Point::FileTorn | Point::FileWritten | Point::FileSynced => {
            sink == SinkKind::File
        }
        Point::NatsSent | Point::NatsAcknowledged => sink == SinkKind::Nats,
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_comes_first_and_once() {
        use DatabaseKind::{Postgres, Sqlite};
        use SinkKind::{File, Nats};
        for (database, sink) in [(Sqlite, File), (Sqlite, Nats), (Postgres, File), (Postgres, Nats)] {
            let mut plan = Plan::new(database, sink, Rng::with_seed(7));
            let mut seen = Vec::new();
            for _ in 0..plan.rounds_min {
                let round = plan.next();
                match round.relay {
                    End::Point(point, _) | End::StopAt(_, point) => seen.push(("relay", point)),
                    End::Kill(_) | End::Stop(_) => {}
                }
                if let Some(End::Point(point, _)) = round.writer {
                    seen.push(("writer", point));
                }
            }
            for (point, name) in Point::ALL {
                let expected = usize::from(is_of_relay(point, database, sink));
                let count = seen.iter().filter(|&&found| found == ("relay", point)).count();
                assert_eq!(count, expected, "{name}");
            }
            let writers = seen.iter().filter(|(who, _)| *who == "writer").count();
            assert_eq!(writers, of_writers(database).len());
        }
    }

    #[test]
    fn one_seed_is_one_plan() {
        let rounds = |seed| {
            let mut plan = Plan::new(DatabaseKind::Sqlite, SinkKind::File, Rng::with_seed(seed));
            (0..100).map(|_| plan.next()).collect::<Vec<_>>()
        };
        assert_eq!(rounds(1), rounds(1));
        assert_ne!(rounds(1), rounds(2));
    }
}
