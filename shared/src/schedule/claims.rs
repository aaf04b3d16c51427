//! What a lesson claims: what must hold in every schedule, of a wrong version that breaks it and of the right one.

use std::fmt::Write;
use std::path::Path;

use super::explore::{Explored, Holds, Play, Run, Schedules, explore, repeat};
use crate::{Entry, Journal, Timeline, assert_artifact};

/// How many schedules are run of a claim that has more.
pub const SCHEDULES: u64 = 10_000;

/// The claims of a lesson. `cargo x schedule 14` shows them; a test keeps them: [`Claims::assert_kept`].
pub struct Claims {
    lesson: u32,
    claims: Vec<Claim>,
}

/// A sentence about the journal of a story, with versions of the story that break it or keep it.
pub struct Claim {
    pub(super) name: &'static str,
    says: &'static str,
    holds: Holds<'static>,
    schedules: Schedules,
    versions: Vec<Version>,
}

struct Version {
    kind: Kind,
    title: &'static str,
    play: Play<'static>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Wrong,
    Right,
}

/// What is printed about a claim, and how many of its versions did what is expected of them.
#[derive(Default)]
pub(super) struct Report {
    pub text: String,
    pub passed: usize,
    pub failed: usize,
}

impl Claims {
    /// Of this lesson, none yet.
    pub fn of_lesson(lesson: u32) -> Self {
        Self { lesson, claims: Vec::new() }
    }

    /// Adds a claim.
    #[must_use]
    pub fn claim(mut self, claim: Claim) -> Self {
        self.claims.push(claim);
        self
    }

    /// Asserts that each wrong version is caught and each right one holds, that a seed repeats a run exactly, and that the lesson's
    /// `schedule.txt` is what `cargo x schedule` prints. `BLESS=1` rewrites it. Call it as
    /// `claims().assert_kept(env!("CARGO_MANIFEST_DIR"))`, in a plain `#[test]`: it starts a runtime for each run.
    #[track_caller]
    pub fn assert_kept(&self, lesson_folder: impl AsRef<Path>) {
        let mut text = String::new();
        for claim in &self.claims {
            let report = self.explored(claim, SCHEDULES);
            assert!(report.failed == 0, "a version does not do what is expected of it\n\n{}", report.text);
            claim.assert_repeatable();
            let _ = writeln!(text, "# ANCHOR: {0}\n{1}# ANCHOR_END: {0}\n", claim.name, report.text);
        }
        assert_artifact(lesson_folder.as_ref().join("schedule.txt"), &text);
    }

    pub(super) fn all(&self) -> &[Claim] {
        &self.claims
    }

    /// Runs all versions of a claim, each in at most `limit` schedules.
    pub(super) fn explored(&self, claim: &Claim, limit: u64) -> Report {
        let mut report = claim.report();
        for version in &claim.versions {
            let explored = explore(&version.play, &claim.holds, claim.schedules, limit);
            report.take(version, &explored, &self.again(claim, &explored));
        }
        report
    }

    /// Runs all versions of a claim in the schedule of this seed.
    pub(super) fn repeated(&self, claim: &Claim, seed: u64) -> Report {
        let mut report = claim.report();
        for version in &claim.versions {
            match repeat(&version.play, &claim.holds, claim.schedules, seed) {
                Some(run) => report.show(version, &run),
                None => report.skip(version, seed),
            }
        }
        report
    }

    /// How to see the run that broke the claim once more.
    fn again(&self, claim: &Claim, explored: &Explored) -> String {
        let Some(run) = &explored.first else { return String::new() };
        let only = if self.claims.len() > 1 { format!(" --claim {}", claim.name) } else { String::new() };
        let seed = run.seed;
        let again = format!("To repeat seed {seed}: cargo x schedule {}{only} --seed {seed}", self.lesson);
        if seed == 0 { again } else { format!("An ordinary run, seed 0, keeps the claim. {again}") }
    }
}

impl Claim {
    /// Of a small story: it is run in every schedule that there is.
    pub fn in_every_schedule(
        name: &'static str,
        says: &'static str,
        holds: fn(&[Entry]) -> Result<(), String>,
    ) -> Self {
        Self { name, says, holds: Box::new(holds), schedules: Schedules::Every, versions: Vec::new() }
    }

    /// Of a story with more schedules than can be run: a seed chooses each.
    pub fn in_many_schedules(
        name: &'static str,
        says: &'static str,
        holds: fn(&[Entry]) -> Result<(), String>,
    ) -> Self {
        Self { schedules: Schedules::Seeds, ..Self::in_every_schedule(name, says, holds) }
    }

    /// Adds a version that breaks it in at least one schedule.
    #[must_use]
    pub fn wrong<F>(self, title: &'static str, play: impl Fn(Journal) -> F + 'static) -> Self
    where
        F: Future + 'static,
    {
        self.version(Kind::Wrong, title, play)
    }

    /// Adds a version that keeps it.
    #[must_use]
    pub fn right<F>(self, title: &'static str, play: impl Fn(Journal) -> F + 'static) -> Self
    where
        F: Future + 'static,
    {
        self.version(Kind::Right, title, play)
    }

    fn version<F>(mut self, kind: Kind, title: &'static str, play: impl Fn(Journal) -> F + 'static) -> Self
    where
        F: Future + 'static,
    {
        self.versions.push(Version { kind, title, play: boxed(play) });
        self
    }

    /// Asserts that some of the seeds give the same journal twice.
    #[track_caller]
    fn assert_repeatable(&self) {
        for (version, seed) in
            self.versions.iter().flat_map(|version| (0..50).map(move |seed| (version, seed)))
        {
            let [one, other] = [(); 2].map(|()| repeat(&version.play, &self.holds, self.schedules, seed));
            let [one, other] = [one, other].map(|run| run.map(|run| run.journal));
            assert!(one == other, "seed {seed} is not repeated: {one:?} and {other:?}");
        }
    }

    fn report(&self) -> Report {
        Report { text: format!("Claim: {}\n", self.says), ..Report::default() }
    }
}

/// Erases the type of a story.
pub(super) fn boxed<'a, F>(play: impl Fn(Journal) -> F + 'a) -> Play<'a>
where
    F: Future + 'static,
{
    Box::new(move |journal| {
        let story = play(journal);
        Box::pin(async { drop(story.await) })
    })
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Wrong => "Wrong",
            Self::Right => "Right",
        }
    }
}

impl Report {
    fn take(&mut self, version: &Version, explored: &Explored, again: &str) {
        let Explored { tried, broken, is_all, .. } = *explored;
        let of = format!("{}{} schedules", if is_all { "all " } else { "" }, thousands(tried));
        let said = match (version.kind, broken) {
            (Kind::Wrong, 0) => format!("not caught: holds in {of}"),
            (Kind::Wrong, _) => format!("caught: broken in {} of {of}", thousands(broken)),
            (Kind::Right, 0) => format!("holds in {of}: none breaks it"),
            (Kind::Right, _) => format!("broken in {} of {of}", thousands(broken)),
        };
        self.verdict(version, (broken > 0) == (version.kind == Kind::Wrong), &said);
        if let Some(run) = &explored.first {
            self.picture(run);
            let _ = writeln!(self.text, "\n{again}");
        }
    }

    fn show(&mut self, version: &Version, run: &Run) {
        let (as_expected, said) = match (version.kind, run.outcome.is_ok()) {
            (Kind::Wrong, true) => (true, "lucky: holds"), // a wrong version need not be caught in each
            (Kind::Wrong, false) => (true, "caught: broken"),
            (Kind::Right, true) => (true, "holds"),
            (Kind::Right, false) => (false, "broken"),
        };
        self.verdict(version, as_expected, &format!("{said} in the schedule of seed {}", run.seed));
        self.picture(run);
    }

    /// Counts as neither: another version of the same claim may have more schedules.
    fn skip(&mut self, version: &Version, seed: u64) {
        let kind = version.kind.name();
        let _ = writeln!(
            self.text,
            "\n{kind}: {}\n– has no schedule of seed {seed}: there are fewer",
            version.title
        );
    }

    fn verdict(&mut self, version: &Version, as_expected: bool, said: &str) {
        let (kind, mark) = (version.kind.name(), if as_expected { "✔" } else { "✘" });
        let _ = writeln!(self.text, "\n{kind}: {}\n{mark} {said}", version.title);
        self.passed += usize::from(as_expected);
        self.failed += usize::from(!as_expected);
    }

    fn picture(&mut self, run: &Run) {
        self.text += &pictured(run);
    }
}

/// The timeline of a run, below what is broken in it.
pub(super) fn pictured(run: &Run) -> String {
    let reason = run.outcome.as_ref().err().map(|reason| format!("  seed {}: {reason}\n", run.seed));
    format!("{}\n{}", reason.unwrap_or_default(), Timeline::of_entries("", run.journal.clone()).text())
}

/// `10,000`
pub(super) fn thousands(number: u64) -> String {
    match number {
        0..1000 => number.to_string(),
        _ => format!("{},{:03}", thousands(number / 1000), number % 1000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schedule::any_of;

    /// A claim about what is logged, and a story that logs one of three letters.
    fn claim() -> Claim {
        let is_a_or_b = |journal: &[Entry]| match journal[0].what.as_str() {
            "a" | "b" => Ok(()),
            other => Err(format!("{other} is logged")),
        };
        Claim::in_every_schedule("letters", "It is a or b", is_a_or_b)
    }

    async fn any_letter(journal: Journal) {
        journal.log("task", any_of(["a", "b", "c"]));
    }

    async fn good_letter(journal: Journal) {
        journal.log("task", any_of(["a", "b"]));
    }

    fn explored(claim: Claim, limit: u64) -> Report {
        let claims = Claims::of_lesson(14).claim(claim);
        claims.explored(&claims.claims[0], limit)
    }

    #[test]
    fn what_is_expected_of_both_versions() {
        let report = explored(claim().wrong("any", any_letter).right("a good one", good_letter), 10);
        assert_eq!((report.passed, report.failed), (2, 0));
        assert_eq!(
            report.text,
            "\
Claim: It is a or b

Wrong: any
✔ caught: broken in 1 of all 3 schedules
  seed 2: c is logged

  ms  0
      ╷
task  1

      0 ms  1  task  c

An ordinary run, seed 0, keeps the claim. To repeat seed 2: cargo x schedule 14 --seed 2

Right: a good one
✔ holds in all 2 schedules: none breaks it
"
        );
    }

    #[test]
    fn a_wrong_version_that_never_breaks_the_claim_says_so() {
        let report = explored(claim().wrong("a good one", good_letter), 10);
        assert_eq!((report.passed, report.failed), (0, 1));
        assert!(report.text.ends_with("✘ not caught: holds in all 2 schedules\n"), "{}", report.text);
    }

    #[test]
    fn a_right_version_that_breaks_the_claim_says_so() {
        let report = explored(claim().right("any", any_letter), 10);
        assert_eq!((report.passed, report.failed), (0, 1));
        assert!(report.text.contains("✘ broken in 1 of all 3 schedules\n  seed 2: c"), "{}", report.text);
    }

    #[test]
    fn when_there_are_more_schedules_it_does_not_say_all() {
        let report = explored(claim().right("any", any_letter), 2);
        assert!(report.text.ends_with("✔ holds in 2 schedules: none breaks it\n"), "{}", report.text);
    }

    #[test]
    fn one_schedule_is_repeated() {
        let claims =
            Claims::of_lesson(14).claim(claim().wrong("any", any_letter).right("a good one", good_letter));
        let [lucky, caught, beyond] = [0, 2, 3].map(|seed| claims.repeated(&claims.claims[0], seed).text);
        assert!(lucky.contains("✔ lucky: holds in the schedule of seed 0\n"), "{lucky}");
        assert!(
            caught.contains("✔ caught: broken in the schedule of seed 2\n  seed 2: c is logged"),
            "{caught}"
        );
        assert!(caught.ends_with("– has no schedule of seed 2: there are fewer\n"), "{caught}");
        assert_eq!(beyond.matches("– has no schedule").count(), 2, "{beyond}");
    }

    #[test]
    fn numbers_are_easy_to_read() {
        assert_eq!([0, 999, 10_000, 1_234_005].map(thousands), ["0", "999", "10,000", "1,234,005"]);
    }
}
