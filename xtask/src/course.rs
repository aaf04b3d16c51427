//! `exercises/course.toml`: the lessons in order, their exercises, hints, and what each unsolved exercise fails with.
//! Reads and checks that file; does not look at the exercises themselves.

use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::{Context, Result, anyhow, bail, ensure};
use serde::Deserialize;

use crate::answer::Kind;
use crate::text;

/// Where the data file lies, from the workspace's root.
pub const FILE: &str = "exercises/course.toml";

/// `11.2`: the second exercise of lesson 11; `project.2`: the second milestone of the project.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ExerciseId {
    pub lesson: u32,
    pub number: u32,
}

/// Stands for the project where a lesson's number stands: behind all lessons.
const PROJECT: u32 = u32::MAX;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Course {
    pub lessons: Vec<Lesson>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lesson {
    pub number: u32,
    pub title: String,
    /// `11-channels`: the name of the lesson in all three places.
    pub stem: String,
    pub exercises: Vec<Exercise>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exercise {
    pub id: ExerciseId,
    pub title: String,
    pub minutes: u32,
    /// From 1 to 3.
    pub difficulty: u8,
    pub begins: Begins,
    /// What the output of the unsolved exercise contains.
    pub fails_with: String,
    pub hints: [String; 3],
    /// `exercises/11-channels/2-name`, from the workspace's root.
    pub folder: PathBuf,
}

/// What the learner finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Begins {
    FailingTest,
    /// The learner's file is compiled by its own test only, so that the workspace stays green.
    CompileError,
}

impl Course {
    pub fn load(root: &Path) -> Result<Course> {
        Course::parse(&text::read(&root.join(FILE))?)
    }

    /// Errors name the file, the lesson and the field.
    pub fn parse(toml: &str) -> Result<Course> {
        let raw: RawCourse = toml::from_str(toml).with_context(|| FILE.to_owned())?;
        let lessons: Result<Vec<Lesson>> = raw.lesson.into_iter().map(RawLesson::checked).collect();
        let lessons = lessons.with_context(|| FILE.to_owned())?;
        let rising = lessons.windows(2).find(|pair| pair[0].number >= pair[1].number);
        if let Some([_, second]) = rising {
            bail!("{FILE}: lesson {}: number: lessons stand in rising order, each once", second.number);
        }
        Ok(Course { lessons })
    }

    pub fn exercises(&self) -> impl Iterator<Item = &Exercise> {
        self.lessons.iter().flat_map(|lesson| &lesson.exercises)
    }

    pub fn exercise(&self, id: ExerciseId) -> Result<&Exercise> {
        self.exercises()
            .find(|exercise| exercise.id == id)
            .ok_or_else(|| anyhow!("there is no exercise {id}: `cargo x learn list` shows them all"))
    }
}

impl Exercise {
    /// The package's name: `exercise-11-2`.
    pub fn package(&self) -> String {
        format!("exercise-{}-{}", self.id.lesson, self.id.number)
    }

    /// The file that the learner edits.
    pub fn learner_file(&self, root: &Path) -> PathBuf {
        root.join(&self.folder).join("src/exercise.rs")
    }

    /// The marked source of every version, not in the learner's crate.
    pub fn solution_file(&self, root: &Path) -> PathBuf {
        root.join(&self.folder).join("answers/solution.rs")
    }

    /// Where answers of that kind lie.
    pub fn answers(&self, root: &Path, kind: Kind) -> PathBuf {
        root.join(&self.folder).join("answers").join(kind.folder())
    }

    pub fn spec_file(&self, root: &Path) -> PathBuf {
        root.join(&self.folder).join("spec.rs")
    }
}

impl ExerciseId {
    pub fn milestone(number: u32) -> ExerciseId {
        ExerciseId { lesson: PROJECT, number }
    }

    pub fn is_milestone(self) -> bool {
        self.lesson == PROJECT
    }
}

impl fmt::Display for ExerciseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_milestone() {
            return f.pad(&format!("project.{}", self.number));
        }
        f.pad(&format!("{}.{}", self.lesson, self.number))
    }
}

impl FromStr for ExerciseId {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<ExerciseId> {
        let number = |part: &str| part.parse::<u32>().ok().filter(|&number| number > 0);
        let lesson = |part: &str| if part == "project" { Some(PROJECT) } else { number(part) };
        let parts = text.split_once('.').and_then(|(a, b)| Some((lesson(a)?, number(b)?)));
        let (lesson, number) = parts
            .ok_or_else(|| anyhow!("`{text}` is not an exercise: write lesson and number, as in 11.2"))?;
        Ok(ExerciseId { lesson, number })
    }
}

/// The file as it is written. Every field is optional here, so that a missing one is reported with its lesson.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawCourse {
    #[serde(default)]
    lesson: Vec<RawLesson>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawLesson {
    number: Option<u32>,
    slug: Option<String>,
    title: Option<String>,
    #[serde(default)]
    exercise: Vec<RawExercise>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawExercise {
    number: Option<u32>,
    name: Option<String>,
    title: Option<String>,
    minutes: Option<u32>,
    difficulty: Option<u8>,
    begins: Option<String>,
    fails_with: Option<String>,
    #[serde(default)]
    hints: Vec<String>,
}

impl RawLesson {
    fn checked(self) -> Result<Lesson> {
        let number = self.number.ok_or_else(|| anyhow!("a lesson has no number"))?;
        let at = format!("lesson {number}");
        let stem = format!("{number}-{}", slug(self.slug, &at, "slug")?);
        let title = filled(self.title, &at, "title")?;
        let mut numbers = BTreeSet::new();
        let mut exercises = Vec::new();
        for raw in self.exercise {
            let exercise = raw.checked(number, &stem)?;
            ensure!(
                numbers.insert(exercise.id.number),
                "{at}, exercise {}: number: given twice",
                exercise.id.number
            );
            exercises.push(exercise);
        }
        exercises.sort_by_key(|exercise| exercise.id);
        Ok(Lesson { number, title, stem, exercises })
    }
}

impl RawExercise {
    fn checked(self, lesson: u32, stem: &str) -> Result<Exercise> {
        let number = self.number.ok_or_else(|| anyhow!("lesson {lesson}: number: an exercise has none"))?;
        let at = format!("lesson {lesson}, exercise {number}");
        let name = slug(self.name, &at, "name")?;
        let minutes = self.minutes.filter(|&minutes| minutes > 0);
        let difficulty = self.difficulty.filter(|difficulty| (1..=3).contains(difficulty));
        let begins = match self.begins.as_deref() {
            None => Begins::FailingTest,
            Some("compile error") => Begins::CompileError,
            Some(_) => bail!("{at}: begins: only \"compile error\" is known"),
        };
        let given = self.hints.iter().filter(|hint| !hint.trim().is_empty()).count();
        let hints = <[String; 3]>::try_from(self.hints).ok().filter(|_| given == 3);
        Ok(Exercise {
            id: ExerciseId { lesson, number },
            title: filled(self.title, &at, "title")?,
            minutes: minutes.ok_or_else(|| anyhow!("{at}: minutes: a number above 0 is needed"))?,
            difficulty: difficulty.ok_or_else(|| anyhow!("{at}: difficulty: 1, 2 or 3 is needed"))?,
            begins,
            fails_with: filled(self.fails_with, &at, "fails_with")?,
            hints: hints.ok_or_else(|| anyhow!("{at}: hints: 3 are needed, {given} are given"))?,
            folder: PathBuf::from(format!("exercises/{stem}/{number}-{name}")),
        })
    }
}

fn filled(value: Option<String>, at: &str, field: &str) -> Result<String> {
    value.filter(|text| !text.trim().is_empty()).ok_or_else(|| anyhow!("{at}: {field}: is missing or empty"))
}

/// A part of a folder's name: lower-case letters, digits and single hyphens.
fn slug(value: Option<String>, at: &str, field: &str) -> Result<String> {
    let text = filled(value, at, field)?;
    ensure!(is_slug(&text), "{at}: {field}: `{text}` is not a slug: use a-z, 0-9 and hyphens");
    Ok(text)
}

pub fn is_slug(text: &str) -> bool {
    let word =
        |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    text.split('-').all(word)
}

/// A course of one lesson with one exercise, for tests.
#[cfg(test)]
pub(crate) const GOOD: &str = r#"
[[lesson]]
number = 11
slug = "channels"
title = "Channels"

[[lesson.exercise]]
number = 1
name = "backpressure"
title = "Backpressure"
minutes = 10
difficulty = 2
fails_with = "not yet implemented"
hints = ["one", "two", "three"]
"#;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_good_file_is_read() {
        let course = Course::parse(GOOD).unwrap();
        let exercise = course.exercise("11.1".parse().unwrap()).unwrap();
        assert_eq!(course.lessons[0].stem, "11-channels");
        assert_eq!(exercise.package(), "exercise-11-1");
        assert_eq!(exercise.folder, Path::new("exercises/11-channels/1-backpressure"));
        assert_eq!(exercise.hints[2], "three");
    }

    #[test]
    fn an_empty_file_is_a_course_without_lessons() {
        assert_eq!(Course::parse("").unwrap(), Course { lessons: vec![] });
    }

    #[track_caller]
    fn refused(from: &str, to: &str, message: &str) {
        let error = Course::parse(&GOOD.replace(from, to)).unwrap_err();
        let shown = format!("{error:#}");
        assert!(shown.contains(FILE) && shown.contains(message), "{shown}");
    }

    #[test]
    fn errors_name_file_lesson_and_field() {
        refused("number = 11\n", "", "a lesson has no number");
        refused("title = \"Channels\"", "", "lesson 11: title: is missing");
        refused("\"channels\"", "\"Channels!\"", "lesson 11: slug: `Channels!` is not a slug");
        refused("minutes = 10", "minutes = 0", "lesson 11, exercise 1: minutes: a number above 0");
        refused("difficulty = 2", "difficulty = 4", "lesson 11, exercise 1: difficulty: 1, 2 or 3");
        refused("\"two\", ", "", "lesson 11, exercise 1: hints: 3 are needed, 2 are given");
        refused("\"two\"", "\" \"", "lesson 11, exercise 1: hints: 3 are needed, 2 are given");
        refused("fails_with = \"not yet implemented\"", "", "lesson 11, exercise 1: fails_with");
        refused("minutes", "minuets", "unknown field `minuets`");
    }

    #[test]
    fn numbers_are_given_once_and_rise() {
        let exercise = &GOOD[GOOD.find("[[lesson.exercise]]").unwrap()..];
        let error = Course::parse(&format!("{GOOD}{exercise}")).unwrap_err();
        assert!(format!("{error:#}").contains("exercise 1: number: given twice"));
        let error = Course::parse(&format!("{GOOD}{GOOD}")).unwrap_err();
        assert!(format!("{error:#}").contains("lesson 11: number: lessons stand in rising order"));
    }

    #[test]
    fn ids_are_two_numbers() {
        assert_eq!("11.2".parse::<ExerciseId>().unwrap(), ExerciseId { lesson: 11, number: 2 });
        let milestone: ExerciseId = "project.3".parse().unwrap();
        assert_eq!((milestone, milestone.to_string().as_str()), (ExerciseId::milestone(3), "project.3"));
        for wrong in ["11", "11.", ".2", "11.0", "a.b", "1.2.3", "-1.2", "project", "project.0"] {
            assert!(wrong.parse::<ExerciseId>().is_err(), "{wrong}");
        }
    }
}
