//! `cargo x learn reset`: restores the exercise. Never destroys the learner's work: it keeps a copy.

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::course::ExerciseId;
use crate::learn::{Study, project};
use crate::text;

/// Writes the starter again, and says where the learner's version went.
pub fn reset(study: &mut Study, id: &str) -> Result<String> {
    if id == "project" {
        return project::reset(study);
    }
    let exercise = study.pick(Some(id))?.clone();
    let starter = study.starter(&exercise)?;
    let path = exercise.learner_file(&study.root);
    let shown = exercise.folder.join("src/exercise.rs");
    let mut lines = Vec::new();
    if path.exists() {
        let mine = text::read(&path)?;
        if mine == starter {
            return Ok(format!("{} is unchanged.\n", shown.display()));
        }
        let backup = free_backup(&study.root, exercise.id);
        text::write(&study.root.join(&backup), &mine)?;
        lines.push(format!("Your version has been moved to {}.", backup.display()));
    }
    text::write(&path, &starter)?;
    study.record(|progress| progress.reopen(exercise.id))?;
    lines.push(format!("{} is open again: {} has been restored.", exercise.id, shown.display()));
    Ok(lines.join("\n") + "\n")
}

/// `.course/backup-11.2-1.rs`, or the next number that is free.
fn free_backup(root: &Path, id: ExerciseId) -> PathBuf {
    let name = |number: u32| PathBuf::from(format!(".course/backup-{id}-{number}.rs"));
    (1..).map(name).find(|path| !root.join(path).exists()).expect("some number is free")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learn::tests::{STARTER, solve, study};
    use crate::progress::State;

    #[test]
    fn the_starter_comes_back_and_the_work_is_kept() {
        let root = tempfile::tempdir().unwrap();
        let mut study = study(root.path());
        solve(&mut study, "11.1");
        let path = root.path().join("exercises/11-s/1-n/src/exercise.rs");
        for (number, mine) in [(1, "mine"), (2, "mine again")] {
            text::write(&path, mine).unwrap();
            let said = reset(&mut study, "11.1").unwrap();
            let backup = format!("backup-11.1-{number}.rs");
            assert!(said.contains(&backup), "{said}");
            assert_eq!(text::read(&root.path().join(".course").join(backup)).unwrap(), mine);
            assert_eq!(text::read(&path).unwrap(), STARTER);
        }
        assert_eq!(study.state(study.pick(Some("11.1")).unwrap()), State::Open);
    }

    #[test]
    fn an_untouched_exercise_is_left_alone() {
        let root = tempfile::tempdir().unwrap();
        let said = reset(&mut study(root.path()), "11.1").unwrap();
        assert!(said.contains("is unchanged"));
        assert!(!root.path().join(".course").exists());
    }

    #[test]
    fn a_malformed_solution_is_named_with_its_line() {
        let root = tempfile::tempdir().unwrap();
        let mut study = study(root.path());
        text::write(&root.path().join("exercises/11-s/1-n/answers/solution.rs"), "//! A.\n//~ end\n")
            .unwrap();
        let error = reset(&mut study, "11.1").unwrap_err().to_string();
        assert!(error.contains("solution.rs:2: this marker needs"), "{error}");
    }
}
