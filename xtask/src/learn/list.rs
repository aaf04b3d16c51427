//! `cargo x learn list`: all exercises by lesson, and which one is next.

use crate::course::{Exercise, Lesson};
use crate::learn::{Study, project};
use crate::progress::State;

const BAR: usize = 24;

/// The table, ready to be printed.
pub fn list(study: &Study) -> String {
    let all = study.course.exercises().count();
    if all == 0 {
        return "There are no exercises yet.\n".to_owned();
    }
    let solved = study.course.exercises().filter(|exercise| study.state(exercise) != State::Open).count();
    let next = study.next();
    let mut lines = vec![bar(study, solved, all), String::new()];
    for lesson in study.course.lessons.iter().filter(|lesson| !lesson.exercises.is_empty()) {
        lines.push(heading(study, lesson));
        lines.extend(lesson.exercises.iter().map(|exercise| row(study, exercise, next)));
        lines.push(String::new());
    }
    if !study.project.milestones.is_empty() {
        lines.extend([project::heading(study), "  cargo x learn project".to_owned(), String::new()]);
    }
    lines.push(match next {
        Some(exercise) => {
            format!("next: cargo x learn run {}   Stuck? Run cargo x learn hint {0}", exercise.id)
        }
        None => study.paint.green("Every exercise is solved."),
    });
    lines.join("\n") + "\n"
}

fn bar(study: &Study, solved: usize, all: usize) -> String {
    let full = solved * BAR / all;
    let (done, left) = ("█".repeat(full), "░".repeat(BAR - full));
    format!("{}{}  {solved} of {all} solved", study.paint.green(done), study.paint.dim(left))
}

fn heading(study: &Study, lesson: &Lesson) -> String {
    let minutes: u32 = lesson.exercises.iter().map(|exercise| exercise.minutes).sum();
    let solved = lesson.exercises.iter().filter(|exercise| study.state(exercise) == State::Solved).count();
    let title = study.paint.bold(format!("{} {}", lesson.number, lesson.title));
    let sum = study.paint.dim(format!("{solved}/{}, {minutes} min", lesson.exercises.len()));
    format!("{title}  {sum}")
}

fn row(study: &Study, exercise: &Exercise, next: Option<&Exercise>) -> String {
    let is_next = next.is_some_and(|next| next.id == exercise.id);
    let paint = study.paint;
    let (mark, note) = match study.state(exercise) {
        State::Solved => (paint.green("✔"), String::new()),
        State::TestsChanged => (paint.yellow("↻"), paint.yellow("  its tests have changed: run it again")),
        State::FileChanged => (paint.yellow("↻"), paint.yellow("  your file has changed: run it again")),
        State::Open if is_next => (paint.cyan("▶"), paint.cyan("  next")),
        State::Open => (paint.dim("○"), String::new()),
    };
    let width = study.course.exercises().map(|exercise| exercise.title.chars().count()).max().unwrap_or(0);
    let stars = "●".repeat(exercise.difficulty.into()) + &"○".repeat((3 - exercise.difficulty).into());
    let facts = paint.dim(format!("{:>3} min  {stars}", exercise.minutes));
    format!("  {mark} {:<5} {:<width$}  {facts}{note}", exercise.id, exercise.title)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learn::tests::{solve, study};
    use crate::paint::Paint;
    use crate::text;

    #[test]
    fn the_whole_table() {
        let root = tempfile::tempdir().unwrap();
        let mut study = study(root.path());
        solve(&mut study, "10.1");
        let expected = "\
████████░░░░░░░░░░░░░░░░  1 of 3 solved

10 Lesson 10  1/1, 10 min
  ✔ 10.1  Title 10.1   10 min  ●●○

11 Lesson 11  0/2, 20 min
  ▶ 11.1  Title 11.1   10 min  ●●○  next
  ○ 11.2  Title 11.2   10 min  ●●○

next: cargo x learn run 11.1   Stuck? Run cargo x learn hint 11.1
";
        assert_eq!(list(&study), expected);
    }

    #[test]
    fn a_learner_who_begins_in_the_middle_goes_on_there() {
        let root = tempfile::tempdir().unwrap();
        let mut study = study(root.path());
        let behind = |study: &Study, id: &str| {
            let solved = study.course.exercises().find(|exercise| exercise.id.to_string() == id);
            study.next_behind(solved.expect("it is in the course")).map(|next| next.id.to_string())
        };
        solve(&mut study, "11.1");
        assert_eq!(behind(&study, "11.1").as_deref(), Some("11.2"));
        solve(&mut study, "11.2");
        assert_eq!(behind(&study, "11.2").as_deref(), Some("10.1"), "what was left out");
    }

    #[test]
    fn what_changed_is_said_and_colours_are_used() {
        let root = tempfile::tempdir().unwrap();
        let mut study = study(root.path());
        solve(&mut study, "10.1");
        let folder = root.path().join("exercises/10-s/1-n");
        text::write(&folder.join("src/exercise.rs"), "//! Mine, broken.\n").unwrap();
        assert!(
            list(&study).contains("↻ 10.1  Title 10.1   10 min  ●●○  your file has changed: run it again")
        );
        text::write(&folder.join("spec.rs"), "//! Other tests.\n").unwrap();
        assert!(list(&study).contains("●●○  its tests have changed: run it again"));
        study.paint = Paint::Ansi;
        assert!(list(&study).contains("\x1b[33m↻\x1b[0m"));
    }
}
