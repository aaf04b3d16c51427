//! The lanes as the core sees them: which are this relay's, how far each has been read, and what is left of it.

use crate::message::Seq;
use crate::store::{Cursor, Lane, Lease};

/// All lanes of the store, by number.
pub(super) struct Lanes {
    slots: Vec<Slot>,
    /// Where the next look begins, so that each lane has the first claim on a budget once.
    turn: usize,
}

pub(super) struct Slot {
    tenure: Tenure,
    /// Taken again while something of an earlier ownership is under way: it begins when that is resolved.
    next: Option<Lease>,
    /// The lease that was given up last: the store may still tell of it, and it does not come back.
    given_up: Option<Lease>,
    cursor: Seq,
    /// There may be rows behind the cursor.
    pub(super) is_hungry: bool,
    /// Rows of the last fetch whose keys have enough or are in trouble, less those that stay in memory.
    pub(super) passed: isize,
    /// The fetch under way asks for its rows, and the lane was not lost since.
    pub(super) is_asked: bool,
    /// It was not given back by its owner before.
    pub(super) is_abandoned: bool,
    /// The same, and it has not been read to its end since.
    pub(super) is_suspect: bool,
    pub(super) publishing: usize,
    /// The flush after which nothing of it is left in memory, if nothing is publishing.
    pub(super) settled_after: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tenure {
    /// Some other relay's, or nobody's.
    Foreign,
    /// What is held in it is being read.
    Opening(Lease),
    Open(Lease),
    /// Nothing of it starts any more. It is given back when what is under way is resolved.
    Closing(Lease),
}

impl Slot {
    /// The lease, as long as it may be written under.
    pub(super) fn lease(&self) -> Option<Lease> {
        match self.tenure {
            Tenure::Foreign => None,
            Tenure::Opening(lease) | Tenure::Open(lease) | Tenure::Closing(lease) => Some(lease),
        }
    }

    pub(super) fn is_open(&self) -> bool {
        matches!(self.tenure, Tenure::Open(_))
    }

    /// It will be open soon.
    pub(super) fn is_opening(&self) -> bool {
        matches!(self.tenure, Tenure::Opening(_))
    }

    pub(super) fn is_hungry(&self) -> bool {
        self.is_hungry
    }

    /// It reads rows that do not stay in memory, and there may be more of them.
    pub(super) fn is_passing(&self) -> bool {
        self.is_hungry && self.passed > 0
    }

    /// The cursor passes this row.
    pub(super) fn pass(&mut self, seq: Seq) {
        self.cursor = self.cursor.max(seq);
    }

    fn is_settled(&self, flush_done: impl Fn(u64) -> bool) -> bool {
        self.publishing == 0 && flush_done(self.settled_after)
    }
}

impl Lanes {
    pub(super) fn new(lanes: u16) -> Self {
        let slot = || Slot {
            tenure: Tenure::Foreign,
            next: None,
            given_up: None,
            cursor: Seq::START,
            is_hungry: false,
            passed: 0,
            is_asked: false,
            is_abandoned: false,
            is_suspect: false,
            publishing: 0,
            settled_after: 0,
        };
        Self { slots: std::iter::repeat_with(slot).take(lanes.into()).collect(), turn: 0 }
    }

    pub(super) fn slot(&self, lane: Lane) -> &Slot {
        &self.slots[usize::from(lane.0)]
    }

    pub(super) fn slot_mut(&mut self, lane: Lane) -> &mut Slot {
        &mut self.slots[usize::from(lane.0)]
    }

    pub(super) fn holds(&self, lease: Lease) -> bool {
        self.slot(lease.lane).lease() == Some(lease)
    }

    pub(super) fn is_open(&self, lease: Lease) -> bool {
        self.slot(lease.lane).tenure == Tenure::Open(lease)
    }

    /// Compares with what the store says that this relay holds; what is new waits for [`advance`](Self::advance).
    ///
    /// Any lease that is told and was not given up is this relay's, also with an older epoch than before: a database that was
    /// restored has forgotten the newer ones.
    pub(super) fn told(&mut self, leases: &[Lease]) -> Told {
        let mut outcome = Told::default();
        for (number, slot) in self.slots.iter_mut().enumerate() {
            let told = leases.iter().find(|lease| usize::from(lease.lane.0) == number).copied();
            outcome.lost.extend(slot.lease().filter(|current| told != Some(*current)));
            let new = told.filter(|told| slot.lease() != Some(*told));
            outcome.unwanted.extend(new.filter(|new| slot.given_up == Some(*new)));
            slot.next = new.filter(|new| slot.given_up != Some(*new));
        }
        outcome
    }

    /// Forgets how the lane was read. What is publishing still counts.
    pub(super) fn lose(&mut self, lane: Lane) {
        let slot = self.slot_mut(lane);
        slot.given_up = slot.lease().or(slot.given_up);
        slot.tenure = Tenure::Foreign;
        slot.is_hungry = false;
        slot.is_asked = false;
    }

    /// The lease is to be given back, though nothing more is known of the lane.
    pub(super) fn give_back(&mut self, lease: Lease) {
        self.slot_mut(lease.lane).tenure = Tenure::Closing(lease);
    }

    /// Those of the lanes that are open.
    pub(super) fn open_leases(&self) -> Vec<Lease> {
        self.slots.iter().filter(|slot| slot.is_open()).filter_map(Slot::lease).collect()
    }

    /// Lanes above the share, the highest first: they are being closed from now on.
    pub(super) fn close_surplus(&mut self, share: usize) -> Vec<Lane> {
        let is_kept = |slot: &Slot| matches!(slot.tenure, Tenure::Opening(_) | Tenure::Open(_));
        let surplus = self.slots.iter().filter(|slot| is_kept(slot)).count().saturating_sub(share);
        let mut closed = Vec::new();
        for slot in self.slots.iter_mut().rev().filter(|slot| is_kept(slot)).take(surplus) {
            let lease = slot.lease().expect("a kept lane has a lease");
            slot.tenure = Tenure::Closing(lease);
            slot.is_hungry = false;
            slot.is_asked = false;
            closed.push(lease.lane);
        }
        closed
    }

    /// Lanes of which nothing is left: those that are closing are given back, and those that were taken again begin.
    pub(super) fn advance(&mut self, flush_done: impl Fn(u64) -> bool) -> Advance {
        let mut advance = Advance::default();
        for slot in &mut self.slots {
            let is_moving = slot.next.is_some() || matches!(slot.tenure, Tenure::Closing(_));
            if !is_moving || !slot.is_settled(&flush_done) {
                continue;
            }
            if let Tenure::Closing(lease) = slot.tenure {
                slot.tenure = Tenure::Foreign;
                slot.given_up = Some(lease);
                advance.closed.push(lease);
            }
            if let Some(lease) = slot.next.take() {
                slot.tenure = Tenure::Opening(lease);
                slot.cursor = Seq::START;
                advance.opening.push(lease);
            }
        }
        advance
    }

    /// What is held in the lane is known: its rows may be read.
    pub(super) fn open(&mut self, lease: Lease) -> bool {
        let slot = self.slot_mut(lease.lane);
        let is_expected = slot.tenure == Tenure::Opening(lease);
        if is_expected {
            slot.tenure = Tenure::Open(lease);
            slot.is_hungry = true;
        }
        is_expected
    }

    pub(super) fn wake(&mut self) {
        for slot in &mut self.slots {
            slot.is_hungry = slot.is_open();
        }
    }

    /// Those in which there may be rows behind the cursor.
    pub(super) fn hungry(&self) -> Vec<Lane> {
        self.slots
            .iter()
            .filter(|slot| slot.is_hungry)
            .filter_map(Slot::lease)
            .map(|lease| lease.lane)
            .collect()
    }

    pub(super) fn any(&self, which: impl Fn(&Slot) -> bool) -> bool {
        self.slots.iter().any(which)
    }

    /// Asks for the rows of these lanes, behind their cursors or from their beginnings.
    pub(super) fn ask(&mut self, which: impl Fn(&Slot) -> bool, from_the_beginning: bool) -> Vec<Cursor> {
        let lanes = self.slots.len();
        let mut cursors = Vec::new();
        for number in (0..lanes).map(|step| (self.turn + step) % lanes) {
            let slot = &mut self.slots[number];
            if let (true, Tenure::Open(lease)) = (which(slot), slot.tenure) {
                slot.is_hungry = false;
                slot.is_asked = true;
                slot.passed = 0;
                if from_the_beginning {
                    slot.cursor = Seq::START;
                }
                cursors.push(Cursor { lease, after: slot.cursor });
            }
        }
        self.turn = (self.turn + 1) % lanes;
        cursors
    }

    /// At least one lane is open, and none is on its way in or out.
    pub(super) fn are_steady(&self) -> bool {
        let is_steady =
            |slot: &Slot| matches!(slot.tenure, Tenure::Open(_) | Tenure::Foreign) && slot.next.is_none();
        self.slots.iter().any(Slot::is_open) && self.slots.iter().all(is_steady)
    }
}

/// What the store's word means for the lanes.
#[derive(Debug, Default)]
pub(super) struct Told {
    /// Leases that are not this relay's any more.
    pub(super) lost: Vec<Lease>,
    /// Leases that were given up, and the store says that they are this relay's: nobody else can take those lanes.
    pub(super) unwanted: Vec<Lease>,
}

/// What has come to its end, and what begins.
#[derive(Debug, Default)]
pub(super) struct Advance {
    pub(super) closed: Vec<Lease>,
    pub(super) opening: Vec<Lease>,
}
