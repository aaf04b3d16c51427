//! The two ends of the relay: the outbox that it reads and the broker that it publishes to. They record what the relay does, and
//! what no relay may do, whatever the milestone.

use std::collections::HashSet;
use std::time::Duration;

use tokio::time::sleep;

use super::super::sut::contract::{Broker, Event, Outbox, PublishError};
use super::rows::{Fate, Mark, Outcome, Record, Row};
use super::{ATTEMPTS_MAX, QUERIES_MAX, World};

/// Notices that a future was dropped before its end.
struct Guard<'a> {
    world: &'a World,
    id: u64,
    what: &'static str,
}

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        match self.what {
            "the publish" => self.world.end(self.id, Outcome::Dropped),
            what => self.world.log(format_args!("{what} of event {} is dropped", self.id)),
        }
    }
}

impl Outbox for World {
    async fn unsent(&self, limit: usize, except: &HashSet<String>) -> Vec<Event> {
        let now = self.now();
        self.state().queries.push(now);
        if self.queries().len() > QUERIES_MAX {
            self.log("the outbox was queried too often, and does not answer any more");
            std::future::pending::<()>().await;
        }
        sleep(Duration::from_millis(self.query_ms)).await;
        let mut state = self.state();
        let unsent =
            state.rows.values().filter(|(row, record)| record.marked.is_none() && !except.contains(&row.key));
        let events: Vec<Event> = unsent.take(limit).map(|(row, _)| row.event()).collect();
        state.out.extend(events.iter().map(|event| event.id));
        state.out_peak = state.out_peak.max(state.out.len());
        drop(state);
        let ids: Vec<u64> = events.iter().map(|event| event.id).collect();
        match &ids[..] {
            [] => self.log("a query finds nothing"),
            [.., last] if ids.len() > 8 => {
                self.log(format_args!("a query finds {} events, {} to {last}", ids.len(), ids[0]))
            }
            _ => self.log(format_args!("a query finds events {ids:?}")),
        }
        events
    }

    async fn mark_sent(&self, id: u64) {
        self.mark(id, Mark::Sent).await;
    }

    async fn mark_failed(&self, id: u64, reason: &str) {
        self.mark(id, Mark::Failed(reason.to_owned())).await;
    }
}

impl Broker for World {
    async fn publish(&self, event: &Event) -> Result<(), PublishError> {
        let row = self.begin(event);
        let (id, attempt) = (row.id, self.record(row.id).begun.len());
        let guard = Guard { world: self, id, what: "the publish" };
        if matches!(row.fate, Fate::NeverAnswered) || attempt > ATTEMPTS_MAX {
            std::future::pending::<()>().await;
        }
        sleep(Duration::from_millis(row.takes_ms)).await;
        std::mem::forget(guard);
        match row.fate {
            Fate::Refused => {
                self.end(id, Outcome::Refused);
                Err(PublishError::Permanent(format!("event {id} has no schema")))
            }
            Fate::Panics => {
                self.end(id, Outcome::Panicked);
                panic!("bug in the client library, shown by event {id}")
            }
            Fate::Unreliable(times) if attempt <= times => {
                self.end(id, Outcome::Transient);
                Err(PublishError::Transient(format!("no connection for event {id}, attempt {attempt}")))
            }
            _ => {
                self.end(id, Outcome::Confirmed);
                Ok(())
            }
        }
    }
}

impl World {
    async fn mark(&self, id: u64, mark: Mark) {
        let word = if mark == Mark::Sent { "sent" } else { "failed" };
        let now = self.now();
        let Some((_, record)) = self.state().rows.get(&id).cloned() else {
            return self.wrong(format!("event {id} was marked as {word}, and there is no such event"));
        };
        let allowed = match mark {
            Mark::Sent => vec![Outcome::Confirmed],
            Mark::Failed(_) => vec![Outcome::Transient, Outcome::Refused, Outcome::Panicked],
        };
        let last = record.outcomes.last().map(|(_, outcome)| *outcome);
        let is_over = record.begun.len() == record.outcomes.len();
        if record.marking.is_some() {
            self.wrong(format!("event {id} was marked twice"));
        } else if !is_over || !last.is_some_and(|last| allowed.contains(&last)) {
            let so_far = match last.filter(|_| is_over) {
                Some(Outcome::Confirmed) => "the broker has confirmed it",
                Some(Outcome::Dropped) => "its publish was dropped, so nobody knows",
                Some(_) => "the broker has not confirmed it",
                None => "the broker has not answered yet",
            };
            self.wrong(format!("event {id} was marked as {word} at {now} ms, and {so_far}"));
        }
        self.record_mut(id, |record| record.marking = Some(now));
        let guard = Guard { world: self, id, what: "the marking" };
        sleep(Duration::from_millis(self.mark_ms)).await;
        std::mem::forget(guard);
        let now = self.now();
        self.log(format_args!("event {id} is marked as {word}"));
        self.record_mut(id, |record| record.marked = Some((now, mark)));
        self.state().out.remove(&id);
    }

    fn record_mut(&self, id: u64, change: impl FnOnce(&mut Record)) {
        if let Some((_, record)) = self.state().rows.get_mut(&id) {
            change(record);
        }
    }

    /// What is not allowed when a publish begins.
    fn begin(&self, event: &Event) -> Row {
        let Some((row, record)) = self.state().rows.get(&event.id).cloned() else {
            panic!("event {} was published, and there is no such event", event.id);
        };
        let id = row.id;
        if *event != row.event() {
            self.wrong(format!("event {id} was published as {event:?}, which is not what the outbox holds"));
        }
        if record.begun.len() > record.outcomes.len() {
            self.wrong(format!("event {id} was published again while it was in flight"));
        } else if let Some(at) = record.confirmed_at() {
            self.wrong(format!("event {id} was published again, although it was confirmed at {at} ms"));
        }
        let now = self.now();
        self.log(format_args!("event {id} of {} arrives at the broker", row.key));
        self.record_mut(id, |record| record.begun.push(now));
        let mut state = self.state();
        state.in_flight.insert(id);
        state.in_flight_peak = state.in_flight_peak.max(state.in_flight.len());
        row
    }

    fn end(&self, id: u64, outcome: Outcome) {
        let now = self.now();
        self.record_mut(id, |record| record.outcomes.push((now, outcome)));
        self.state().in_flight.remove(&id);
        self.log(match outcome {
            Outcome::Confirmed => format!("event {id} is confirmed"),
            Outcome::Transient => format!("event {id} fails, and may succeed later"),
            Outcome::Refused => format!("event {id} is refused"),
            Outcome::Panicked => format!("event {id} makes the client library panic"),
            Outcome::Dropped => format!("the publish of event {id} is dropped"),
        });
    }
}
