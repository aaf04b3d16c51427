//! The table of minutes on the page "Ways through the course": exercises from `course.toml`, chapters by their length. This
//! test keeps it equal; with `BLESS=1` it writes it.

use std::collections::BTreeMap;
use std::path::Path;

use xtask::course::Course;
use xtask::text;
use xtask::tree::Tree;

const TABLE: &str = "book/src/snippets/ways.txt";
/// Words of a chapter, without code, that one reads in a minute and understands.
const WORDS_A_MINUTE: usize = 120;
/// Pieces of code, output or drawing that one reads in a minute.
const PIECES_A_MINUTE: usize = 2;
/// To run a lesson, and to predict what it will print.
const RUNNING: usize = 5;

#[test]
fn the_table_of_minutes_says_what_the_course_has() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies in the workspace");
    let (tree, path) = (Tree::read(root).unwrap(), root.join(TABLE));
    let table = table(&Course::load(root).unwrap(), &tree);
    if std::env::var("BLESS").is_ok_and(|value| value == "1") {
        return text::update(&path, &table).unwrap();
    }
    let stored = tree.text(TABLE).unwrap_or_default().replace("\r\n", "\n");
    assert!(
        stored == table,
        "{TABLE} is out of date; run this test with BLESS=1, and look at the difference:\n{table}"
    );
}

/// The pages of each lesson in the order of the summary.
fn pages(tree: &Tree) -> BTreeMap<u32, Vec<&str>> {
    let mut pages: BTreeMap<u32, Vec<&str>> = BTreeMap::new();
    for line in tree.text("book/src/SUMMARY.md").unwrap_or_default().lines() {
        let parts = line.strip_prefix("- [").and_then(|rest| rest.split_once(" · ")?.1.split_once("]("));
        let number = line.strip_prefix("- [").and_then(|rest| rest.split_once(" · ")?.0.parse().ok());
        if let (Some(number), Some((_, page))) = (number, parts) {
            pages.entry(number).or_default().push(page.trim_end_matches(')'));
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
