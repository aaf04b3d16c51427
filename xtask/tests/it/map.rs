//! The map of the course on the book's first page: the lessons in their order, and the milestone that each stretch of them leads
//! to. It is drawn from the data of the course, in the style of the timelines; with `BLESS=1` this test draws it anew.

use std::fmt::Write;
use std::path::Path;

use xtask::course::{Course, Lesson};
use xtask::project::Project;

use self::svg::{CHAR_TENTHS, LINE, PAD, WIDTH, document, draw_number, draw_words, escape};
use crate::kept::assert_kept;

#[path = "../../../shared/src/svg.rs"]
mod svg;

const MAP: &str = "book/src/img/map.svg";
/// The height of a lesson.
const ROW: usize = 25;
/// Between two stretches.
const GAP: usize = 16;
/// The centres of the numbers.
const STATION: usize = PAD + 11;
const NAME: usize = STATION + 17;
/// Where the boxes on the right begin.
const BOX: usize = 222;
/// Within a box, above and below its words.
const MARGIN: usize = 7;

#[test]
fn the_map_shows_the_lessons_and_the_milestones() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies in the workspace");
    let stretches = stretches(&Course::load(root).unwrap(), &Project::load(root).unwrap());
    assert_kept(root, MAP, &draw(&stretches));
}

/// Lessons, and what one builds after them.
struct Stretch {
    lessons: Vec<Lesson>,
    name: String,
    what: String,
}

fn stretches(course: &Course, project: &Project) -> Vec<Stretch> {
    let mut lessons = course.lessons.iter().cloned().peekable();
    let mut stretches = Vec::new();
    for milestone in &project.milestones {
        let mut before = Vec::new();
        while let Some(lesson) = lessons.next_if(|lesson| lesson.number <= milestone.after) {
            before.push(lesson);
        }
        let name = format!("Milestone {}", milestone.id.number);
        stretches.push(Stretch { lessons: before, name, what: milestone.title.replace('`', "") });
    }
    let what = "the outbox and the bus that all of this leads to".to_owned();
    stretches.push(Stretch { lessons: lessons.collect(), name: "Capstone".to_owned(), what });
    stretches
}

fn draw(stretches: &[Stretch]) -> String {
    let mut body = String::new();
    let _ = writeln!(body, "<text class=\"soft\" x=\"{PAD}\" y=\"{}\">lessons</text>", PAD + 11);
    let _ = writeln!(body, "<text class=\"soft\" x=\"{BOX}\" y=\"{}\">what you build</text>", PAD + 11);
    let mut stations = String::new();
    let (top, mut y, mut last) = (PAD + 24, PAD + 24, 0);
    for (at, stretch) in stretches.iter().enumerate() {
        let mut words = String::new();
        let height_of_box = draw_words(&mut words, BOX + 10, 0, &stretch.name, &stretch.what) + 2 * MARGIN;
        let height = (stretch.lessons.len() * ROW).max(height_of_box);
        let bottom = y + height;
        let colour = at % 6;
        for (row, lesson) in stretch.lessons.iter().rev().enumerate() {
            last = last.max(bottom - ROW / 2);
            draw_lesson(&mut stations, lesson, colour, bottom - row * ROW - ROW / 2);
        }
        draw_box(&mut body, stretch, colour, bottom, height_of_box);
        y = bottom + GAP;
    }
    // Behind the stations.
    let _ =
        writeln!(body, "<path class=\"rule\" stroke-width=\"3\" d=\"M{STATION} {}V{last}\"/>", top + ROW / 2);
    body += &stations;
    document("map", "The course: lessons and milestones", &story(stretches), &body, y - GAP + PAD)
}

fn draw_lesson(body: &mut String, lesson: &Lesson, colour: usize, y: usize) {
    let width = lesson.title.chars().count() * CHAR_TENTHS / 10;
    assert!(NAME + width <= BOX, "{} is too long for the map", lesson.title);
    let number = usize::try_from(lesson.number).expect("lessons have two digits");
    draw_number(body, colour, STATION, y, number);
    let _ = writeln!(body, "<text x=\"{NAME}\" y=\"{}\">{}</text>", y + 4, escape(&lesson.title));
}

/// A box that ends at `bottom`, with a line to it from the last lesson.
fn draw_box(body: &mut String, stretch: &Stretch, colour: usize, bottom: usize, height: usize) {
    let (top, y) = (bottom - height, bottom - ROW / 2);
    let last = stretch.lessons.last().map_or("", |lesson| &lesson.title);
    let from = NAME + last.chars().count() * CHAR_TENTHS / 10 + 4;
    let _ = writeln!(body, "<path class=\"c{colour}\" stroke-width=\"1.5\" d=\"M{from} {y}H{BOX}\"/>");
    let _ = writeln!(
        body,
        "<rect class=\"c{colour}\" style=\"fill:none\" stroke-width=\"1.5\" x=\"{BOX}\" y=\"{top}\" width=\"{}\" height=\"{height}\" rx=\"4\"/>",
        WIDTH - PAD - BOX
    );
    let end = draw_words(body, BOX + 10, top + MARGIN - 1, &stretch.name, &stretch.what);
    debug_assert!(end <= bottom && height >= LINE);
}

/// The map in words.
fn story(stretches: &[Stretch]) -> String {
    let sentence = |stretch: &Stretch| {
        let lessons = stretch.lessons.iter().map(|lesson| format!("{} {}", lesson.number, lesson.title));
        let lessons: Vec<String> = lessons.collect();
        format!("Lessons {}. Then {}: {}.", lessons.join(", "), stretch.name, stretch.what)
    };
    stretches.iter().map(sentence).collect::<Vec<_>>().join(" ")
}
