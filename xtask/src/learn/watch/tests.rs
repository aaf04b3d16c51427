//! A learner before the screen, without a terminal: keys, saves and checks go in, orders and screens come out.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::event::{Done, Event, Key, Order};
use super::session::Session;
use crate::answer::Kind;
use crate::course::{self, Exercise};
use crate::learn::Study;
use crate::learn::check::{Checked, Seen};
use crate::learn::tests::{STARTER, solve, study};
use crate::paint::Paint;
use crate::progress::{Progress, State};
use crate::{text, wrap};

/// A session at an exercise of a small course, with everything that it has ordered.
pub(super) struct Desk {
    session: Session,
    orders: Vec<String>,
}

impl Desk {
    /// Begins at the exercise, whose first check has failed.
    fn at(root: &Path, id: &str) -> Desk {
        let mut desk = Desk::begin(root, id);
        desk.ends(id, failed("left"));
        desk.orders.clear();
        desk
    }

    fn begin(root: &Path, id: &str) -> Desk {
        Desk::resume(study(root), id)
    }

    /// In a course that is laid out already.
    pub(super) fn resume(study: Study, id: &str) -> Desk {
        let exercise = study.pick(Some(id)).unwrap().clone();
        let mut desk = Desk { session: Session::new(study, exercise, 60), orders: Vec::new() };
        let orders = desk.session.begin();
        desk.note(orders);
        desk
    }

    fn note(&mut self, orders: Vec<Order>) {
        self.orders.extend(orders.into_iter().map(|order| match order {
            Order::Check(exercise) => format!("check {}", exercise.id),
            Order::Explore(lesson) => format!("explore {lesson}"),
            Order::Stop => "stop".to_owned(),
            Order::Quit => "quit".to_owned(),
        }));
    }

    pub(super) fn on(&mut self, event: Event) {
        let orders = self.session.on(event);
        self.note(orders);
    }

    pub(super) fn press(&mut self, keys: &str) {
        keys.chars().for_each(|key| self.on(Event::Key(Key::Char(key))));
    }

    /// The learner saves this.
    pub(super) fn saves(&mut self, id: &str, text: &str) {
        let exercise = self.exercise(id);
        text::write(&exercise.learner_file(&self.session.study.root), text).unwrap();
        self.on(Event::Saved(vec![exercise.id]));
    }

    /// The check that runs ends.
    pub(super) fn ends(&mut self, id: &str, checked: Checked) {
        let exercise = self.exercise(id);
        let seen = Some(Seen::of(&self.session.study.root, &exercise).unwrap());
        self.on(Event::Checked(Done { id: exercise.id, seen, checked }));
    }

    pub(super) fn exercise(&self, id: &str) -> Exercise {
        self.session.study.pick(Some(id)).unwrap().clone()
    }

    fn state(&self, id: &str) -> State {
        self.session.standing.state(id.parse().unwrap())
    }

    /// Orders since the last time.
    pub(super) fn ordered(&mut self) -> Vec<String> {
        std::mem::take(&mut self.orders)
    }

    pub(super) fn screen(&mut self, columns: usize, rows: usize) -> String {
        let lines = self.session.page(columns, rows).lines(Paint::Plain);
        assert!(lines.len() <= rows && lines.iter().all(|line| wrap::width(line) <= columns), "{lines:#?}");
        lines.join("\n")
    }

    #[track_caller]
    pub(super) fn shows(&mut self, part: &str) {
        for columns in [60, 200] {
            let screen = self.screen(columns, 30);
            assert!(screen.contains(part), "{part:?} is not at {columns} columns:\n{screen}");
        }
    }
}

pub(super) fn passed() -> Checked {
    Checked::Passed { tests: "2 tests".to_owned(), elapsed: Duration::from_millis(20) }
}

pub(super) fn failed(story: &str) -> Checked {
    Checked::Failed { story: story.to_owned(), reason: "1 of 2 tests failed".to_owned() }
}

#[test]
fn save_and_see_and_go_on() {
    let root = tempfile::tempdir().unwrap();
    let mut desk = Desk::begin(root.path(), "11.1");
    assert_eq!(desk.ordered(), ["check 11.1"]);
    desk.ends("11.1", failed("left"));
    desk.shows("✘ 1 of 2 tests failed   Stuck? Press h");
    desk.press("n");
    desk.shows("11.1 is not solved yet. Press l to choose another exercise.");
    assert!(desk.ordered().is_empty());

    desk.saves("11.1", "//! Mine.\n");
    assert_eq!(desk.ordered(), ["check 11.1"]);
    desk.ends("11.1", passed());
    desk.shows("✔ 11.1 is solved: 2 tests passed in 0.02 s");
    desk.shows("next: 11.2 Title 11.2, 10 min: press n");
    desk.shows("1 of 3 solved");
    assert!(Progress::load(root.path()).unwrap().is_solved("11.1".parse().unwrap()));
    desk.press("n");
    desk.shows("11.2 Title 11.2");
    assert_eq!(desk.ordered(), ["check 11.2"]);
    desk.press("q");
    assert_eq!(desk.ordered(), ["quit"]);
}

#[test]
fn a_check_shows_that_it_is_alive() {
    let root = tempfile::tempdir().unwrap();
    let mut desk = Desk::begin(root.path(), "11.1");
    desk.shows("compiling … 0 s");
    desk.on(Event::Compiling("Compiling tokio v1.54.1 (somewhere)".to_owned()));
    desk.on(Event::Seconds(7));
    desk.shows("compiling tokio v1.54.1 … 7 s");
    desk.on(Event::Testing);
    desk.shows("testing … 7 s");
}

#[test]
fn a_save_in_the_middle_of_a_check_checks_again() {
    let root = tempfile::tempdir().unwrap();
    let mut desk = Desk::begin(root.path(), "11.1");
    desk.saves("11.1", "//! Once.\n");
    desk.saves("11.1", "//! Twice.\n");
    assert_eq!(desk.ordered(), ["check 11.1", "stop"], "it is stopped once");
    desk.ends("11.1", Checked::Stopped);
    assert_eq!(desk.ordered(), ["check 11.1"]);
    desk.ends("11.1", passed());
    assert!(desk.ordered().is_empty());
    assert_eq!(desk.state("11.1"), State::Solved);
}

#[test]
fn what_fails_again_or_comes_back_is_open_again() {
    let root = tempfile::tempdir().unwrap();
    let mut desk = Desk::at(root.path(), "11.1");
    desk.saves("11.1", "//! Mine.\n");
    desk.ends("11.1", passed());
    assert_eq!(desk.state("11.1"), State::Solved);
    desk.saves("11.1", "//! Broken.\n");
    desk.ends("11.1", Checked::DoesNotCompile("error: expected `;`".to_owned()));
    assert_eq!(desk.state("11.1"), State::Open);
    desk.shows("11.1 was solved, and is open again until it passes.");
    desk.saves("11.1", "//! Mine.\n");
    desk.ends("11.1", passed());
    desk.saves("11.1", STARTER);
    assert_eq!(desk.state("11.1"), State::Open, "the starter is back, and nothing has run yet");
}

#[test]
fn what_was_solved_elsewhere_and_what_has_changed_is_checked_by_itself() {
    let root = tempfile::tempdir().unwrap();
    let mut study = study(root.path());
    solve(&mut study, "10.1");
    let exercise = |id: &str| study.pick(Some(id)).unwrap().clone();
    text::write(&exercise("10.1").spec_file(root.path()), "//! Other tests.\n").unwrap();
    text::write(&exercise("11.2").learner_file(root.path()), "//! Passes with `cargo test`.\n").unwrap();

    let mut desk = Desk::resume(study, "11.1");
    desk.ends("11.1", failed("left"));
    desk.shows("checking 11.2");
    desk.ends("11.2", passed());
    desk.shows("11.2 Title 11.2 passes too.");
    desk.ends("10.1", passed());
    assert_eq!(desk.ordered(), ["check 11.1", "check 11.2", "check 10.1"]);
    assert_eq!([desk.state("11.2"), desk.state("10.1")], [State::Solved, State::Solved]);
}

#[test]
fn the_exercise_that_is_saved_is_the_one_at_hand() {
    let root = tempfile::tempdir().unwrap();
    let mut desk = Desk::at(root.path(), "11.1");
    desk.saves("10.1", "//! Mine.\n");
    desk.shows("10.1 Title 10.1");
    assert_eq!(desk.ordered(), ["check 10.1"]);
    desk.ends("10.1", passed());
    // Several at once are no editor's save.
    desk.on(Event::Saved(vec!["11.1".parse().unwrap(), "11.2".parse().unwrap()]));
    desk.shows("✔ 10.1 is solved");
    assert!(desk.ordered().is_empty());
}

#[test]
fn hints_that_were_read_are_read_again_without_the_next_one() {
    let root = tempfile::tempdir().unwrap();
    let mut desk = Desk::at(root.path(), "11.1");
    desk.press("h");
    desk.shows("hint 1 of 3 one\n");
    desk.shows("h hint 2 of 3");
    desk.press("h");
    desk.on(Event::Key(Key::Back));
    desk.shows("✘ 1 of 2 tests failed");
    desk.press("h");
    desk.shows("hint 1 of 3 one\n\nhint 2 of 3 two\n");
    assert!(!desk.screen(60, 30).contains("three"));
    desk.press("h");
    desk.shows("hint 3 of 3 three");
    desk.shows("that was the last hint");
    desk.press("h");
    desk.shows("hint 3 of 3 three");
    desk.saves("11.1", "//! Mine.\n");
    assert!(!desk.screen(60, 30).contains("hint 1"), "who saves wants to see what happens");
}

#[test]
fn one_jumps_in_the_list() {
    let root = tempfile::tempdir().unwrap();
    let mut desk = Desk::at(root.path(), "10.1");
    desk.press("l");
    desk.shows("❯ ▶ 10.1  Title 10.1   10 min  ●●○  next");
    desk.on(Event::Key(Key::Down));
    desk.shows("❯ ○ 11.1");
    desk.press("11.2");
    desk.shows("❯ ○ 11.2");
    desk.on(Event::Key(Key::Enter));
    desk.shows("11.2 Title 11.2");
    assert_eq!(desk.ordered(), ["check 11.2"]);
    desk.press("lq");
    assert!(desk.ordered().is_empty(), "q leaves the list");
}

#[test]
fn a_reset_asks_first_and_keeps_the_work() {
    let root = tempfile::tempdir().unwrap();
    let mut desk = Desk::at(root.path(), "11.1");
    desk.saves("11.1", "//! Mine.\n");
    let file = desk.exercise("11.1").learner_file(root.path());
    desk.press("r");
    desk.shows("Restore the file? Your version is kept.  y yes  n no");
    desk.press("n");
    assert_eq!(text::read(&file).unwrap(), "//! Mine.\n");
    desk.press("ry");
    assert_eq!(text::read(&file).unwrap(), STARTER);
    assert_eq!(text::read(&root.path().join(".course/backup-11.1-1.rs")).unwrap(), "//! Mine.\n");
    assert!(desk.screen(200, 30).contains("backup-11.1-1.rs.\n11.1"), "a line for each sentence");
    desk.shows("11.1 is open again: ");
}

#[test]
fn the_solution_is_for_those_who_have_one() {
    let root = tempfile::tempdir().unwrap();
    let mut desk = Desk::at(root.path(), "11.1");
    desk.press("s");
    desk.shows("11.1 is not solved yet. A hint may be enough: press h.");
    assert!(!desk.screen(200, 30).contains("s solution"));
    desk.saves("11.1", "//! Mine.\n");
    desk.ends("11.1", passed());
    desk.shows("n next  h hint  l list  t task  r reset  s solution  q quit");
    desk.press("s");
    desk.shows("pub fn a() -> u32 {\n    1\n}");
}

#[test]
fn a_table_is_made_anew_for_another_width() {
    let root = tempfile::tempdir().unwrap();
    let mut desk = Desk::at(root.path(), "11.1");
    desk.on(Event::Resized(60));
    assert!(desk.ordered().is_empty(), "only the rows have changed");
    desk.on(Event::Resized(200));
    assert_eq!(desk.ordered(), ["check 11.1"]);
    desk.ends("11.1", Checked::DoesNotCompile("error".to_owned()));
    desk.on(Event::Resized(60));
    assert!(desk.ordered().is_empty(), "what the compiler says is only wrapped");
}

#[test]
fn ctrl_c_quits_from_anywhere() {
    let root = tempfile::tempdir().unwrap();
    let mut desk = Desk::at(root.path(), "11.1");
    for pane in ["", "h", "l", "r", "t", "x"] {
        desk.press(pane);
        desk.on(Event::Key(Key::Interrupt));
        assert_eq!(desk.ordered(), ["quit"], "{pane}");
    }
}

#[test]
fn any_keys_in_any_order_leave_a_screen_that_fits() {
    let root = tempfile::tempdir().unwrap();
    let mut desk = Desk::at(root.path(), "11.1");
    desk.ends("11.1", failed(&"a line of the story\n".repeat(50)));
    let keys = [Key::Up, Key::Down, Key::PageUp, Key::PageDown, Key::Home, Key::End, Key::Enter, Key::Back];
    let keys: Vec<Key> = keys.into_iter().chain("nhlrtsxyjk 1.".chars().map(Key::Char)).collect();
    // A linear congruential generator, so that every run is the same.
    let mut random = 1_u64;
    for step in 0..3000 {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        desk.on(Event::Key(keys[(random >> 33) as usize % keys.len()]));
        // Several keys may come between two screens.
        if step % 3 == 0 {
            desk.screen(1 + (random >> 40) as usize % 220, (random >> 50) as usize % 50);
        }
    }
}

#[test]
fn the_whole_screen() {
    let root = tempfile::tempdir().unwrap();
    let mut desk = Desk::begin(root.path(), "11.1");
    desk.saves("11.1", &STARTER.replace("    0", "    7"));
    desk.ends("11.1", Checked::Stopped);
    let story = "running 1 test\ntest spec::all_events_arrive ... \nthread 'spec::all' panicked at spec.rs:1:5:\n\
        First difference: at 137 ms producer 2 was expected to log \"sent\", but never did.\nFAILED\n";
    desk.ends("11.1", failed(story));
    let rule = "─".repeat(60);
    let expected = format!(
        "11.1 Title 11.1  10 min  ●●○
exercises/11-s/1-n/src/exercise.rs:3

all events arrive
panicked at spec.rs:1:5:
First difference: at 137 ms producer 2 was expected to log
\"sent\", but never did.
FAILED

{rule}
✘ 1 of 2 tests failed   Stuck? Press h
First difference: at 137 ms producer 2 was expected to log
\"sent\", but never did.
░░░░░░░░░░░░░░░░░░░░░░░░  0 of 3 solved
h hint  l list  t task  r reset  q quit"
    );
    assert_eq!(desk.screen(60, 15), expected);
    assert!(
        desk.screen(200, 15).contains("at 137 ms producer 2 was expected to log \"sent\", but never did.\n")
    );
}

/// What the book shows of a success, from the course itself.
#[test]
fn the_book_shows_this_screen() {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies in the workspace");
    let root = tempfile::tempdir().unwrap();
    let course = text::read(&repository.join(course::FILE)).unwrap();
    text::write(&root.path().join(course::FILE), &course).unwrap();
    let study = Study::open(root.path(), Paint::Plain).unwrap();
    let exercise = study.pick(Some("11.1")).unwrap().clone();
    let answers = [Kind::Plausible, Kind::Alternative].map(|kind| exercise.answers(repository, kind));
    let answers = answers.iter().flat_map(|folder| fs::read_dir(folder).unwrap());
    let mut files: Vec<PathBuf> = answers.map(|file| file.unwrap().path()).collect();
    files.extend([exercise.solution_file(repository), exercise.spec_file(repository)]);
    files.push(repository.join("lessons/11-channels/src/schedule.rs"));
    for file in files {
        let below = file.strip_prefix(repository).unwrap();
        text::write(&root.path().join(below), &text::read(&file).unwrap()).unwrap();
    }
    let solved = study.carved(&exercise).unwrap().solution();
    text::write(&exercise.learner_file(root.path()), &solved).unwrap();

    let mut desk = Desk::resume(study, "11.1");
    desk.ends("11.1", passed());
    let screen = desk.screen(78, 15).lines().map(str::trim_end).collect::<Vec<_>>().join("\n") + "\n";
    let path = repository.join("book/src/snippets/watch.txt");
    if std::env::var("BLESS").is_ok_and(|value| value == "1") {
        return text::update(&path, &screen).unwrap();
    }
    let stored = text::read(&path).unwrap_or_default();
    assert!(stored == screen, "{} is out of date; run this test with BLESS=1:\n{screen}", path.display());
}
