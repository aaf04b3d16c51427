//! Several relays at once: each is killed, stopped, frozen and started again by itself, while others write.
//!
//! A frozen one (`SIGSTOP`) is left until its leases are over and others have its lanes, and then thawed: it does not know,
//! and must not matter.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use anyhow::{Context, ensure};
use fastrand::Rng;
use futures::future::try_join_all;
use tokio::process::Child;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};

use crate::place::{Place, PostgresPlace};
use crate::plan::{End, Plan};
use crate::program::{self, Ended, Program};

/// From the end of a relay, or its freezing, to the moment when others have its lanes.
const TAKE_OVER_MAX: Duration = Duration::from_secs(10);
/// Relays that share lanes need longer lives than one alone.
const STRETCH: u32 = 2;

pub(crate) struct Relays<'a> {
    program: &'a Program,
    place: &'a Place,
    postgres: &'a PostgresPlace,
    sink: String,
    plan: RefCell<&'a mut Plan>,
    random: RefCell<Rng>,
    /// How they ended, so far.
    pub(crate) lives: RefCell<Vec<Life>>,
    /// What those said that ended by themselves, since somebody last looked.
    pub(crate) refusals: RefCell<Vec<String>>,
    is_one_frozen: Cell<bool>,
    is_over: Cell<bool>,
    /// Under way: until others have all lanes of a relay.
    pub(crate) take_overs: RefCell<Vec<JoinHandle<anyhow::Result<TakeOver>>>>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Life {
    pub(crate) ended: Ended,
    pub(crate) was_frozen: bool,
}

/// How long it took until others had all lanes of a relay.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TakeOver {
    pub(crate) was_frozen: bool,
    pub(crate) took: Duration,
}

impl<'a> Relays<'a> {
    pub(crate) fn new(
        (program, place, postgres): (&'a Program, &'a Place, &'a PostgresPlace),
        sink: String,
        plan: &'a mut Plan,
        random: Rng,
    ) -> Self {
        Self {
            program,
            place,
            postgres,
            sink,
            plan: RefCell::new(plan),
            random: RefCell::new(random),
            lives: RefCell::default(),
            refusals: RefCell::default(),
            is_one_frozen: Cell::new(false),
            is_over: Cell::new(false),
            take_overs: RefCell::default(),
        }
    }

    /// So many at once, until [`end`](Self::end).
    pub(crate) async fn run(&self, relays: usize) -> anyhow::Result<()> {
        let ran = try_join_all((0..relays).map(|number| self.one_after_the_other(number))).await;
        self.end();
        ran.map(drop)
    }

    /// Processes that were killed so far.
    pub(crate) fn kills(&self) -> u64 {
        let lives = self.lives.borrow();
        lives
            .iter()
            .filter(|life| !matches!(life.ended, Ended::Done | Ended::Refused | Ended::WorkLeft))
            .count() as u64
    }

    /// Each relay ends as it was going to, and no other is started.
    pub(crate) fn end(&self) {
        self.is_over.set(true);
    }

    pub(crate) fn is_over(&self) -> bool {
        self.is_over.get()
    }

    async fn one_after_the_other(&self, number: usize) -> anyhow::Result<()> {
        // Whoever is frozen needs others to the end.
        while !self.is_over.get() || self.is_one_frozen.get() {
            let may_freeze = !self.is_over.get() && !self.is_one_frozen.get();
            let is_freezing = may_freeze && self.random.borrow_mut().u32(..4) == 0;
            let end = (!is_freezing).then(|| stretched(self.plan.borrow_mut().next().relay));
            let life = self.life(number, end).await;
            let life = life.with_context(|| format!("relay {number}, {end:?}"))?;
            self.lives.borrow_mut().push(life);
        }
        Ok(())
    }

    /// `None`: it is frozen.
    async fn life(&self, number: usize, end: Option<End>) -> anyhow::Result<Life> {
        let log = format!("relay-{number}.log");
        let arguments = ["relay", "--db", &self.place.db(), "--sink", &self.sink];
        let mut command = self.program.command(&self.place.folder, &log, &arguments)?;
        match end {
            Some(end) => program::arm(&mut command, end),
            None => program::arm_to_freeze(&mut command, self.plan.borrow_mut().place_to_freeze()),
        }
        let mut child = command.spawn()?;
        let pid = child.id().context("it runs")?;
        let ended = match end {
            Some(end) => program::see_end(&mut child, end).await,
            None => {
                self.is_one_frozen.set(true);
                let ended = self.freeze(&mut child, pid).await;
                self.is_one_frozen.set(false);
                ended
            }
        };
        let said = std::fs::read_to_string(self.place.folder.join(&log)).unwrap_or_default();
        let ended = ended.with_context(|| said.clone())?;
        let may_be_done = matches!(end, Some(End::Stop(_) | End::StopAt(..)));
        ensure!(!matches!(ended, Ended::Done | Ended::WorkLeft) || may_be_done, "it ended by itself: {said}");
        if matches!(ended, Ended::Refused | Ended::WorkLeft) {
            self.refusals.borrow_mut().push(said);
            // As whoever starts it again would wait.
            sleep(Duration::from_millis(100)).await;
        }
        let postgres = self.postgres.clone();
        let measured = tokio::spawn(async move { take_over(&postgres, pid, false).await });
        self.take_overs.borrow_mut().push(measured);
        Ok(Life { ended, was_frozen: end.is_none() && ended == Ended::Killed })
    }

    /// Until others have its lanes, and then a little of its life as a zombie.
    async fn freeze(&self, child: &mut Child, pid: u32) -> anyhow::Result<Ended> {
        let [before, frozen, behind] = {
            let mut random = self.random.borrow_mut();
            [1_000..4_000, 0..1_000, 0..3_000].map(|range| Duration::from_millis(random.u64(range)))
        };
        // At its place, or anywhere if it does not come by.
        let deadline = Instant::now() + before;
        while Instant::now() < deadline && !program::is_frozen(child).await? {
            if let Ok(status) = timeout(Duration::from_millis(50), child.wait()).await {
                return program::by_itself(status?);
            }
        }
        program::signal(child, "-STOP").await?;
        let taken = take_over(self.postgres, pid, true).await?;
        self.take_overs.borrow_mut().push(tokio::spawn(async move { Ok(taken) }));
        sleep(frozen).await;
        program::signal(child, "-CONT").await?;
        program::see_end(child, End::Kill(behind)).await
    }
}

async fn take_over(postgres: &PostgresPlace, pid: u32, was_frozen: bool) -> anyhow::Result<TakeOver> {
    let mut last = Instant::now();
    let mut took = Duration::ZERO;
    loop {
        let left = postgres.lanes_of(pid).await;
        let before = std::mem::replace(&mut last, Instant::now());
        // While PostgreSQL is not there, nobody can take anything.
        took += if left.is_ok() { last - before } else { Duration::ZERO };
        if matches!(left, Ok(0)) {
            return Ok(TakeOver { was_frozen, took });
        }
        ensure!(
            took < TAKE_OVER_MAX,
            "process {pid} is gone or frozen for {took:?}, and still has lanes: {left:?}"
        );
        sleep(Duration::from_millis(100)).await;
    }
}

fn stretched(end: End) -> End {
    match end {
        End::Kill(after) => End::Kill(after * STRETCH),
        End::Stop(after) => End::Stop(after * STRETCH),
        End::StopAt(after, point) => End::StopAt(after * STRETCH, point),
        End::Point(..) => end,
    }
}
