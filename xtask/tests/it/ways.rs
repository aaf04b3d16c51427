//! The table of minutes on the page "Ways through the course": exercises from `course.toml`, chapters by their length. This
//! test keeps it equal; with `BLESS=1` it writes it.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::path::Path;

use xtask::course::Course;
use xtask::onward;
use xtask::tree::Tree;

use crate::kept::assert_kept;

const TABLE: &str = "book/src/snippets/ways.txt";
/// Lessons have two digits; the milestones of the project have one.
const LESSONS: RangeInclusive<u32> = 10..=99;
/// Words of a chapter, without code, that one reads in a minute and understands.
const WORDS_A_MINUTE: usize = 120;
/// Pieces of code, output or drawing that one reads in a minute.
const PIECES_A_MINUTE: usize = 2;
/// To run a lesson, and to predict what it will print.
const RUNNING: usize = 5;

#[test]
fn the_table_of_minutes_says_what_the_course_has() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies in the workspace");
    let tree = Tree::read(root).unwrap();
    assert_kept(root, TABLE, &table(&Course::load(root).unwrap(), &tree));
}

/// The pages of each lesson in the order of the summary.
fn pages(tree: &Tree) -> BTreeMap<u32, Vec<&str>> {
    let mut pages: BTreeMap<u32, Vec<&str>> = BTreeMap::new();
    for page in onward::pages(tree.text("book/src/SUMMARY.md").unwrap_or_default()) {
        let number = page.title.split_once(" · ").and_then(|(number, _)| number.parse().ok());
        if let Some(number) = number.filter(|number| LESSONS.contains(number)) {
            pages.entry(number).or_default().push(page.file);
        }
    }
    pages
}

/// To read a page, in minutes. Exercises are counted elsewhere, although the page includes their tasks.
fn reading(page: &str) -> usize {
    let (mut words, mut pieces, mut is_code) = (0, 0, false);
    for line in page.lines() {
        let fence = line.starts_with("```");
        is_code ^= fence;
        pieces += usize::from((fence && is_code) || line.starts_with("!["));
        words += if fence || is_code { 0 } else { line.split_whitespace().count() };
    }
    words / WORDS_A_MINUTE + pieces / PIECES_A_MINUTE
}

fn table(course: &Course, tree: &Tree) -> String {
    let mut out = String::from("| lesson | read and run | exercises | together |\n|:---|---:|---:|---:|\n");
    let (mut all_reading, mut all_exercises, pages) = (0, 0, pages(tree));
    for lesson in &course.lessons {
        let pages = pages.get(&lesson.number).map(Vec::as_slice).unwrap_or_default();
        let texts = pages.iter().filter_map(|page| tree.text(&format!("book/src/{page}")));
        let minutes = RUNNING + texts.map(reading).sum::<usize>();
        let reading = minutes.div_ceil(5) * 5;
        let exercises: usize = lesson.exercises.iter().map(|exercise| exercise.minutes as usize).sum();
        (all_reading, all_exercises) = (all_reading + reading, all_exercises + exercises);
        let first = pages.first().copied().unwrap_or_default();
        let (number, title) = (lesson.number, &lesson.title);
        out += &format!(
            "| [{number} · {title}]({first}) | {reading} | {exercises} | {} |\n",
            reading + exercises
        );
    }
    let hours = |minutes: usize| format!("{}.{} h", minutes / 60, minutes % 60 / 6);
    let all = [all_reading, all_exercises, all_reading + all_exercises].map(hours);
    out += &format!("| all of them | {} |\n", all.join(" | "));
    out
}
