//! Which exercises were saved. Looks at their files instead of asking the system for notifications: they are few, it works on
//! every file system, and it sees each way in which editors save: in place, by rename, by truncation.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::course::ExerciseId;
use crate::learn::Study;
use crate::progress::ContentHash;
use crate::text;

/// The learner's files and the tests of all exercises.
pub(super) struct Files {
    files: Vec<File>,
}

struct File {
    exercise: ExerciseId,
    path: PathBuf,
    stamp: Stamp,
    /// What it held when that was reported last; `None` while it is missing.
    content: Option<ContentHash>,
    /// What it held at the last look, if that is not reported yet: an editor may be in the middle of saving.
    unsettled: Option<Option<ContentHash>>,
}

/// Changes with nearly every save, and costs little to look at.
type Stamp = Option<(SystemTime, u64)>;

impl Files {
    pub(super) fn of(study: &Study) -> Files {
        let paths = study.course.exercises().flat_map(|exercise| {
            [exercise.learner_file(&study.root), exercise.spec_file(&study.root)]
                .map(|path| (exercise.id, path))
        });
        let file = |(exercise, path): (ExerciseId, PathBuf)| {
            let (stamp, content) = (stamp(&path), content(&path));
            File { exercise, path, stamp, content, unsettled: None }
        };
        Files { files: paths.map(file).collect() }
    }

    /// The exercises whose files hold something new, and held the same at the look before: nobody is writing. The stamp of a file
    /// that was moved into place may be the old one, so those of the exercise at hand are read every time.
    pub(super) fn look(&mut self, at_hand: ExerciseId) -> Vec<ExerciseId> {
        let mut saved = Vec::new();
        for file in &mut self.files {
            let stamp = stamp(&file.path);
            let is_touched = stamp != file.stamp || file.unsettled.is_some();
            file.stamp = stamp;
            if (is_touched || file.exercise == at_hand) && file.is_saved() && !saved.contains(&file.exercise)
            {
                saved.push(file.exercise);
            }
        }
        saved
    }
}

impl File {
    fn is_saved(&mut self) -> bool {
        let now = content(&self.path);
        if now == self.content {
            self.unsettled = None;
            return false;
        }
        if self.unsettled != Some(now) {
            self.unsettled = Some(now);
            return false;
        }
        self.unsettled = None;
        self.content = now;
        true
    }
}

fn stamp(path: &Path) -> Stamp {
    let data = fs::metadata(path).ok()?;
    Some((data.modified().ok()?, data.len()))
}

fn content(path: &Path) -> Option<ContentHash> {
    text::read(path).ok().map(|text| ContentHash::of(&text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learn::tests::study;

    /// Two looks: the first sees that something is new, the second that it is settled.
    fn saved(files: &mut Files, at_hand: &str) -> Vec<String> {
        let at_hand = at_hand.parse().unwrap();
        let mut saved = files.look(at_hand);
        saved.extend(files.look(at_hand));
        saved.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_save_in_place_by_rename_and_by_truncation_is_seen_once() {
        let root = tempfile::tempdir().unwrap();
        let study = study(root.path());
        let path = study.pick(Some("11.1")).unwrap().learner_file(root.path());
        let mut files = Files::of(&study);
        assert!(saved(&mut files, "11.1").is_empty());
        let in_place = |text: &str| fs::write(&path, text).unwrap();
        let by_rename = |text: &str| {
            let other = path.with_extension("swp");
            fs::write(&other, text).unwrap();
            fs::rename(other, &path).unwrap();
        };
        let with_backup = |text: &str| {
            fs::rename(&path, path.with_extension("bak")).unwrap();
            fs::write(&path, text).unwrap();
        };
        let by_truncation = |text: &str| {
            fs::File::create(&path).unwrap().set_len(0).unwrap();
            fs::write(&path, text).unwrap();
        };
        let ways: [&dyn Fn(&str); 4] = [&in_place, &by_rename, &with_backup, &by_truncation];
        // At hand and not at hand. Each time a line longer: two saves in a row may have the same time.
        for at_hand in ["11.1", "10.1"] {
            for (number, way) in (1..).zip(ways) {
                way(&format!("//! {at_hand}\n").repeat(number));
                assert_eq!(saved(&mut files, at_hand), ["11.1"], "{number}");
                assert!(saved(&mut files, at_hand).is_empty(), "{number}: once");
            }
        }
    }

    #[test]
    fn what_is_half_written_is_waited_for() {
        let root = tempfile::tempdir().unwrap();
        let study = study(root.path());
        let (id, path) = study.pick(Some("11.1")).map(|one| (one.id, one.learner_file(root.path()))).unwrap();
        let mut files = Files::of(&study);
        for half in ["", "//! Half", "//! Half a file.\n"] {
            fs::write(&path, half).unwrap();
            assert!(files.look(id).is_empty(), "{half}");
        }
        assert_eq!(files.look(id), [id]);
    }

    #[test]
    fn an_older_file_that_is_moved_into_place_is_seen_and_a_touch_is_not() {
        let root = tempfile::tempdir().unwrap();
        let study = study(root.path());
        let exercise = study.pick(Some("11.1")).unwrap();
        let path = exercise.learner_file(root.path());
        let mut files = Files::of(&study);
        let time = fs::metadata(&path).unwrap().modified().unwrap();
        let text = fs::read_to_string(&path).unwrap().replace('0', "7");
        fs::write(&path, text).unwrap();
        fs::File::options().write(true).open(&path).unwrap().set_modified(time).unwrap();
        assert_eq!(saved(&mut files, "11.1"), ["11.1"], "its time and its length are the old ones");
        fs::File::options().write(true).open(&path).unwrap().set_modified(crate::clock::now()).unwrap();
        assert!(saved(&mut files, "11.1").is_empty());
        fs::write(exercise.spec_file(root.path()), "//! Other tests.\n").unwrap();
        assert_eq!(saved(&mut files, "10.1"), ["11.1"]);
    }
}
