//! Draws a timeline as plain text for a terminal.

use std::fmt::Write;

use super::{Column, Timeline, number};

const WIDTH: usize = 100;
const GAP: usize = 3;

pub(super) fn render(timeline: &Timeline) -> String {
    let gutter = timeline.tasks.iter().map(|task| task.chars().count()).max().unwrap_or(0).max(4) + 2;
    let mut out = String::new();
    for (at, band) in timeline.bands(WIDTH - gutter, |at_ms| column_width(timeline, at_ms)).iter().enumerate()
    {
        if at > 0 {
            out.push('\n');
        }
        draw_band(&mut out, timeline, band, gutter);
    }
    out.push('\n');
    draw_list(&mut out, timeline);
    out
}

/// Wide enough for the numbers of the busiest task, and for the milliseconds above them.
fn column_width(timeline: &Timeline, at_ms: u64) -> usize {
    let numbers =
        timeline.tasks.iter().map(|task| cell(timeline, task, at_ms).chars().count()).max().unwrap_or(0);
    numbers.max(at_ms.to_string().len()) + GAP
}

/// The numbers of one task at one moment: `1─2─3`.
fn cell(timeline: &Timeline, task: &str, at_ms: u64) -> String {
    timeline.cell(task, at_ms).map(|entry| number(entry).to_string()).collect::<Vec<_>>().join("─")
}

fn draw_band(out: &mut String, timeline: &Timeline, band: &[Column], gutter: usize) {
    let (mut ruler, mut ticks) = (String::new(), String::new());
    for column in band {
        let _ = write!(ruler, "{:<width$}", column.at_ms, width = column.width);
        let _ = write!(ticks, "{:<width$}", "╷", width = column.width);
    }
    let unit = "ms".to_owned() + &" ".repeat(2);
    push_line(out, &format!("{unit:>gutter$}{ruler}"));
    push_line(out, &format!("{:gutter$}{ticks}", ""));
    for task in &timeline.tasks {
        push_line(out, &format!("{task:<gutter$}{}", lane(timeline, task, band)));
    }
}

/// The row of one task: its numbers, with a line from its first to its last.
fn lane(timeline: &Timeline, task: &str, band: &[Column]) -> String {
    let (first_ms, last_ms) = timeline.span_ms(task);
    let mut row = String::new();
    for column in band {
        let cell = cell(timeline, task, column.at_ms);
        // Before the first and after the last entry of a task there is no line.
        let fill = if column.at_ms >= first_ms && column.at_ms < last_ms { "─" } else { " " };
        let rest = column.width - cell.chars().count();
        row.push_str(&cell);
        row.push_str(&fill.repeat(rest));
    }
    row
}

/// What each number means; the millisecond stands at the first entry of each moment.
fn draw_list(out: &mut String, timeline: &Timeline) {
    let task_width = timeline.tasks.iter().map(|task| task.chars().count()).max().unwrap_or(0);
    let number_width = timeline.entries.len().to_string().len();
    let mut last_ms = None;
    for entry in &timeline.entries {
        let moment = if last_ms == Some(entry.at_ms) { String::new() } else { format!("{} ms", entry.at_ms) };
        last_ms = Some(entry.at_ms);
        let n = number(entry);
        let line = format!("{moment:>10}  {n:>number_width$}  {:<task_width$}  {}", entry.task, entry.what);
        push_line(out, &line);
    }
}

fn push_line(out: &mut String, line: &str) {
    out.push_str(line.trim_end());
    out.push('\n');
}
