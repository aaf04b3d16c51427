//! A lesson has one stem, the same in three places: `lessons/11-channels`, `exercises/11-channels`,
//! `book/src/11-channels.md`; and its packages are named by its number.

use std::collections::BTreeSet;

use super::Problem;
use super::manifests::{Manifest, members};
use crate::course::{self, Course};
use crate::tree::Tree;

/// What the learner builds beside the exercises is no lesson.
const PROJECT: &str = "project";

pub(super) fn check(tree: &Tree) -> Vec<Problem> {
    let mut problems = missing_places(tree);
    problems.extend(members(tree).iter().filter_map(misnamed));
    problems.extend(course_data(tree));
    problems
}

fn missing_places(tree: &Tree) -> Vec<Problem> {
    let mut stems: BTreeSet<&str> = BTreeSet::new();
    stems.extend(tree.folders_in("lessons"));
    stems.extend(tree.folders_in("exercises").into_iter().filter(|folder| *folder != PROJECT));
    let chapters = tree.matching("book/src/", ".md").filter_map(|(path, _)| {
        path.strip_prefix("book/src/")?.strip_suffix(".md").filter(|name| number(name).is_some())
    });
    stems.extend(chapters);
    let mut problems = Vec::new();
    for stem in stems {
        let places = [
            (format!("lessons/{stem}"), tree.has_folder(&format!("lessons/{stem}"))),
            (format!("exercises/{stem}"), tree.has_folder(&format!("exercises/{stem}"))),
            (format!("book/src/{stem}.md"), tree.has_file(&format!("book/src/{stem}.md"))),
        ];
        for (place, _) in places.into_iter().filter(|(_, there)| !there) {
            let fix = "a lesson has the same stem in lessons/, exercises/ and book/src/: `cargo x new-lesson` lays out all";
            problems.push(Problem::new(&place, 0, format!("is missing for the lesson {stem}"), fix));
        }
    }
    problems
}

/// `lessons/11-channels` is the package `lesson-11`, `exercises/11-channels/2-x` is `exercise-11-2`.
fn misnamed(member: &Manifest<'_>) -> Option<Problem> {
    let parts: Vec<&str> = member.path.split('/').collect();
    let expected = match parts[..] {
        ["lessons", lesson, _] => format!("lesson-{}", number(lesson)?),
        ["exercises", lesson, exercise, _] => format!("exercise-{}-{}", number(lesson)?, number(exercise)?),
        _ => return None,
    };
    let what = format!("the package is named `{}`", member.name());
    (member.name() != expected).then(|| Problem::new(member.path, 0, what, format!("name it `{expected}`")))
}

/// What the data file names exists, and what exists is named there.
fn course_data(tree: &Tree) -> Vec<Problem> {
    let Some(toml) = tree.text(course::FILE) else { return Vec::new() };
    let course = match Course::parse(toml) {
        Ok(course) => course,
        Err(error) => return vec![Problem::new(course::FILE, 0, format!("{error:#}"), "correct the field")],
    };
    let path = |folder: &std::path::Path| folder.to_string_lossy().replace('\\', "/");
    let named: BTreeSet<String> = course.exercises().map(|exercise| path(&exercise.folder)).collect();
    let lessons = tree.folders_in("exercises").into_iter().filter(|folder| *folder != PROJECT);
    let there: BTreeSet<String> = lessons
        .flat_map(|stem| {
            let folder = format!("exercises/{stem}");
            tree.folders_in(&folder).into_iter().map(|name| format!("{folder}/{name}")).collect::<Vec<_>>()
        })
        .collect();
    let absent = named.difference(&there).map(|folder| {
        let what = format!("names {folder}, which does not exist");
        Problem::new(course::FILE, 0, what, "lay it out, or take it out of the file")
    });
    let unnamed = there.difference(&named).map(|folder| {
        Problem::new(
            folder,
            0,
            format!("is not in {}", course::FILE),
            "add its title, minutes and hints there",
        )
    });
    absent.chain(unnamed).collect()
}

/// The number that a stem begins with.
fn number(stem: &str) -> Option<u32> {
    stem.split_once('-')?.0.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::super::expect;
    use super::*;

    const COURSE: &str = "[[lesson]]\nnumber = 11\nslug = \"channels\"\ntitle = \"T\"\n[[lesson.exercise]]\nnumber = 1\nname = \"a\"\n\
        title = \"A\"\nminutes = 5\ndifficulty = 1\nfails_with = \"x\"\nhints = [\"a\", \"b\", \"c\"]\n";

    #[test]
    fn three_places_with_one_stem() {
        let good = Tree::of(&[
            ("lessons/11-channels/Cargo.toml", "[package]\nname = \"lesson-11\"\n"),
            ("exercises/11-channels/1-a/Cargo.toml", "[package]\nname = \"exercise-11-1\"\n"),
            ("exercises/course.toml", COURSE),
            ("exercises/project/src/lib.rs", "//! The project.\n"),
            ("book/src/11-channels.md", "# Channels\n"),
            ("book/src/best-practices.md", "# Best practices\n"),
        ]);
        expect(check(&good), &[]);
    }

    #[test]
    fn a_missing_place_and_wrong_names_are_reported() {
        let bad = Tree::of(&[
            ("lessons/11-channels/Cargo.toml", "[package]\nname = \"lesson-eleven\"\n"),
            ("exercises/11-channels/2-b/Cargo.toml", "[package]\nname = \"exercise-11-2\"\n"),
            ("exercises/course.toml", COURSE),
            ("book/src/11-chanels.md", "# Channels\n"),
        ]);
        let expected = [
            "lessons/11-chanels: is missing for the lesson 11-chanels",
            "exercises/11-chanels: is missing for the lesson 11-chanels",
            "book/src/11-channels.md: is missing for the lesson 11-channels",
            "lessons/11-channels/Cargo.toml: the package is named `lesson-eleven`",
            "exercises/course.toml: names exercises/11-channels/1-a, which does not exist",
            "exercises/11-channels/2-b: is not in exercises/course.toml",
        ];
        expect(check(&bad), &expected);
    }
}
