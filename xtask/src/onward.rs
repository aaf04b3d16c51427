//! The end of each chapter: what to do next in the terminal, and the page that follows. It is made from the data of the course, so
//! that it cannot fall behind. A test keeps the files as they are made here; a new lesson begins with its own.

use std::fmt::Write;

use crate::course::{Course, Lesson};
use crate::project::Project;

/// What follows a lesson: its file, and the text of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Onward {
    /// From the root.
    pub path: String,
    pub text: String,
}

/// A page of the book, as the summary names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page<'a> {
    pub title: &'a str,
    /// `11-channels.md`
    pub file: &'a str,
}

/// The pages in the order in which the book turns them.
pub fn pages(summary: &str) -> impl Iterator<Item = Page<'_>> {
    summary.lines().filter_map(|line| {
        let (title, rest) = line.trim_start().trim_start_matches("- ").strip_prefix('[')?.split_once("](")?;
        Some(Page { title, file: rest.trim_end().strip_suffix(')')? })
    })
}

/// What follows each lesson.
pub fn onward(course: &Course, project: &Project, summary: &str) -> Vec<Onward> {
    let after = |(at, lesson): (usize, &Lesson)| Onward {
        path: format!("book/src/snippets/next/{}.txt", lesson.stem),
        text: text(lesson, course.lessons.get(at + 1), project, summary),
    };
    course.lessons.iter().enumerate().map(after).collect()
}

fn text(lesson: &Lesson, next: Option<&Lesson>, project: &Project, summary: &str) -> String {
    let mut commands: Vec<(String, String)> = Vec::new();
    for exercise in &lesson.exercises {
        let command = format!("cargo x learn watch {}", exercise.id);
        commands.push((command, format!("{}, {} min", exercise.title, exercise.minutes)));
    }
    for milestone in project.milestones.iter().filter(|milestone| milestone.after == lesson.number) {
        let number = milestone.id.number;
        let what = format!("milestone {number} of the project: {}", milestone.title.replace('`', ""));
        commands.push((format!("cargo x learn project {number}"), what));
    }
    commands.push(match next {
        Some(next) => {
            (format!("cargo run -p lesson-{}", next.number), format!("the next lesson: {}", next.title))
        }
        None => ("cargo run -p capstone".to_owned(), "what the lessons lead to".to_owned()),
    });
    let width = commands.iter().map(|(command, _)| command.len()).max().unwrap_or(0);
    let mut text = "```text\n".to_owned();
    for (command, what) in commands {
        writeln!(text, "{command:<width$}   {what}").expect("a string takes all");
    }
    text += "```\n";
    let own = format!("{}.md", lesson.stem);
    if let Some(page) = pages(summary).skip_while(|page| page.file != own).nth(1) {
        write!(text, "\nThen turn to [{}]({}).\n", page.title, page.file).expect("a string takes all");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::course;

    const NEXT: &str = "[[lesson]]\nnumber = 12\nslug = \"kinds\"\ntitle = \"Channel kinds\"\n";

    const PROJECT: &str = "[[milestone]]\ntitle = \"It survives `kill -9`\"\nafter = 11\nseconds = 5\nfile = \"relay.rs\"\n\
        fails_with = \"x\"\nhints = [\"a\", \"b\", \"c\"]\n";

    const SUMMARY: &str = "# Summary\n\n[Start](start.md)\n\n- [11 · Channels](11-channels.md)\n  - [More](more.md)\n- [12 · Kinds](12-kinds.md)\n";

    #[test]
    fn exercises_a_milestone_and_the_next_lesson() {
        let course = Course::parse(&format!("{}{NEXT}", course::GOOD)).unwrap();
        let project = Project::parse(PROJECT).unwrap();
        let expected = "```text\n\
            cargo x learn watch 11.1   Backpressure, 10 min\n\
            cargo x learn project 1    milestone 1 of the project: It survives kill -9\n\
            cargo run -p lesson-12     the next lesson: Channel kinds\n\
            ```\n\n\
            Then turn to [More](more.md).\n";
        let [first, last] = &onward(&course, &project, SUMMARY)[..] else { panic!("two lessons") };
        assert_eq!(first.path, "book/src/snippets/next/11-channels.txt");
        assert_eq!(first.text, expected);
        assert_eq!(last.text, "```text\ncargo run -p capstone   what the lessons lead to\n```\n");
    }
}
