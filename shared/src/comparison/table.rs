//! The two stories as a table: side by side where there is room, else one above the other. Does not compare them.

use std::fmt::Write;

use super::{Line, Row, both};

/// What stands before an entry: the mark.
const MARGIN: usize = 5;
/// An entry gets at least this many columns for what the task did, however narrow the terminal is.
const WORDS_MIN: usize = 16;

/// Marks the first difference with `==>` and each other one with `!`. `room` is the width of the terminal.
pub(super) fn table(rows: &[Row], first: usize, room: usize) -> String {
    let beside = side_by_side(rows, first);
    if beside.lines().all(|line| chars(line) <= room) {
        return beside;
    }
    let expected = one_story("expected", |(want, _)| want.as_ref(), rows, first, room);
    let happened = one_story("what happened", |(_, got)| got.as_ref(), rows, first, room);
    format!("{expected}\n{happened}")
}

fn side_by_side(rows: &[Row], first: usize) -> String {
    let task_width = task_width(rows);
    let show = |line: &Option<Line>| match line {
        Some(Line { at_ms, task, what }) => format!("{at_ms:>6} ms  {task:<task_width$}  {what}"),
        None => "     --".to_owned(),
    };
    let width = rows.iter().map(|(want, _)| chars(&show(want))).max().unwrap_or(0).max(8);
    let mut out = String::new();
    let _ = writeln!(out, "     {:<width$} | what happened", "expected");
    let _ = writeln!(out, "     {:-<width$}-+-{:-<width$}", "", "");
    for (at, row) in rows.iter().enumerate() {
        let _ = writeln!(out, " {} {:<width$} | {}", mark(at, row, first), show(&row.0), show(&row.1));
    }
    out
}

/// Where the first difference is that nothing stands in this story, a line says so.
fn one_story(
    title: &str,
    side: impl Fn(&Row) -> Option<&Line>,
    rows: &[Row],
    first: usize,
    room: usize,
) -> String {
    let (task_width, margin) = (task_width(rows), " ".repeat(MARGIN));
    let mut out = format!("{margin}{title}\n{margin}{}\n", "-".repeat(chars(title)));
    for (at, row) in rows.iter().enumerate() {
        let entry = match side(row) {
            Some(Line { at_ms, task, .. }) => format!("{at_ms:>6} ms  {task:<task_width$}  "),
            None if at == first => "     --".to_owned(),
            None => continue,
        };
        let indent = MARGIN + chars(&entry);
        let words = side(row).map_or("", |line| &line.what);
        let mut start = format!(" {} {entry}", mark(at, row, first));
        for line in broken(words, room.saturating_sub(indent).max(WORDS_MIN)) {
            let _ = writeln!(out, "{}", format!("{start}{line}").trim_end());
            start = " ".repeat(indent);
        }
    }
    out
}

fn mark(at: usize, (want, got): &Row, first: usize) -> &'static str {
    match (at == first, want == got) {
        (true, _) => "==>",
        (false, true) => "   ",
        (false, false) => " ! ",
    }
}

fn task_width(rows: &[Row]) -> usize {
    rows.iter().flat_map(both).map(|line| chars(&line.task)).max().unwrap_or(0)
}

/// Breaks between words. A word that is longer than the line keeps one of its own. There is at least one line.
fn broken(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let line = lines.last_mut().expect("there is one");
        if line.is_empty() {
            line.push_str(word);
        } else if chars(line) + 1 + chars(word) <= width {
            line.push(' ');
            line.push_str(word);
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}

fn chars(text: &str) -> usize {
    text.chars().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(at_ms: u64, task: &str, what: &str) -> Option<Line> {
        Some(Line { at_ms, task: task.to_owned(), what: what.to_owned() })
    }

    fn rows() -> Vec<Row> {
        let both = |line: Option<Line>| (line.clone(), line);
        vec![
            both(line(0, "producer", "sent 1")),
            (line(136, "producer 2", "waits for a slot of the channel"), None),
            (None, line(137, "producer 2", "waits")),
            both(line(508, "consumer", "got 1")),
        ]
    }

    #[test]
    fn side_by_side_where_there_is_room() {
        let rule = "-".repeat(55);
        let expected = [
            "     expected                                               | what happened",
            &format!("     {rule}+{rule}"),
            "          0 ms  producer    sent 1                          |      0 ms  producer    sent 1",
            " ==>    136 ms  producer 2  waits for a slot of the channel |      --",
            "  !       --                                                |    137 ms  producer 2  waits",
            "        508 ms  consumer    got 1                           |    508 ms  consumer    got 1",
        ];
        assert_eq!(table(&rows(), 1, 200).lines().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn one_above_the_other_where_there_is_none() {
        let expected = [
            "     expected",
            "     --------",
            "          0 ms  producer    sent 1",
            " ==>    136 ms  producer 2  waits for a slot of",
            "                            the channel",
            "        508 ms  consumer    got 1",
            "",
            "     what happened",
            "     -------------",
            "          0 ms  producer    sent 1",
            " ==>      --",
            "  !     137 ms  producer 2  waits",
            "        508 ms  consumer    got 1",
        ];
        assert_eq!(table(&rows(), 1, 50).lines().collect::<Vec<_>>(), expected);
    }
}
