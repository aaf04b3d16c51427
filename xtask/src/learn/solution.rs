//! `cargo x learn solution`: the solution and other right answers, once the exercise is solved or when asked for twice. They are
//! not in the learner's crate, so neither the compiler nor the editor shows them before.

use anyhow::Result;

use crate::answer::Kind;
use crate::course::ExerciseId;
use crate::learn::{Study, project, proofs};
use crate::progress::State;

/// What to print.
pub fn solution(study: &mut Study, id: &str) -> Result<String> {
    if let Some(milestone) = study.pick_milestone(Some(id))?.cloned() {
        let reached = study.milestone_state(&milestone) != State::Open;
        return match not_yet(study, milestone.id, reached)? {
            Some(said) => Ok(said),
            None => project::reference(study, &milestone),
        };
    }
    let exercise = study.pick(Some(id))?.clone();
    let is_solved = study.state(&exercise) == State::Solved;
    if let Some(said) = not_yet(study, exercise.id, is_solved)? {
        return Ok(said);
    }
    let title = study.paint.bold(format!("{} {}", exercise.id, exercise.title));
    let mut said = format!("{title}\n\n{}", study.carved(&exercise)?.solution());
    for answer in proofs::answers(study, &exercise)?.iter().filter(|answer| answer.kind == Kind::Alternative)
    {
        said +=
            &format!("\n{}\n\n{}", study.paint.bold(format!("Also right: {}", answer.reason)), answer.text());
    }
    Ok(said)
}

/// What is said instead of the solution, the first time it is asked for.
fn not_yet(study: &mut Study, id: ExerciseId, is_solved: bool) -> Result<Option<String>> {
    if is_solved || study.record(|progress| progress.ask(id))? {
        return Ok(None);
    }
    Ok(Some(format!(
        "{id} is not solved yet. A hint may be enough: cargo x learn hint {id}\n\
         To see the solution anyway, ask again: cargo x learn solution {id}\n"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learn::tests::{solve, study};
    use crate::text;

    #[test]
    fn an_unsolved_exercise_must_be_asked_for_twice() {
        let root = tempfile::tempdir().unwrap();
        let mut study = study(root.path());
        let first = solution(&mut study, "11.1").unwrap();
        assert!(first.contains("not solved yet") && !first.contains("pub fn a"), "{first}");
        assert!(solution(&mut study, "11.2").unwrap().contains("not solved yet"), "each by itself");
        assert!(solution(&mut study, "11.1").unwrap().contains("pub fn a() -> u32 {\n    1\n}"));
    }

    #[test]
    fn a_solved_one_is_shown_with_the_other_right_answers() {
        let root = tempfile::tempdir().unwrap();
        let mut study = study(root.path());
        let file = "exercises/11-s/1-n/answers/alternatives/subtracts.rs";
        text::write(&root.path().join(file), "//! Subtraction leads there too.\n    2 - 1\n").unwrap();
        solve(&mut study, "11.1");
        let said = solution(&mut study, "11.1").unwrap();
        assert!(said.contains("    1\n") && !said.contains("//~"), "{said}");
        assert!(said.ends_with("Also right: Subtraction leads there too.\n\n    2 - 1\n"), "{said}");
    }
}
