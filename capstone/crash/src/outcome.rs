//! The verdict: the checker's, and what it cannot see: duplicates by life, broken words to writers, needless dead letters.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;

use capstone::ledger::{self, Checker, Committed, Delivered, Expectation, Verdict};
use serde::Serialize;

use crate::destination::Delivery;
use crate::place::{Commit, Left};
use crate::program::{self, Ended};
use crate::setting::{Kind, Setting, SinkKind};
use crate::workload::Ledger;
use crate::written::{Nature, Told};

/// The relay's window: what one kill may repeat.
pub(crate) const WINDOW: u64 = 1_024;
/// Ends of the process after which the relay gives up the message that was published alone.
const STARTS_MAX: u64 = 3;
/// More of the same tells nothing new.
const PROBLEMS_MAX: usize = 20;

/// What was done.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Run {
    pub(crate) seed: u64,
    #[serde(flatten)]
    pub(crate) setting: Setting,
    pub(crate) rounds: u64,
    pub(crate) kills: u64,
    /// Processes that ended by themselves: stopped, done, refused a bad line, or without a server.
    pub(crate) own_ends: u64,
    /// Of the server that the sink publishes to; not counted as kills.
    pub(crate) server_kills: u64,
    /// Of PostgreSQL; not counted either.
    pub(crate) database_kills: u64,
    /// Processes that ended at a place, by its name.
    pub(crate) points: BTreeMap<&'static str, u64>,
    /// Who was ended how, and how often.
    pub(crate) ends: BTreeMap<String, u64>,
    /// Relays that were frozen until others had their lanes; they count as kills as they end, too.
    pub(crate) freezes: u64,
    /// The longest time until others had all lanes of a relay.
    pub(crate) killed_taken_over_s: f64,
    pub(crate) frozen_taken_over_s: f64,
    /// Commits that the database lost, as it was made to: its history was undone.
    pub(crate) undone: u64,
    /// What may come again because it is there again, where history was undone.
    pub(crate) repeats_max: Option<u64>,
    pub(crate) seconds: f64,
    /// What a kind looked at beside the messages: the largest of each.
    pub(crate) measures: BTreeMap<&'static str, f64>,
    pub(crate) problems: Vec<String>,
    /// Of each life of a relay, in order.
    #[serde(skip)]
    pub(crate) lives_ended_clean: Vec<bool>,
}

/// What came of it.
#[derive(Debug, Serialize)]
pub(crate) struct Outcome {
    pub(crate) holds: bool,
    #[serde(flatten)]
    run: Run,
    /// The most that came again of what one life had delivered.
    duplicates_after_a_kill_max: u64,
    dead: usize,
    parked: usize,
    accused: usize,
    verdict: Verdict,
}

impl Run {
    pub(crate) fn count(&mut self, who: &str, ended: Ended) {
        let how = match ended {
            Ended::Done | Ended::Refused | Ended::WorkLeft => return self.own_ends += 1,
            Ended::Killed => "kill -9".to_owned(),
            Ended::AtPoint(point) => {
                *self.points.entry(program::name(point)).or_default() += 1;
                format!("at {}", program::name(point))
            }
            Ended::Missed(point) => format!("kill -9, {} was not passed", program::name(point)),
        };
        self.kills += 1;
        *self.ends.entry(format!("{who} {how}")).or_default() += 1;
    }

    /// Keeps the largest.
    pub(crate) fn measure(&mut self, what: &'static str, value: f64) {
        let largest = self.measures.entry(what).or_insert(value);
        *largest = largest.max(value);
    }

    /// What may come again, all in all. With several relays, whoever lost a server or his lanes may repeat his window.
    fn duplicates_max(&self) -> u64 {
        let relays = self.setting.relays as u64;
        let others =
            if relays > 1 { self.freezes + relays * (self.server_kills + self.database_kills) } else { 0 };
        (self.kills + others) * WINDOW + self.repeats_max.unwrap_or(0)
    }
}

impl Outcome {
    pub(crate) fn of(
        mut run: Run,
        ledger: &Ledger,
        left: &Left,
        deliveries: &[Delivery],
    ) -> anyhow::Result<Self> {
        let committed: HashSet<&str> = left.committed.iter().map(|commit| commit.id.as_str()).collect();
        // Of several at once, nobody knows who has published a message; and what was undone comes again in the same life.
        let is_known = run.setting.relays == 1 && run.repeats_max.is_none();
        let duplicates_after_a_kill_max = if is_known { check_lives(&mut run, deliveries) } else { 0 };
        check_words(&mut run, ledger, &committed);
        check_trouble(&mut run, ledger, left, deliveries);
        let verdict = compare(&run, ledger, left, deliveries)?;
        run.problems.truncate(PROBLEMS_MAX);
        let holds = verdict.holds && run.problems.is_empty();
        let [dead, parked, accused] = [&left.dead, &left.parked, &left.accused].map(HashSet::len);
        Ok(Self { holds, run, duplicates_after_a_kill_max, dead, parked, accused, verdict })
    }
}

/// I4: what a life delivered that was stopped cleanly does not come again; of one that was killed, at most a window.
/// That life, and not the one before the repeat, is answerable: the next may be stopped before it repeats anything.
fn check_lives(run: &mut Run, deliveries: &[Delivery]) -> u64 {
    let mut last: HashMap<&str, usize> = HashMap::new();
    let mut again: BTreeMap<(usize, bool), u64> = BTreeMap::new();
    for Delivery { id, life, .. } in deliveries {
        if let Some(before) = last.insert(id, *life) {
            *again.entry((before, before == *life)).or_default() += 1;
        }
    }
    for (&(life, is_same_life), &count) in &again {
        let was_clean = run.lives_ended_clean.get(life).copied().unwrap_or(true);
        let allowed =
            if is_same_life || was_clean || run.setting.sink == SinkKind::Nats { 0 } else { WINDOW };
        if count > allowed {
            let what = if is_same_life { "within" } else { "after" };
            let end = if was_clean { "stopped cleanly" } else { "killed" };
            let text = format!("{count} duplicates {what} life {life}, {end}: {allowed} allowed");
            run.problems.push(text);
        }
    }
    again.into_values().max().unwrap_or(0)
}

/// What a writer was told must be so.
fn check_words(run: &mut Run, ledger: &Ledger, committed: &HashSet<&str>) {
    for (id, written) in ledger {
        match (written.told, committed.contains(id.as_str())) {
            (Told::Committed, false) => {
                run.problems.push(format!("{id}: its writer was told that it is committed"))
            }
            (Told::Undone, true) => run.problems.push(format!("{id}: was undone, and is there")),
            (Told::RolledBack, true) => {
                run.problems.push(format!("{id}: its writer was told that it is rolled back"))
            }
            _ => {}
        }
    }
}

/// Only poison is given up, and what is behind it waits. A message that is published alone whenever the process is killed cannot
/// be told from poison; that takes three kills for each.
fn check_trouble(run: &mut Run, ledger: &Ledger, left: &Left, deliveries: &[Delivery]) {
    let poisoned: HashSet<Option<&str>> = ledger
        .values()
        .filter(|written| written.nature != Nature::Good)
        .map(|written| written.key.as_deref())
        .collect();
    let accused = left.accused.len() as u64;
    if accused * STARTS_MAX > run.kills {
        run.problems.push(format!(
            "{accused} given up for the ends of the process, of which there were {}",
            run.kills
        ));
    }
    let mut needless = Vec::new();
    for id in left.dead.difference(&left.accused) {
        let is_needed = ledger.get(id).is_some_and(|written| match written.nature {
            Nature::Good => false,
            Nature::Poison => written.key.is_none(),
            Nature::Foreign => true,
        });
        if !is_needed {
            needless.push(id);
        }
    }
    if let [id, ..] = needless[..] {
        run.problems.push(format!("{} dead letters without need, such as {id}", needless.len()));
    }
    let is_needless = |key: &&String| !poisoned.contains(&Some(key.as_str()));
    let needless: Vec<&String> = left.parked.difference(&left.accused).filter(is_needless).collect();
    if let [key, ..] = needless[..] {
        run.problems.push(format!("{} keys parked without need, such as {key}", needless.len()));
    }
    let delivered: HashSet<&str> = deliveries.iter().map(|delivery| delivery.id.as_str()).collect();
    let mut waiting = Vec::new();
    for Commit { id, .. } in &left.committed {
        let key = ledger.get(id).and_then(|written| written.key.as_ref());
        let is_parked = key.is_some_and(|key| left.parked.contains(key));
        match (is_parked, left.waiting.contains(id)) {
            (true, false) if !delivered.contains(id.as_str()) => {
                run.problems.push(format!("{id}: of a parked key, and gone"));
            }
            (false, true) => waiting.push(id),
            _ => {}
        }
    }
    if let [id, ..] = waiting[..] {
        run.problems.push(format!("{} still in the outbox after the drain, such as {id}", waiting.len()));
    }
}

/// I1, I2, I3 and I5.
fn compare(run: &Run, ledger: &Ledger, left: &Left, deliveries: &[Delivery]) -> anyhow::Result<Verdict> {
    let subscribers = [("sink".to_owned(), ledger::Kind::Ordered)].into();
    let mut checker = Checker::new(Expectation { subscribers, duplicates_max: run.duplicates_max() });
    let mut committed = HashMap::new();
    for Commit { id, seq, place } in &left.committed {
        committed.insert(id.as_str(), (*seq, *place));
        let written =
            ledger.get(id).ok_or_else(|| anyhow::anyhow!("{id}: nobody wrote it, and it is committed"))?;
        checker.committed(Committed {
            id: id.clone(),
            key: written.key.clone(),
            seq: *place,
            crc32: written.crc32,
            outcome: ledger::Outcome::Committed,
        })?;
    }
    // What was undone may have been delivered before.
    let is_undone = |id: &str| ledger.get(id).is_some_and(|written| written.told == Told::Undone);
    for (id, written) in
        ledger.iter().filter(|(id, _)| !committed.contains_key(id.as_str()) && !is_undone(id))
    {
        let (key, crc32) = (written.key.clone(), written.crc32);
        let outcome = ledger::Outcome::RolledBack;
        checker.committed(Committed { id: id.clone(), key, seq: 0, crc32, outcome })?;
    }
    left.dead.iter().for_each(|id| checker.dead_lettered(id));
    left.parked.iter().for_each(|key| checker.parked(key));
    // What is stuck has been told, and is not lost.
    let delivered: HashSet<&str> = deliveries.iter().map(|delivery| delivery.id.as_str()).collect();
    let stuck = left.waiting.iter().filter(|id| !delivered.contains(id.as_str()));
    stuck.for_each(|id| checker.dead_lettered(id));
    for Delivery { id, key, seq, crc32, .. } in
        deliveries.iter().filter(|delivery| !is_undone(&delivery.id)).cloned()
    {
        // Order is judged by the ledger's places; the outbox's own number must still be what was committed.
        let place = match committed.get(id.as_str()) {
            Some(&(committed, place)) if committed == seq => place,
            _ => u64::MAX,
        };
        checker.delivered(Delivered { subscriber: "sink".into(), id, key, seq: place, crc32 })?;
    }
    Ok(checker.verdict())
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { run, verdict, .. } = self;
        let (kills, rounds) = (run.kills, run.rounds);
        writeln!(f, "{kills} kills in {rounds} rounds, {:.0} s, seed {}", run.seconds, run.seed)?;
        for (end, count) in &run.ends {
            writeln!(f, "{count:>7}  {end}")?;
        }
        writeln!(f, "{:>7}  ended by themselves", run.own_ends)?;
        for (server, kills) in [("nats-server", run.server_kills), ("PostgreSQL", run.database_kills)] {
            if kills > 0 {
                writeln!(f, "{kills:>7}  {server} kill -9, not counted")?;
            }
        }
        if run.setting.relays > 1 && run.setting.kind == Kind::Kill {
            let (killed, frozen) = (run.killed_taken_over_s, run.frozen_taken_over_s);
            writeln!(f, "{:>7}  of {} relays frozen beyond their lease", run.freezes, run.setting.relays)?;
            writeln!(f, "taken over within {killed:.1} s of a relay's end, {frozen:.1} s of its freezing")?;
        }
        let (dead, parked, most) = (self.dead, self.parked, self.duplicates_after_a_kill_max);
        if self.accused > 0 {
            writeln!(f, "{:>7}  given up: published alone at three ends of the process", self.accused)?;
        }
        writeln!(f, "{dead} dead letters, {parked} parked keys, at most {most} duplicates after a kill")?;
        writeln!(f, "{verdict}")?;
        if run.undone > 0 {
            writeln!(f, "{:>7}  commits undone with the database's history", run.undone)?;
        }
        for (what, value) in &run.measures {
            writeln!(f, "{value:>7.1}  {what}")?;
        }
        for problem in &run.problems {
            writeln!(f, "problem: {problem}")?;
        }
        write!(f, "{}", if self.holds { "everything holds" } else { "SOMETHING DOES NOT HOLD" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::written::Written;

    fn problems(lives_ended_clean: &[bool], deliveries: &[(usize, &str)]) -> Vec<String> {
        let mut run = Run { lives_ended_clean: lives_ended_clean.to_vec(), ..Run::default() };
        let delivery =
            |&(life, id): &(usize, &str)| Delivery { life, id: id.into(), key: None, seq: 1, crc32: 0 };
        let deliveries: Vec<_> = deliveries.iter().map(delivery).collect();
        check_lives(&mut run, &deliveries);
        run.problems
    }

    #[test]
    fn who_is_answerable_for_a_duplicate() {
        let none: [String; 0] = [];
        assert_eq!(problems(&[false, true], &[(0, "a"), (1, "a")]), none);
        // A life between them that was stopped before it did anything.
        assert_eq!(problems(&[false, true, true], &[(0, "a"), (2, "a")]), none);
        let clean = ["1 duplicates after life 0, stopped cleanly: 0 allowed"];
        assert_eq!(problems(&[true, true], &[(0, "a"), (1, "a")]), clean);
        let same = ["1 duplicates within life 0, killed: 0 allowed"];
        assert_eq!(problems(&[false], &[(0, "a"), (0, "a")]), same);
    }

    #[test]
    fn one_kill_repeats_at_most_a_window() {
        let ids: Vec<String> = (0..=WINDOW).map(|n| n.to_string()).collect();
        let lives = |life| ids.iter().map(move |id| (life, id.as_str()));
        let deliveries: Vec<_> = lives(0).chain(lives(1)).collect();
        let expected = ["1025 duplicates after life 0, killed: 1024 allowed"];
        assert_eq!(problems(&[false, true], &deliveries), expected);
    }

    /// Ids by what their writers were told; what the database has; what was delivered.
    fn outcome(told: &[(&str, Told)], committed: &[&str], delivered: &[&str]) -> Outcome {
        let written = |told| Written { key: None, crc32: 0, told, nature: Nature::Good };
        let ledger: Ledger = told.iter().map(|&(id, told)| (id.to_owned(), written(told))).collect();
        let committed = committed.iter().map(|id| Commit { id: (*id).into(), seq: 1, place: 0 }).collect();
        let none = HashSet::new;
        let left = Left { committed, dead: none(), parked: none(), accused: none(), waiting: none() };
        let delivery = |id: &&str| Delivery { life: 0, id: (*id).into(), key: None, seq: 1, crc32: 0 };
        let deliveries: Vec<_> = delivered.iter().map(delivery).collect();
        let setting = Setting { relays: 1, ..Setting::default() };
        Outcome::of(Run { setting, ..Run::default() }, &ledger, &left, &deliveries).unwrap()
    }

    #[test]
    fn what_was_undone_is_owed_to_nobody() {
        let told = [("kept", Told::Committed), ("out", Told::Undone), ("never", Told::Undone)];
        let tail_delivered = outcome(&told, &["kept"], &["kept", "out"]);
        assert!(tail_delivered.holds, "{tail_delivered}");
        let kept_is_lost = outcome(&told, &["kept"], &["out"]);
        assert_eq!((kept_is_lost.holds, kept_is_lost.verdict.lost), (false, 1));
        let back_again = outcome(&told, &["kept", "out"], &["kept", "out"]);
        assert_eq!(back_again.run.problems, ["out: was undone, and is there"]);
    }

    #[test]
    fn what_is_told_and_neither_there_nor_undone_is_a_broken_word() {
        let outcome = outcome(&[("a", Told::Committed)], &[], &[]);
        assert_eq!(outcome.run.problems, ["a: its writer was told that it is committed"]);
    }
}
