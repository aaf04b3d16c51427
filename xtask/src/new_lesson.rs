//! `cargo x new-lesson`: lays out a lesson in its three places, with code that compiles and tests that pass, and says what
//! to fill in. Overwrites nothing. The texts are in `templates/`.

use std::fmt::Write;
use std::path::Path;

use anyhow::{Result, anyhow, ensure};

use crate::carve::Carved;
use crate::onward::onward;
use crate::project::Project;
use crate::{course, text};

/// What a place that is still to be written begins with. The rules find every one that is left.
pub const FILL_IN: &str = concat!("FILL", " IN");

const SUMMARY: &str = "book/src/SUMMARY.md";
const EXERCISES: [(u32, &str); 2] = [(1, "first"), (2, "second")];

macro_rules! template {
    ($name:literal) => {
        include_str!(concat!("../templates/", $name))
    };
}

/// Where a file of a lesson goes, below `lessons/STEM`, and what it begins as.
const LESSON: [(&str, &str); 7] = [
    ("Cargo.toml", template!("lesson-Cargo.toml.txt")),
    ("src/lib.rs", template!("lesson-lib.rs.txt")),
    ("src/wrong.rs", template!("lesson-wrong.rs.txt")),
    ("src/story.rs", template!("lesson-story.rs.txt")),
    ("src/main.rs", template!("lesson-main.rs.txt")),
    ("tests/lesson.rs", template!("lesson-tests.rs.txt")),
    ("timeline.txt", template!("lesson-timeline.txt")),
];

/// The same for an exercise; `src/exercise.rs` is carved.
const EXERCISE: [(&str, &str); 9] = [
    ("Cargo.toml", template!("exercise-Cargo.toml.txt")),
    ("README.md", template!("exercise-README.md.txt")),
    ("spec.rs", template!("exercise-spec.rs.txt")),
    ("src/lib.rs", template!("exercise-lib.rs.txt")),
    ("tests/learner.rs", template!("exercise-test-learner.rs.txt")),
    ("answers/solution.rs", template!("exercise-solution.rs.txt")),
    ("answers/plausible/first_only.rs", template!("exercise-plausible-first.rs.txt")),
    ("answers/plausible/swapped.rs", template!("exercise-plausible-swapped.rs.txt")),
    ("answers/alternatives/made_first.rs", template!("exercise-alternative.rs.txt")),
];

/// What a lesson is called.
#[derive(Debug, Clone)]
pub struct Names {
    pub number: u32,
    pub slug: String,
    pub title: String,
}

/// Writes everything and returns what to do next.
pub fn new_lesson(root: &Path, names: &Names) -> Result<String> {
    names.check(root)?;
    let stem = names.stem();
    for (file, template) in LESSON {
        text::write(&root.join("lessons").join(&stem).join(file), &names.fill(template))?;
    }
    for (number, name) in EXERCISES {
        let folder = root.join(format!("exercises/{stem}/{number}-{name}"));
        for (file, template) in EXERCISE {
            text::write(&folder.join(file), &names.fill_exercise(template, number, name))?;
        }
        let carved = Carved::parse(&text::read(&folder.join("answers/solution.rs"))?);
        let carved = carved.map_err(|malformed| anyhow!("templates/exercise-solution.rs.txt:{malformed}"))?;
        text::write(&folder.join("src/exercise.rs"), &carved.starter())?;
    }
    let chapter = format!("{stem}.md");
    text::write(&root.join("book/src").join(&chapter), &names.fill(template!("chapter.md.txt")))?;
    edit(&root.join(course::FILE), |toml| insert_lesson(toml, names.number, &names.course_data()))?;
    let line = format!("- [{} · {}]({chapter})", names.number, names.title);
    edit(&root.join(SUMMARY), |summary| insert_chapter(summary, names.number, &line))?;
    write_parts(root, &stem, names)?;
    Ok(next_steps(names))
}

/// What the chapter includes besides code: its questions, and how it goes on.
fn write_parts(root: &Path, stem: &str, names: &Names) -> Result<()> {
    let questions = root.join(format!("book/src/snippets/predict/{stem}.txt"));
    text::write(&questions, &names.fill(template!("chapter-predict.txt")))?;
    let (course, project) = (course::Course::load(root)?, Project::load(root)?);
    for next in onward(&course, &project, &text::read(&root.join(SUMMARY))?) {
        if next.path.ends_with(&format!("/{stem}.txt")) {
            text::write(&root.join(next.path), &next.text)?;
        }
    }
    Ok(())
}

impl Names {
    fn stem(&self) -> String {
        format!("{}-{}", self.number, self.slug)
    }

    fn check(&self, root: &Path) -> Result<()> {
        let (number, stem) = (self.number, self.stem());
        ensure!(course::is_slug(&self.slug), "`{}` is not a slug: use a-z, 0-9 and hyphens", self.slug);
        ensure!(
            !self.title.trim().is_empty() && !self.title.contains(['"', '\\']),
            "the title must not be empty or quoted"
        );
        let course = course::Course::load(root)?;
        ensure!(
            course.lessons.iter().all(|lesson| lesson.number != number),
            "lesson {number} exists: {}",
            course::FILE
        );
        for place in [format!("lessons/{stem}"), format!("exercises/{stem}"), format!("book/src/{stem}.md")] {
            ensure!(!root.join(&place).exists(), "{place} exists");
        }
        Ok(())
    }

    fn fill(&self, template: &str) -> String {
        let filled =
            template.replace("{{number}}", &self.number.to_string()).replace("{{stem}}", &self.stem());
        filled.replace("{{slug}}", &self.slug).replace("{{title}}", &self.title)
    }

    fn fill_exercise(&self, template: &str, number: u32, name: &str) -> String {
        self.fill(template).replace("{{exercise}}", &number.to_string()).replace("{{name}}", name)
    }

    fn course_data(&self) -> String {
        let exercises = EXERCISES
            .iter()
            .map(|(number, name)| self.fill_exercise(template!("course-exercise.toml.txt"), *number, name));
        self.fill(template!("course.toml.txt")) + &exercises.collect::<String>()
    }
}

fn edit(path: &Path, change: impl FnOnce(&str) -> String) -> Result<()> {
    let before = if path.exists() { text::read(path)? } else { String::new() };
    text::write(path, &change(&before))
}

/// Before the first lesson with a larger number, else at the end.
fn insert_lesson(toml: &str, number: u32, block: &str) -> String {
    let starts = toml.match_indices("[[lesson]]").map(|(at, _)| at);
    let later = starts.into_iter().find(|&at| {
        let value = toml[at..].split_once("number").and_then(|(_, rest)| rest.trim_start().strip_prefix('='));
        let value = value.and_then(|rest| rest.split_whitespace().next()?.parse::<u32>().ok());
        value.is_some_and(|value| value > number)
    });
    match later {
        Some(at) => format!("{}{block}\n{}", &toml[..at], &toml[at..]),
        None if toml.trim().is_empty() => block.to_owned(),
        None => format!("{}\n\n{block}", toml.trim_end()),
    }
}

/// After the last lesson with a smaller number, else at the end.
fn insert_chapter(summary: &str, number: u32, line: &str) -> String {
    let mut lines: Vec<&str> = summary.lines().collect();
    let earlier = lines.iter().rposition(|line| chapter_number(line).is_some_and(|other| other < number));
    lines.insert(earlier.map_or(lines.len(), |at| at + 1), line);
    lines.join("\n") + "\n"
}

/// `- [11 Channels](11-channels.md)` is chapter 11.
fn chapter_number(line: &str) -> Option<u32> {
    line.split_once("](")?.1.split_once('-')?.0.trim_start_matches("./").parse().ok()
}

fn next_steps(names: &Names) -> String {
    let (number, stem) = (names.number, names.stem());
    let mut said = format!("Lesson {number} is laid out; search it for `{FILL_IN}`:\n");
    let steps = [
        (
            format!("lessons/{stem}"),
            "the mechanism, its wrong version, the scenes; tests/lesson.rs proves them",
        ),
        (format!("BLESS=1 cargo test -p lesson-{number}"), "writes timeline.txt and the drawings"),
        (
            format!("exercises/{stem}"),
            "each answers/solution.rs with its region, the other answers, spec.rs, README.md",
        ),
        (format!("cargo x learn reset {number}.1"), "carves src/exercise.rs again; the same for the second"),
        (course::FILE.to_owned(), "titles, minutes, hints, what the unsolved exercises fail with"),
        (format!("book/src/{stem}.md"), "the chapter"),
        (
            format!("book/src/snippets/predict/{stem}.txt"),
            "the questions that it begins with, and their answers",
        ),
        (
            "BLESS=1 cargo test -p xtask --test it".to_owned(),
            "writes what each chapter ends with, the map and the minutes",
        ),
        ("cargo x test-all".to_owned(), "says what is still missing"),
    ];
    let width = steps.iter().map(|(what, _)| what.len()).max().unwrap_or(0);
    for (what, why) in steps {
        writeln!(said, "  {what:<width$}   {why}").expect("a string takes all");
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lessons_stay_in_order() {
        let toml = "# the course\n[[lesson]]\nnumber = 11\n\n[[lesson]]\nnumber = 13\n";
        let block = "[[lesson]]\nnumber = 12\n";
        let expected =
            "# the course\n[[lesson]]\nnumber = 11\n\n[[lesson]]\nnumber = 12\n\n[[lesson]]\nnumber = 13\n";
        assert_eq!(insert_lesson(toml, 12, block), expected);
        assert_eq!(insert_lesson("", 12, block), block);
        assert_eq!(
            insert_lesson("[[lesson]]\nnumber = 9\n", 12, block),
            format!("[[lesson]]\nnumber = 9\n\n{block}")
        );
    }

    #[test]
    fn chapters_stay_in_order() {
        let summary = "# Summary\n\n[Start](start.md)\n\n- [11 A](11-a.md)\n- [13 C](13-c.md)\n\n# Capstone\n- [Why](why-an-outbox.md)\n";
        let expected = summary.replace("- [13", "- [12 B](12-b.md)\n- [13");
        assert_eq!(insert_chapter(summary, 12, "- [12 B](12-b.md)"), expected);
        assert_eq!(insert_chapter("# Summary\n", 12, "- [12 B](12-b.md)"), "# Summary\n- [12 B](12-b.md)\n");
    }

    #[test]
    fn what_exists_is_not_overwritten() {
        let root = tempfile::tempdir().unwrap();
        let names = |number, slug: &str| Names { number, slug: slug.to_owned(), title: "T".to_owned() };
        let refused = |names: &Names| new_lesson(root.path(), names).unwrap_err().to_string();
        text::write(
            &root.path().join(course::FILE),
            "[[lesson]]\nnumber = 11\nslug = \"a\"\ntitle = \"A\"\n",
        )
        .unwrap();
        text::write(&root.path().join("exercises/12-b/x"), "").unwrap();
        assert_eq!(refused(&names(11, "b")), "lesson 11 exists: exercises/course.toml");
        assert_eq!(refused(&names(12, "b")), "exercises/12-b exists");
        assert!(refused(&names(13, "Big Words")).contains("is not a slug"));
    }
}
