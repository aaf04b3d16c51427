//! What must hold after each input, whatever the order of events.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use tokio::time::Instant;

use super::world::{World, is_broken};
use crate::config::RelayConfig;
use crate::message::{Envelope, Ident, RowId};
use crate::relay::core::Core;
use crate::relay::event::{Effect, Input};
use crate::relay::window::Room;
use crate::sink::SinkError;
use crate::store::{Budget, Change, Changes, Hold, Lane, Lease};

/// What is known of the messages, and of what the core was told.
#[derive(Default)]
pub(super) struct Rules {
    /// Rows of each key, in the order of their commits, and how many of the first are done with.
    keys: HashMap<Ident, (Vec<RowId>, usize)>,
    rows: HashMap<RowId, Known>,
    /// The heaviest row.
    heaviest: usize,
    /// The leases of the last renewal that was heard, and until when it allows publishes.
    told: Option<(Vec<Lease>, Instant)>,
    share: usize,
    /// The leases of the renewal before.
    before: Vec<Lease>,
    is_paused: bool,
    /// Leases that the core has given back, or has heard to be lost.
    ended: BTreeSet<Lease>,
    /// Rows that may have ended a process.
    accused: HashMap<RowId, Lane>,
}

/// What is known of a row.
struct Known {
    ident: Ident,
    is_broken: bool,
    /// The sink has taken it.
    is_delivered: bool,
    /// The lease under which this run was told so.
    acknowledged: Option<Lease>,
    /// Attempts that may have been counted.
    failures: u32,
    /// It was refused for good, or by another relay.
    is_hopeless: bool,
}

/// What the core may do now.
pub(super) struct Allowed {
    pub(super) now: Instant,
    pub(super) has_slept: bool,
    pub(super) is_stopping: bool,
}

impl Rules {
    pub(super) fn committed(&mut self, rows: &[Envelope]) {
        for row in rows {
            self.keys.entry(row.ident()).or_default().0.push(row.row());
            self.heaviest = self.heaviest.max(row.weight());
            let (ident, is_broken) = (row.ident(), is_broken(row));
            let known = Known {
                ident,
                is_broken,
                is_delivered: false,
                acknowledged: None,
                failures: 0,
                is_hopeless: false,
            };
            self.rows.insert(row.row(), known);
        }
    }

    pub(super) fn ident(&self, row: RowId) -> &Ident {
        &self.rows[&row].ident
    }

    /// Whether this run was told that the sink has taken it.
    pub(super) fn is_acknowledged(&self, row: RowId) -> bool {
        self.rows[&row].acknowledged.is_some()
    }

    /// A run has ended: the next one knows nothing.
    pub(super) fn forget(&mut self) {
        (self.told, self.is_paused, self.before) = (None, false, vec![]);
        self.ended.clear();
        self.accused.clear();
        self.rows.values_mut().for_each(|known| known.acknowledged = None);
    }

    fn known(&mut self, row: &Envelope) -> &mut Known {
        self.rows.get_mut(&row.row()).expect("only what was committed is read")
    }

    pub(super) fn delivered(&mut self, row: &Envelope) {
        self.known(row).is_delivered = true;
    }

    /// The sink has answered.
    pub(super) fn published(&mut self, row: &Envelope, outcome: &Result<(), SinkError>) {
        let lease = self.lease(row.lane);
        let known = self.known(row);
        match outcome {
            Ok(()) => {
                known.is_delivered = true;
                // Under a lease that was lost meanwhile it is the next owner's.
                known.acknowledged = lease.or(known.acknowledged);
            }
            Err(SinkError::Permanent(_)) => {
                known.is_hopeless = true;
                known.failures += 1;
            }
            Err(SinkError::Retryable(_) | SinkError::TimedOut(_)) => known.failures += 1,
            Err(_) => {}
        }
        if !matches!(outcome, Err(SinkError::Unavailable(_) | SinkError::Closed(_))) {
            self.accused.remove(&row.row());
        }
    }

    /// Another relay has decided about it.
    pub(super) fn failed_elsewhere(&mut self, row: &Envelope) {
        let known = self.known(row);
        known.failures += 1;
        known.is_hopeless = true;
    }

    pub(super) fn heard(&mut self, input: &Input, config: &RelayConfig) {
        match input {
            Input::Tenure(tenure) => {
                let may_publish_until = tenure.may_publish_until;
                let told = self.told.replace((tenure.leases.clone(), may_publish_until));
                self.before = told.map_or_else(Vec::new, |(leases, _)| leases);
                (self.is_paused, self.share) = (tenure.is_paused, tenure.share);
            }
            Input::Settled(_, settled) => self.ended.extend(settled.lost.iter().copied()),
            Input::Opened(leases, legacy) => {
                // One that was lost meanwhile tells nothing.
                let lanes: Vec<Lane> = leases.iter().filter(|l| self.is_ours(**l)).map(|l| l.lane).collect();
                let started = legacy.started.iter().filter(|started| started.starts < 3);
                let ours = started.filter(|started| lanes.contains(&started.lane));
                self.accused.extend(ours.map(|started| (started.row, started.lane)));
            }
            Input::Fetched(look, budget, fetched) => {
                let rows = fetched.rows.len() + fetched.behind.len() + fetched.broken.len();
                assert!(rows <= budget.rows && budget.rows <= config.fetch_rows, "{budget:?} for {look:?}");
            }
            _ => {}
        }
        let Some((told, _)) = &self.told else { return };
        let ended = &self.ended;
        self.accused.retain(|_, lane| told.iter().any(|lease| lease.lane == *lane && !ended.contains(lease)));
    }

    /// How many lanes are this run's, as the core was told.
    pub(super) fn lanes(&self) -> usize {
        let told = self.told.iter().flat_map(|(leases, _)| leases);
        told.filter(|lease| !self.ended.contains(lease)).count()
    }

    /// The lease of the lane, as the core was told.
    fn lease(&self, lane: Lane) -> Option<Lease> {
        let (leases, _) = self.told.as_ref()?;
        leases.iter().copied().find(|lease| lease.lane == lane && !self.ended.contains(lease))
    }

    fn is_ours(&self, lease: Lease) -> bool {
        self.lease(lease.lane) == Some(lease)
    }

    pub(super) fn check(
        &mut self,
        effect: &Effect,
        allowed: &Allowed,
        world: &World,
        publishing: &[Arc<Envelope>],
    ) {
        let begins = !matches!(effect, Effect::Settle(_) | Effect::Close(_) | Effect::Tell(_));
        assert!(!(begins && allowed.is_stopping), "nothing begins after a stop: {effect:?}");
        let all_ours = |leases: &[Lease]| leases.iter().all(|lease| self.is_ours(*lease));
        match effect {
            Effect::Publish(row, attempt) => self.check_publish(row, *attempt, allowed, world, publishing),
            Effect::Fetch(look, _) => {
                let leases: Vec<Lease> = look.cursors.iter().map(|cursor| cursor.lease).collect();
                assert!(!leases.is_empty() && all_ours(&leases), "it reads what is not ours: {look:?}");
            }
            Effect::Open(leases) | Effect::Due(leases, ..) => {
                assert!(!leases.is_empty() && all_ours(leases), "it reads what is not ours: {leases:?}");
            }
            Effect::Refill(refill) => {
                assert!(self.is_ours(refill.lease), "it reads what is not ours: {refill:?}")
            }
            Effect::Close(leases) => self.ended.extend(leases.iter().copied()),
            Effect::Settle(_) | Effect::Tell(_) => {}
        }
    }

    fn check_publish(
        &mut self,
        row: &Envelope,
        attempt: u32,
        allowed: &Allowed,
        world: &World,
        publishing: &[Arc<Envelope>],
    ) {
        let ident = row.ident();
        let name = format_args!("row {} of {ident}", row.seq);
        let (_, until) = self.told.as_ref().expect("somebody has told that a lane is ours");
        assert!(allowed.now < *until, "{name} is published when the lease may have ended");
        assert!(!allowed.has_slept, "{name} is published before a renewal after a sleep");
        assert!(!self.is_paused, "{name} is published during a pause");
        let lease = self.lease(row.lane);
        let lease = lease.unwrap_or_else(|| panic!("{name} is published, and lane {} is not ours", row.lane));

        let ident = row.ident();
        assert!(
            publishing.iter().all(|other| other.ident() != ident),
            "{name} is not the only one of its key"
        );
        assert!(!is_broken(row), "{name} cannot be read");
        let known = &self.rows[&row.row()];
        // In truth another relay may have the lane, and deal with the row.
        if world.store.is_owned(lease) {
            assert!(known.acknowledged != Some(lease), "{name} was published, and under this lease");
            assert!(world.store.is_waiting(row.row()), "{name} is published, and it is not there any more");
        }
        let is_done = |row: &RowId| {
            let known = &self.rows[row];
            known.is_delivered || known.is_broken || !world.store.is_waiting(*row)
        };
        let (rows, done) = self.keys.get_mut(&ident).expect("it was committed");
        *done += rows[*done..].iter().take_while(|row| is_done(row)).count();
        let is_next = rows[..*done].contains(&row.row()) || rows.get(*done) == Some(&row.row());
        assert!(is_next, "{name} is published before {:?}", rows.get(*done));

        let is_accused = self.accused.contains_key(&row.row());
        assert!(!is_accused || publishing.is_empty(), "{name} is accused, and not alone");
        assert!(
            !is_accused || world.store.has_started(row.row()),
            "{name} is accused, and no start is written"
        );
        let accused = publishing.iter().find(|other| self.accused.contains_key(&other.row()));
        assert!(accused.is_none(), "{name} is published beside an accused one");
        assert!(attempt >= 1, "{name} for the {attempt}. time");
    }

    /// What a flush writes, before it does.
    pub(super) fn written(
        &self,
        changes: &Changes,
        config: &RelayConfig,
        world: &World,
        publishing: &[Arc<Envelope>],
    ) {
        for row in &changes.published {
            assert!(self.rows[row].is_delivered, "row {row} is deleted, and nobody has it");
        }
        for change in changes.fenced.iter().map(|fenced| &fenced.change) {
            let (row, attempts, error) = match change {
                Change::Bury { row, attempts, error } => (row, *attempts, error),
                Change::Hold { held, error, .. } if held.hold == Hold::Parked => {
                    (&held.head, held.attempts, error)
                }
                Change::Execute(command) => {
                    let is_under_way = publishing.iter().any(|row| row.ident() == command.ident);
                    let is_harmless = !is_under_way || !world.is_in_trouble(&command.ident);
                    assert!(is_harmless, "{command:?} about what is under way");
                    continue;
                }
                Change::Hold { held, .. } => {
                    assert!(held.attempts < config.retry.attempts_max, "tried too often: {held:?}");
                    continue;
                }
                _ => continue,
            };
            let known = &self.rows[row];
            let is_convicted = error.starts_with("the process ended");
            let is_patient = known.is_hopeless || attempts >= config.retry.attempts_max;
            let is_right = attempts <= known.failures && is_patient;
            assert!(
                known.is_broken || is_convicted || is_right,
                "row {row} is given up too early: {change:?}"
            );
        }
    }

    /// Nothing was under way when the renewal was heard: what is above the share is given back at once, except what it told of first.
    pub(super) fn check_share(&self) {
        let kept = self.before.iter().filter(|lease| self.is_ours(**lease)).count();
        assert!(kept <= self.share, "{:?} and a share of {}", self.told, self.share);
    }

    /// The window's books agree with what is in memory and what reads under way may bring, and there is never more than it allows.
    pub(super) fn check_room(&self, core: &Core, asked: &[Effect], answers: &[Input], config: &RelayConfig) {
        let asked = asked.iter().filter_map(|effect| match effect {
            Effect::Fetch(_, budget) | Effect::Due(_, _, budget) => Some(*budget),
            Effect::Refill(refill) => Some(refill.budget),
            _ => None,
        });
        let answered = answers.iter().filter_map(|answer| match answer {
            Input::Fetched(_, budget, _) | Input::Due(_, budget, _) => Some(*budget),
            Input::Refilled(refill, _) => Some(refill.budget),
            _ => None,
        });
        let (taken, mut present) = core.room();
        for Budget { rows, bytes } in asked.chain(answered) {
            present.join(Room { rows, bytes });
        }
        assert_eq!(taken, present, "the window's books are wrong");
        assert!(taken.rows <= config.window_rows, "{taken:?} of {} rows", config.window_rows);
        // A read brings one row whatever it weighs: a fetch, one of what is due, and eight keys at most.
        let bytes_max = config.window_bytes + 10 * self.heaviest;
        assert!(taken.bytes <= bytes_max, "{taken:?} of {} bytes", config.window_bytes);
    }
}
