//! `assert_journal!`: compares a journal with the expected story and shows both, as wide as the terminal is.

mod table;

use std::collections::VecDeque;
use std::env;

use table::table;

use crate::{Entry, Journal};

/// The width of the terminal for which a failure is shown. Whoever runs the test and knows it sets this; without it the stories
/// stand side by side.
const COLUMNS: &str = "JOURNAL_COLUMNS";

/// Asserts the whole story of a journal: every entry, with its exact millisecond.
///
/// Entries of *different* tasks on the *same* millisecond may come in any order, because Tokio does not promise
/// one. The entries of one task are compared in order.
///
/// ```
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() {
/// use shared::{Journal, assert_journal};
///
/// let journal = Journal::new();
/// journal.log("consumer", "waits");
/// journal.log("producer 1", "sends");
/// assert_journal!(journal, [(0, "producer 1", "sends"), (0, "consumer", "waits")]);
/// # }
/// ```
#[macro_export]
macro_rules! assert_journal {
    ($journal:expr, [$(($at_ms:expr, $task:expr, $what:expr)),* $(,)?]) => {
        $crate::check_journal(&$journal, vec![$(($at_ms, $task.to_string(), $what.to_string())),*])
    };
}

/// A line of the story.
#[derive(Clone, PartialEq, Eq)]
struct Line {
    at_ms: u64,
    task: String,
    what: String,
}

/// A row of the report: what was expected, and what happened.
type Row = (Option<Line>, Option<Line>);

/// Does the work of [`assert_journal!`].
#[doc(hidden)]
#[track_caller]
pub fn check_journal(journal: &Journal, expected: Vec<(u64, String, String)>) {
    assert!(
        expected.is_sorted_by_key(|line| line.0),
        "the expected story must be in the order of time: its milliseconds may not go back"
    );
    let expected = expected.into_iter().map(|(at_ms, task, what)| Line { at_ms, task, what }).collect();
    let actual = journal.entries().into_iter().map(line).collect();
    let rows = align(expected, actual);
    if let Some(first) = first_difference(&rows) {
        panic!("{}", report(&rows, first));
    }
}

/// The row to explain: of the first millisecond that differs, an entry that is missing rather than one that is too many.
fn first_difference(rows: &[Row]) -> Option<usize> {
    let first = rows.iter().position(|(want, got)| want != got)?;
    let at_ms = |row: &Row| both(row).next().map(|line| line.at_ms);
    let moment = rows[first..].iter().take_while(|row| at_ms(row) == at_ms(&rows[first]));
    let missing = moment.into_iter().position(|(want, got)| want.is_some() && want != got);
    Some(first + missing.unwrap_or(0))
}

fn line(entry: Entry) -> Line {
    Line { at_ms: entry.at_ms, task: entry.task, what: entry.what }
}

/// Puts each expected line beside the actual one that fulfils it.
///
/// The rows are in the order in which things happened. Within a millisecond each task has its own order: an entry is compared
/// with the next one that is expected of that task. What is left without a partner stands alone in its row.
fn align(expected: Vec<Line>, actual: Vec<Line>) -> Vec<Row> {
    let mut rows = Vec::new();
    let (mut expected, mut actual) = (VecDeque::from(expected), VecDeque::from(actual));
    while let Some(at_ms) = expected.iter().chain(&actual).map(|line| line.at_ms).min() {
        let mut wanted = take_moment(&mut expected, at_ms);
        for got in take_moment(&mut actual, at_ms) {
            let partner = wanted.iter().position(|want| want.task == got.task);
            rows.push((partner.map(|at| wanted.remove(at)), Some(got)));
        }
        rows.extend(wanted.into_iter().map(|want| (Some(want), None)));
    }
    rows
}

/// Takes the lines of one millisecond from the front.
fn take_moment(lines: &mut VecDeque<Line>, at_ms: u64) -> Vec<Line> {
    let count = lines.iter().take_while(|line| line.at_ms == at_ms).count();
    lines.drain(..count).collect()
}

/// The failure message: both stories, the first difference marked and explained.
fn report(rows: &[Row], first: usize) -> String {
    let room = env::var(COLUMNS).ok().and_then(|columns| columns.parse().ok()).unwrap_or(usize::MAX);
    let (table, explained) = (table(rows, first, room), explain(rows, first));
    format!("the journal differs from the expected story\n\n{table}\n{explained}\n")
}

/// One sentence about the first difference.
fn explain(rows: &[Row], first: usize) -> String {
    let same_entry = |a: &Line, b: &Line| a.task == b.task && a.what == b.what;
    let differing = || rows.iter().filter(|(want, got)| want != got);
    match &rows[first] {
        (Some(want), Some(got)) => format!(
            "First difference: at {} ms {} was expected to log \"{}\", but logged \"{}\".",
            want.at_ms, want.task, want.what, got.what
        ),
        (Some(want), None) => {
            let actual = || differing().filter_map(|row| row.1.as_ref());
            if let Some(got) = actual().find(|got| same_entry(want, got)) {
                return late_or_early(want, got);
            }
            let what_then = match actual().find(|got| got.what == want.what) {
                Some(got) => format!("but {} logged it, at {} ms", got.task, got.at_ms),
                None => "but never did".to_owned(),
            };
            format!(
                "First difference: at {} ms {} was expected to log \"{}\", {what_then}.",
                want.at_ms, want.task, want.what
            )
        }
        (None, Some(got)) => {
            let expected = || differing().filter_map(|row| row.0.as_ref());
            if let Some(want) = expected().find(|want| same_entry(want, got)) {
                return late_or_early(want, got);
            }
            let what_then = match expected().find(|want| want.what == got.what) {
                Some(want) => format!("which was expected of {}, at {} ms", want.task, want.at_ms),
                None => "which was not expected".to_owned(),
            };
            format!(
                "First difference: at {} ms {} logged \"{}\", {what_then}.",
                got.at_ms, got.task, got.what
            )
        }
        (None, None) => unreachable!("a row has at least one side"),
    }
}

fn late_or_early(want: &Line, got: &Line) -> String {
    let by_ms = want.at_ms.abs_diff(got.at_ms);
    let how = if got.at_ms > want.at_ms { "late" } else { "early" };
    format!(
        "First difference: {} was expected to log \"{}\" at {} ms, but did so at {} ms: {by_ms} ms too {how}.",
        want.task, want.what, want.at_ms, got.at_ms
    )
}

fn both(row: &Row) -> impl Iterator<Item = &Line> {
    row.0.iter().chain(row.1.iter())
}
