//! `cargo x learn status` and `next`: where the learner stands, and what is to be done. And what `cargo x learn` does where there is no
//! terminal for [`watch`](crate::learn::watch).

use anyhow::Result;

use crate::cargo::{Diagnostics, Ear};
use crate::course::Exercise;
use crate::learn::check::{Manner, Program, Seen};
use crate::learn::{Study, list, project, report};
use crate::progress::State;
use crate::wrap::{PROSE, wrap};

/// A few lines.
pub fn status(study: &Study) -> String {
    let standing = study.standing();
    let mut lines = vec![standing.bar(study.paint)];
    for exercise in study.begun() {
        let place = report::place(study, exercise, None);
        lines.push(format!("begun: {} {}   {place}", exercise.id, exercise.title));
    }
    for exercise in study.course.exercises() {
        let what = match standing.state(exercise.id) {
            State::TestsChanged => "its tests have changed",
            State::FileChanged => "your file has changed",
            State::Open | State::Solved => continue,
        };
        lines.push(format!("to be run again: {} {}, {what}", exercise.id, exercise.title));
    }
    if !study.project.milestones.is_empty() {
        lines.push(project::heading(study));
    }
    lines.push(match study.next() {
        Some(next) => format!("next: {} {}, {} min: cargo x learn", next.id, next.title, next.minutes),
        None => study.paint.green("Every exercise is solved."),
    });
    lines.join("\n") + "\n"
}

/// The next exercise with its task, for a terminal of so many columns.
pub fn next(study: &Study, columns: Option<u16>) -> String {
    let Some(exercise) = study.next() else {
        return format!("{}\n", study.paint.green("Every exercise is solved."));
    };
    let mut lines =
        vec![report::title(study.paint, exercise), report::place(study, exercise, None), String::new()];
    let columns = columns.map_or(PROSE, |columns| PROSE.min(columns.into()));
    lines.extend(report::task(study, exercise).iter().flat_map(|line| wrap(line, columns)));
    let id = exercise.id;
    lines.push(format!("\nrun it: cargo x learn run {id}   Stuck? Run cargo x learn hint {id}"));
    lines.join("\n") + "\n"
}

/// Checks what is there and lists it. For a pipe; on a terminal, `watch` does both. Tells `news` which exercise it checks.
pub fn begin(study: &mut Study, news: impl Fn(&str)) -> Result<String> {
    let unchecked: Vec<Exercise> = study.unchecked().into_iter().cloned().collect();
    for exercise in unchecked {
        news(&format!("checking {} {}", exercise.id, exercise.title));
        let seen = Seen::of(&study.root, &exercise)?;
        let ear = Ear { hear: &|_| {}, go_on: &|| true };
        let diagnostics = Diagnostics::Told(study.paint, ear);
        let manner = Manner { diagnostics, columns: None, go_on: &|_| true };
        let checked = Program::of(&study.root, &exercise, seen).check(&study.root, manner)?;
        study.settle(&exercise, seen, &checked)?;
    }
    Ok(list(study, None))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learn::tests::{solve, study};
    use crate::text;

    #[test]
    fn where_the_learner_stands() {
        let root = tempfile::tempdir().unwrap();
        let mut study = study(root.path());
        solve(&mut study, "10.1");
        text::write(&study.pick(Some("10.1")).unwrap().spec_file(root.path()), "//! Other tests.\n").unwrap();
        text::write(&study.pick(Some("11.2")).unwrap().learner_file(root.path()), "//! Begun.\n").unwrap();
        let expected = "\
████████░░░░░░░░░░░░░░░░  1 of 3 solved
begun: 11.2 Title 11.2   exercises/11-s/2-n/src/exercise.rs:1
to be run again: 10.1 Title 10.1, its tests have changed
next: 11.1 Title 11.1, 10 min: cargo x learn
";
        assert_eq!(status(&study), expected);
    }

    #[test]
    fn the_next_one_with_its_task() {
        let root = tempfile::tempdir().unwrap();
        let study = study(root.path());
        let readme = root.path().join("exercises/10-s/1-n/README.md");
        text::write(&readme, "### 10.1 Title\n\nThe task\nitself.\n\n**Edit** it.\n").unwrap();
        let expected = "10.1 Title 10.1  10 min  ●●○\nexercises/10-s/1-n/src/exercise.rs:4\n\nThe task itself.\n\n\
            run it: cargo x learn run 10.1   Stuck? Run cargo x learn hint 10.1\n";
        assert_eq!(next(&study, None), expected);
        assert!(next(&study, Some(10)).contains("\n\nThe task\nitself.\n\n"));
    }
}
