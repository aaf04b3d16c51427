//! `cargo x learn list`: all exercises by lesson, and which one is next.

use crate::course::{Exercise, Lesson};
use crate::learn::standing::Standing;
use crate::learn::{Study, project, report};
use crate::progress::State;
use crate::wrap;

/// What a row has beside the title: with the mark, the number, the facts, and `next`.
const BESIDE_TITLE: usize = 32;
/// However narrow the terminal is.
const TITLE_MIN: usize = 16;

/// A line of the table.
pub(super) enum Row<'a> {
    Lesson(String),
    Exercise(&'a Exercise, String),
}

/// The lessons that have exercises, each with its own, and with an empty line between them.
pub(super) fn rows<'a>(study: &'a Study, standing: &Standing, columns: usize) -> Vec<Row<'a>> {
    let titles = study.course.exercises().map(|exercise| exercise.title.chars().count());
    let width = titles.max().unwrap_or(0).min(columns.saturating_sub(BESIDE_TITLE).max(TITLE_MIN));
    let mut rows = Vec::new();
    for lesson in study.course.lessons.iter().filter(|lesson| !lesson.exercises.is_empty()) {
        if !rows.is_empty() {
            rows.push(Row::Lesson(String::new()));
        }
        rows.push(Row::Lesson(heading(study, standing, lesson)));
        let row = |exercise| Row::Exercise(exercise, row(study, standing, exercise, width));
        rows.extend(lesson.exercises.iter().map(row));
    }
    rows
}

/// The whole table, ready to be printed into so many columns.
pub fn list(study: &Study, columns: Option<u16>) -> String {
    let columns = columns.map_or(usize::MAX, usize::from);
    let standing = study.standing();
    if standing.is_empty() {
        return "There are no exercises yet.\n".to_owned();
    }
    let mut lines = vec![standing.bar(study.paint), String::new()];
    lines.extend(rows(study, &standing, columns).into_iter().map(|row| match row {
        Row::Lesson(text) | Row::Exercise(_, text) => wrap::cut(&text, columns),
    }));
    lines.push(String::new());
    if !study.project.milestones.is_empty() {
        lines.extend([project::heading(study), "  cargo x learn project".to_owned(), String::new()]);
    }
    lines.push(match standing.next() {
        Some(id) => format!("next: cargo x learn run {id}   Stuck? Run cargo x learn hint {id}"),
        None => study.paint.green("Every exercise is solved."),
    });
    lines.join("\n") + "\n"
}

fn heading(study: &Study, standing: &Standing, lesson: &Lesson) -> String {
    let minutes: u32 = lesson.exercises.iter().map(|exercise| exercise.minutes).sum();
    let is_solved = |exercise: &&Exercise| standing.state(exercise.id) == State::Solved;
    let solved = lesson.exercises.iter().filter(is_solved).count();
    let title = study.paint.bold(format!("{} {}", lesson.number, lesson.title));
    let sum = study.paint.dim(format!("{solved}/{}, {minutes} min", lesson.exercises.len()));
    format!("{title}  {sum}")
}

fn row(study: &Study, standing: &Standing, exercise: &Exercise, width: usize) -> String {
    let paint = study.paint;
    let (mark, note) = match standing.state(exercise.id) {
        State::Solved => (paint.green("✔"), String::new()),
        State::TestsChanged => (paint.yellow("↻"), paint.yellow("  its tests have changed: run it again")),
        State::FileChanged => (paint.yellow("↻"), paint.yellow("  your file has changed: run it again")),
        State::Open if standing.next() == Some(exercise.id) => (paint.cyan("▶"), paint.cyan("  next")),
        State::Open => (paint.dim("○"), String::new()),
    };
    let title = wrap::cut(&exercise.title, width);
    let facts = paint.dim(format!("{:>12}", report::facts(exercise)));
    format!("  {mark} {:<5} {title:<width$}  {facts}{note}", exercise.id)
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
        assert_eq!(list(&study, None), expected);
    }

    #[test]
    fn a_narrow_terminal_gets_shorter_titles() {
        let root = tempfile::tempdir().unwrap();
        let mut study = study(root.path());
        study.course.lessons[0].exercises[0].title = "A title that is longer than the others".to_owned();
        let table = list(&study, Some(48));
        assert!(table.contains("\n  ▶ 10.1  A title that is…   10 min  ●●○"), "{table}");
        assert!(table.lines().all(|line| line.chars().count() <= 48 || line.starts_with("next:")), "{table}");
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
            list(&study, None)
                .contains("↻ 10.1  Title 10.1   10 min  ●●○  your file has changed: run it again")
        );
        text::write(&folder.join("spec.rs"), "//! Other tests.\n").unwrap();
        assert!(list(&study, None).contains("●●○  its tests have changed: run it again"));
        study.paint = Paint::Ansi;
        assert!(list(&study, None).contains("\x1b[33m↻\x1b[0m"));
    }
}
