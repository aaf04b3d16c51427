//! Draws a timeline as a static SVG for the book: no script, no font to fetch, light and dark.

use std::fmt::Write;

use super::{Column, Timeline, number};
use crate::svg::{CHAR_TENTHS, PAD, WIDTH, document, draw_number, draw_words, escape};

/// The distance of two events of one task at one moment.
const STEP: usize = 22;
const GAP: usize = 12;
const SPREAD_MAX: usize = 40;
const ROW: usize = 30;
/// The average character in bold, as the names of tasks are, in tenths of a pixel.
const BOLD_TENTHS: usize = 80;
/// Where the first circle of a column stands, from its left edge.
const FIRST: usize = 11;

pub(super) fn render(timeline: &Timeline, name: &str) -> String {
    let gutter =
        timeline.tasks.iter().map(|task| bold_width(task)).max().unwrap_or(0).max(text_width("ms")) + GAP + 2;
    let room = WIDTH - 2 * PAD - gutter;
    // A short story is spread out a little, so that it does not cling to the left.
    let needed: usize = timeline.moments_ms.iter().map(|&at_ms| column_width(timeline, at_ms)).sum();
    let spread = (room.saturating_sub(needed) / timeline.moments_ms.len().max(1)).min(SPREAD_MAX);
    let bands = timeline.bands(room, |at_ms| column_width(timeline, at_ms) + spread);

    let mut body = String::new();
    let mut y = PAD;
    for band in &bands {
        y = draw_band(&mut body, timeline, band, PAD + gutter, y);
    }
    let height = draw_list(&mut body, timeline, y) + PAD;

    document(name, timeline.title(), &spoken(timeline), &body, height)
}

/// Wide enough for the circles of the busiest task, and for the milliseconds above them.
fn column_width(timeline: &Timeline, at_ms: u64) -> usize {
    (timeline.busiest(at_ms) * STEP).max(text_width(&at_ms.to_string())) + GAP
}

/// Draws the ruler and one row a task; returns where the next thing may start.
fn draw_band(body: &mut String, timeline: &Timeline, band: &[Column], left: usize, top: usize) -> usize {
    let rows_top = top + 24;
    let bottom = rows_top + timeline.tasks.len() * ROW;
    let _ = writeln!(body, "<text class=\"soft\" x=\"{PAD}\" y=\"{}\">ms</text>", top + 11);
    for column in band {
        let x = left + column.x;
        let _ = writeln!(body, "<text class=\"soft\" x=\"{x}\" y=\"{}\">{}</text>", top + 11, column.at_ms);
        let _ = writeln!(body, "<path class=\"rule\" d=\"M{x}.5 {}V{bottom}\"/>", top + 17);
    }
    for (row, task) in timeline.tasks.iter().enumerate() {
        draw_lane(body, timeline, band, Lane { row, task, left, y: rows_top + row * ROW + ROW / 2 });
    }
    bottom + 14
}

struct Lane<'a> {
    row: usize,
    task: &'a str,
    left: usize,
    y: usize,
}

fn draw_lane(body: &mut String, timeline: &Timeline, band: &[Column], lane: Lane<'_>) {
    let Lane { row, task, left, y } = lane;
    let (first_ms, last_ms) = timeline.span_ms(task);
    let _ = writeln!(body, "<text class=\"task\" x=\"{PAD}\" y=\"{}\">{}</text>", y + 4, escape(task));

    let colour = row % 6;
    let circle_x = |column: &Column, place: usize| left + column.x + FIRST + place * STEP;
    let during = |column: &&Column| (first_ms..=last_ms).contains(&column.at_ms);
    if let (Some(from), Some(to)) = (band.iter().find(during), band.iter().rev().find(during)) {
        let start = if from.at_ms == first_ms { circle_x(from, 0) } else { left + from.x };
        let ends_here = to.at_ms == last_ms;
        let last = timeline.cell(task, last_ms).count().saturating_sub(1);
        let end = if ends_here { circle_x(to, last) } else { left + to.x + to.width };
        let _ = writeln!(body, "<path class=\"c{colour}\" stroke-width=\"2\" d=\"M{start} {y}H{end}\"/>");
    }
    for column in band {
        for (place, entry) in timeline.cell(task, column.at_ms).enumerate() {
            draw_number(body, colour, circle_x(column, place), y, number(entry));
        }
    }
}

/// What each number means; returns where it ends.
fn draw_list(body: &mut String, timeline: &Timeline, top: usize) -> usize {
    let moment_width = timeline.moments_ms.last().map_or(0, |&at_ms| text_width(&moment(at_ms)));
    let circle_x = PAD + moment_width + 21;
    let words_x = circle_x + 15;
    let mut y = top;
    let mut last_ms = None;
    for entry in &timeline.entries {
        if last_ms != Some(entry.at_ms) {
            let _ = writeln!(body, "<path class=\"rule\" d=\"M{PAD} {y}.5H{}\"/>", WIDTH - PAD);
            y += 3;
            let at = moment(entry.at_ms);
            let _ = writeln!(body, "<text class=\"soft\" x=\"{PAD}\" y=\"{}\">{at}</text>", y + 15);
            last_ms = Some(entry.at_ms);
        }
        let row = timeline.tasks.iter().position(|task| *task == entry.task).expect("each task has a row");
        draw_number(body, row % 6, circle_x, y + 10, number(entry));
        y = draw_words(body, words_x, y, &entry.task, &entry.what);
        y += 4;
    }
    y
}

/// The story as one sentence after another, for those who cannot see it.
fn spoken(timeline: &Timeline) -> String {
    let lines: Vec<String> = timeline
        .entries
        .iter()
        .map(|entry| {
            format!("{}. At {}, {}: {}.", number(entry), moment(entry.at_ms), entry.task, entry.what)
        })
        .collect();
    lines.join(" ")
}

fn moment(at_ms: u64) -> String {
    format!("{at_ms} ms")
}

fn text_width(text: &str) -> usize {
    text.chars().count() * CHAR_TENTHS / 10
}

fn bold_width(text: &str) -> usize {
    text.chars().count() * BOLD_TENTHS / 10
}
