//! A journal as a picture: one row a task, time to the right. Here the arrangement; drawing is in `text`, `svg`.

mod svg;
mod text;

use crate::{Entry, Journal};

/// A picture of a journal. One column a moment (not to scale), one row a task, each event a number that the list
/// below the picture explains. The same journal gives the same bytes.
#[derive(Clone, Debug)]
pub struct Timeline {
    title: String,
    entries: Vec<Entry>,
    /// The tasks, in the order of their first entry.
    tasks: Vec<String>,
    /// The moments at which something happened, each once.
    moments_ms: Vec<u64>,
}

impl Timeline {
    /// The picture of what stands in `journal` now.
    pub fn new(title: impl Into<String>, journal: &Journal) -> Self {
        Self::of_entries(title, journal.entries())
    }

    pub(crate) fn of_entries(title: impl Into<String>, entries: Vec<Entry>) -> Self {
        let mut tasks: Vec<String> = Vec::new();
        let mut moments_ms: Vec<u64> = Vec::new();
        for entry in &entries {
            if !tasks.contains(&entry.task) {
                tasks.push(entry.task.clone());
            }
            moments_ms.push(entry.at_ms);
        }
        moments_ms.sort_unstable();
        moments_ms.dedup();
        Self { title: title.into(), entries, tasks, moments_ms }
    }

    /// The title that it was given.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// Plain text for the terminal, at most 100 columns wide unless an entry is longer.
    pub fn text(&self) -> String {
        text::render(self)
    }

    /// A static SVG for the book. `name` must be unique on the page: ids are made of it.
    pub fn svg(&self, name: &str) -> String {
        svg::render(self, name)
    }

    /// The events of one task at one moment.
    fn cell<'a>(&'a self, task: &'a str, at_ms: u64) -> impl Iterator<Item = &'a Entry> {
        self.entries.iter().filter(move |entry| entry.task == task && entry.at_ms == at_ms)
    }

    /// The number of the busiest cell of a moment.
    fn busiest(&self, at_ms: u64) -> usize {
        self.tasks.iter().map(|task| self.cell(task, at_ms).count()).max().unwrap_or(0)
    }

    /// The first and the last moment of a task.
    fn span_ms(&self, task: &str) -> (u64, u64) {
        let mut moments = self.entries.iter().filter(|entry| entry.task == task).map(|entry| entry.at_ms);
        let first = moments.next().unwrap_or(0);
        (first, moments.next_back().unwrap_or(first))
    }

    /// Splits the moments into bands that fit `room`, where a moment takes `width(at_ms)`.
    fn bands(&self, room: usize, width: impl Fn(u64) -> usize) -> Vec<Vec<Column>> {
        let mut bands: Vec<Vec<Column>> = vec![Vec::new()];
        let mut x = 0;
        for &at_ms in &self.moments_ms {
            let width = width(at_ms);
            if x + width > room && x > 0 {
                bands.push(Vec::new());
                x = 0;
            }
            bands.last_mut().expect("there is always a band").push(Column { at_ms, x, width });
            x += width;
        }
        bands
    }
}

/// Where a moment stands in its band.
struct Column {
    at_ms: u64,
    x: usize,
    width: usize,
}

/// The number under which an event is listed.
fn number(entry: &Entry) -> usize {
    entry.seq + 1
}
